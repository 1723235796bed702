import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { expect } from 'chai'
import { until } from '#test/until.ts'
import { an, Client, type Fixture, mail, password, startFixture } from './fixture.ts'

/** Repeatable "random" octets. */
function* noise(seed: string): Generator<Buffer> {
  for (let i = 0; ; i++) yield createHash('sha512').update(`${seed} ${i}`).digest()
}
function octets(seed: string, length: number): Buffer {
  const parts: Buffer[] = []
  for (const part of noise(seed)) {
    parts.push(part)
    if (parts.length * 64 >= length) return Buffer.concat(parts, length)
  }
  return Buffer.alloc(0)
}

describe('IMAP: hostile clients', () => {
  let f: Fixture
  before(async () => {
    f = await startFixture({ threads: 1 })
    for (let i = 0; i < 5; i++) await f.deliver(an, mail(`Thư ${i}`))
  })
  after(() => f[Symbol.asyncDispose]())

  /** Somebody else is served as before. */
  const stillServes = async () => {
    const c = await f.as(an)
    expect(await c.ok('STATUS INBOX (MESSAGES)')).to.contain('MESSAGES')
    c.destroy()
  }

  const states: [state: string, enter: (c: Client) => Promise<void>][] = [
    ['before login', async () => undefined],
    ['signed in', async (c) => void (await c.ok(`LOGIN ${an} "${password}"`))],
    [
      'selected',
      async (c) => {
        await c.ok(`LOGIN ${an} "${password}"`)
        await c.ok('SELECT INBOX')
      },
    ],
    [
      'in IDLE',
      async (c) => {
        await c.ok(`LOGIN ${an} "${password}"`)
        await c.ok('SELECT INBOX')
        c.write('i IDLE\r\n')
        await c.until('+ idling')
      },
    ],
    [
      'inside a literal',
      async (c) => {
        await c.ok(`LOGIN ${an} "${password}"`)
        c.write('a APPEND INBOX {100000}\r\n')
        await c.until('+ ')
      },
    ],
    [
      'during STARTTLS',
      async (c) => {
        c.write('a STARTTLS\r\n')
        await c.until('a OK')
      },
    ],
  ]
  for (const [state, enter] of states)
    it(`random octets ${state}`, async () => {
      for (let round = 0; round < 5; round++) {
        const c = await f.connect()
        await enter(c)
        c.write(octets(`${state} ${round}`, 30_000))
        c.write('\r\n\r\n')
        c.socket.end()
        await c.untilClosed()
      }
      await stillServes()
    })

  it('grammar-like junk in every command', async () => {
    const words = [
      '(',
      ')',
      '"',
      '\\',
      '{3+}\r\nabc',
      '{3}',
      'NIL',
      '*',
      '1:*',
      '$',
      'INBOX',
      '[',
      ']',
      '<1.2>',
      'BODY[',
      'UID',
      ' ',
      '%',
      '\0',
      '~{2+}\r\n\0\0',
      'é',
      '4294967296',
      '-1',
      'FLAGS',
      'RETURN',
    ]
    const commands = [
      'LOGIN',
      'LIST',
      'LSUB',
      'SELECT',
      'FETCH',
      'UID FETCH',
      'SEARCH',
      'STORE',
      'COPY',
      'MOVE',
      'APPEND',
      'STATUS',
      'CREATE',
      'RENAME',
      'ID',
      'ENABLE',
      'SETQUOTA',
      'UID EXPUNGE',
      'AUTHENTICATE',
      'GETQUOTA',
    ]
    const dice = octets('dice', 20_000)
    let at = 0
    const pick = <T>(list: readonly T[]) => list[dice[at++ % dice.length]! % list.length]!
    let c = await f.as(an)
    await c.ok('SELECT INBOX')
    for (let i = 0; i < 1500; i++) {
      const args = Array.from({ length: (dice[at++ % dice.length]! % 6) + 1 }, () => pick(words)).join(pick(['', ' ']))
      if (c.closed) {
        c = await f.as(an)
        await c.ok('SELECT INBOX')
      }
      c.write(`j${i} ${pick(commands)} ${args}\r\n`)
      if (/\{3\}$/.test(args)) c.write('abc\r\n')
      if (i % 10 === 9) c.write(`n${i} NOOP\r\n`)
      await new Promise((resolve) => setImmediate(resolve))
    }
    c.destroy()
    await stillServes()
  })

  const oversized: [what: string, send: string][] = [
    ['a literal before login', 'a LOGIN {100000000}\r\n'],
    ['a literal without asking before login', 'a LOGIN {100000000+}\r\n'],
    ['a literal with absurd digits', 'a LOGIN {99999999999999999999}\r\n'],
    ['a literal with even more digits', `a LOGIN {${'9'.repeat(5000)}}\r\n`],
  ]
  for (const [what, send] of oversized)
    it(`${what} is BAD`, async () => {
      const c = await f.connect()
      c.write(send)
      expect(await c.until(/\* BYE|a BAD|a NO|\* BAD/)).to.match(/BAD|BYE|NO/)
      c.destroy()
      await stillServes()
    })

  it('a line without an end before login', async () => {
    const c = await f.connect()
    c.write(Buffer.alloc(6 * 1024 ** 2, 97))
    expect(await c.untilClosed()).to.contain('BAD')
    await stillServes()
  })

  it('a command longer than a line may be is told so by its tag, and the session goes on', async () => {
    const c = await f.as(an)
    for (const command of [`SEARCH ${'OR ALL '.repeat(12_000)}ALL`, `UID FETCH 1 (${'FLAGS '.repeat(14_000)}UID)`])
      expect(await c.command(command)).to.match(/^BAD/)
    await c.ok('NOOP')
  })

  it('ten thousand parentheses', async () => {
    const c = await f.as(an)
    await c.ok('SELECT INBOX')
    for (const command of [
      `SEARCH ${'('.repeat(10_000)}`,
      `SEARCH ${'NOT '.repeat(10_000)}ALL`,
      `FETCH 1 ${'('.repeat(10_000)}`,
      `LIST ${'('.repeat(10_000)} "" *`,
    ])
      expect(await c.command(command)).to.match(/^BAD/)
    await c.ok('NOOP')
  })

  it('patterns and sets that want to explode', async () => {
    const c = await f.as(an)
    await c.ok('SELECT INBOX')
    const started = performance.now()
    await c.command(`LIST "" "${'*a%'.repeat(300)}"`)
    await c.ok(`UID FETCH ${Array.from({ length: 9_000 }, (_, i) => i + 1).join(',')} FLAGS`)
    await c.ok(`UID SEARCH ${'OR (SUBJECT a TEXT b) '.repeat(10)}ALL`)
    expect(performance.now() - started).to.be.below(10_000)
  })

  it('a flood of bad commands ends the connection', async () => {
    const c = await f.connect()
    for (let i = 0; i < 100; i++) c.write(`x${i} NONSENSE\r\n`)
    expect(await c.untilClosed()).to.contain('* BYE')
  })

  it('HTTP and SMTP knocking at the door', async () => {
    for (const hello of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'EHLO x\r\nMAIL FROM:<a@b>\r\n']) {
      const c = await f.connect()
      c.write(hello)
      expect(await c.until(/BAD[^\n]*\n/)).to.contain('BAD')
      c.destroy()
    }
  })

  it('one line that asks for a large message 400 times over is refused; every part once is not', async () => {
    const uid = await f.deliver(an, mail('Nhân lên', 'x'.repeat(998).concat('\r\n').repeat(3_000)))
    const c = await f.as(an)
    await c.ok('SELECT INBOX')
    const many = (item: (n: number) => string) => Array.from({ length: 400 }, (_, n) => item(n)).join(' ')
    for (const items of [
      many((n) => `BODY.PEEK[]<${n}.4000000>`),
      many((n) => `BODY.PEEK[TEXT]<${n}.4000000>`),
      many((n) => `BINARY.PEEK[1]<${n}.10>`),
    ])
      expect(await c.command(`UID FETCH ${uid} (${items})`)).to.match(/^NO \[LIMIT\]/m)
    const disjoint = await c.ok(`UID FETCH ${uid} (${many((n) => `BODY.PEEK[]<${n * 7_500}.7500>`)})`)
    expect(disjoint.length).to.be.above(2_900_000)
    await c.ok(
      `UID FETCH ${uid} (BODY.PEEK[] BODY.PEEK[HEADER] BODY.PEEK[TEXT] BODY.PEEK[1] BINARY.PEEK[1] BINARY.SIZE[1])`,
    )
    await c.ok(`UID FETCH 1 (${many((n) => `BODY.PEEK[HEADER.FIELDS (X-${n})]`)})`)
  })

  it('a slow reader costs bounded memory, and the others are served meanwhile', async function () {
    this.timeout(120_000)
    await f.deliver(an, mail('Lớn', 'x'.repeat(998).concat('\r\n').repeat(4_000)))
    const open = f.imap.connections()
    const slow = await f.as(an)
    await slow.ok('SELECT INBOX')
    slow.socket.pause()
    const before = process.memoryUsage().rss
    for (let i = 0; i < 60; i++) slow.write(`s${i} UID FETCH 1:* (BODY.PEEK[])\r\n`)
    for (let i = 0; i < 10; i++) await stillServes()
    // 60 × 4 MB were asked for; a handful of chunks may wait.
    expect(process.memoryUsage().rss - before).to.be.below(100 * 1024 ** 2)
    slow.destroy()
    await until('the connection to be forgotten', () => f.imap.connections() <= open)
  })

  it('strangers cannot take every place', async () => {
    const before = f.imap.connections()
    const open: Client[] = []
    const greet = async () => {
      const c = new Client(connect(f.imap.ports.imap, '127.0.0.1'))
      open.push(c)
      return c.until('\r\n')
    }
    let refused = ''
    for (let i = 0; i <= 400 && !refused.startsWith('* BYE'); i += 25) {
      const greetings = await Promise.all(Array.from({ length: 25 }, greet))
      refused = greetings.find((each) => each.startsWith('* BYE')) ?? ''
    }
    expect(refused).to.match(/^\* BYE \[UNAVAILABLE\]/)
    for (const c of open) c.destroy()
    await until('a place', async () => !(await greet()).startsWith('* BYE'))
    for (const c of open) c.destroy()
    await until('the connections to be forgotten', () => f.imap.connections() <= before)
  })

  it('a client that goes away in the middle of everything', async () => {
    const open = f.imap.connections()
    for (const last of [
      'a APPEND INBOX {1000}\r\n',
      'a FETCH 1:* BODY[]\r\n',
      'a IDLE\r\n',
      'a LOGIN {5}\r\n',
      'a SEARCH CHARSET',
    ]) {
      const c = await f.as(an)
      await c.ok('SELECT INBOX')
      c.write(last)
      c.destroy()
    }
    await until('the connections to be forgotten', () => f.imap.connections() <= open)
    await stillServes()
  })
})
