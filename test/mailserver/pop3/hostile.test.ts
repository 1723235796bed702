import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { expect } from 'chai'
import { until } from '#test/until.ts'
import { an, type Fixture, ha, mail, PopClient, password, pop, startFixture } from './fixture.ts'

/** Repeatable "random" octets. */
function octets(seed: string, length: number): Buffer {
  const parts: Buffer[] = []
  for (let i = 0; parts.length * 64 < length; i++) parts.push(createHash('sha512').update(`${seed} ${i}`).digest())
  return Buffer.concat(parts, length)
}

describe('POP3: hostile clients', () => {
  let f: Fixture
  before(async () => {
    f = await startFixture({ threads: 1, maxMessageMb: 60, quota: 2 ** 40 })
    await f.deliver(ha, mail('Của Hà'))
  })
  after(() => f[Symbol.asyncDispose]())

  const stillServes = async () => {
    const c = await pop(f, ha)
    expect(await c.good('STAT')).to.match(/^\+OK 1 /)
    await c.good('QUIT')
    await c.untilClosed()
  }
  const signedIn = async (): Promise<PopClient> =>
    until('the mailbox to be free', async () => {
      const c = await pop(f)
      await c.good('UTF8')
      await c.good(`USER ${an}`)
      if ((await c.line(`PASS ${password}`)).startsWith('+OK')) return c
      c.destroy()
      return undefined
    })

  for (const [state, enter] of [
    ['before login', () => pop(f)],
    ['signed in', signedIn],
    [
      'within AUTH',
      async () => {
        const c = await pop(f)
        await c.line('AUTH PLAIN')
        return c
      },
    ],
    [
      'during STLS',
      async () => {
        const c = await pop(f)
        await c.good('STLS')
        return c
      },
    ],
  ] as const)
    it(`random octets ${state}`, async () => {
      for (let round = 0; round < 5; round++) {
        const c = await enter()
        c.write(octets(`${state} ${round}`, 30_000))
        c.write('\r\n\r\n')
        c.socket.end()
        await c.untilClosed()
      }
      await stillServes()
    })

  it('odd arguments to every command', async () => {
    const names = [
      'USER',
      'PASS',
      'AUTH',
      'LIST',
      'UIDL',
      'RETR',
      'TOP',
      'DELE',
      'LANG',
      'CAPA',
      'STAT',
      'NOOP',
      'RSET',
      'UTF8',
    ]
    const args = [
      '',
      ' ',
      '-1',
      '0',
      '1',
      '4294967296',
      '99999999999999999999',
      '1 1',
      '1 -1',
      '1e3',
      '0x1',
      '\0',
      'é',
      '*',
      '1\t1',
      '=',
      '%s%n',
    ]
    const c = await signedIn()
    let refused = 0
    for (const name of names)
      for (const arg of args) {
        if (++refused % 30 === 0) await c.good('NOOP')
        const answer = await c.line(`${name} ${arg}`)
        if (answer.startsWith('+OK') && ['LANG', 'CAPA', 'LIST', 'UIDL'].includes(name) && arg.trim() === '')
          if (!c.received.startsWith('.\r\n')) await c.until('\r\n.\r\n')
          else await c.until('.\r\n')
        expect(answer, `${name} ${arg}`).to.match(/^(\+OK|-ERR)/)
      }
    await c.good('QUIT')
    await stillServes()
  })

  it('a line without an end, and one that is too long', async () => {
    for (const line of [Buffer.alloc(6 * 1024 ** 2, 97), Buffer.from(`USER ${'x'.repeat(100_000)}\r\n`)]) {
      const c = await pop(f)
      c.write(line)
      expect(await c.untilClosed()).to.match(/^-ERR/)
    }
    const c = await pop(f)
    await c.line('AUTH PLAIN')
    c.write('A'.repeat(100_000))
    expect(await c.untilClosed()).to.match(/^-ERR/)
    await stillServes()
  })

  it('HTTP, and a flood of nonsense', async () => {
    const c = await pop(f)
    c.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    c.write('NONSENSE\r\n'.repeat(100))
    const said = await c.untilClosed()
    expect(said.match(/-ERR/g)!.length).to.be.below(60)
    await stillServes()
  })

  it('a message of 50 MB to a client that does not read costs bounded memory, then arrives whole', async function () {
    this.timeout(120_000)
    const body = `${'.'.repeat(76)}\r\n`.repeat(Math.floor((50 * 1024 ** 2) / 78))
    await f.deliver(an, mail('Lớn', body))
    const c = await signedIn()
    const size = Number((await c.good('LIST 1')).split(' ')[2])
    c.socket.pause()
    const before = process.memoryUsage().rss
    c.write('RETR 1\r\n')
    for (let i = 0; i < 5; i++) await stillServes()
    expect(process.memoryUsage().rss - before).to.be.below(40 * 1024 ** 2)
    const hash = createHash('sha256')
    let got = 0
    let end = ''
    c.socket.removeAllListeners('data')
    c.socket.on('data', (chunk: Buffer) => {
      got += chunk.length
      end = (end + chunk.toString('latin1')).slice(-5)
      hash.update(chunk)
    })
    c.socket.resume()
    await until('the end of the message', () => end === '\r\n.\r\n')
    const lines = Math.floor((50 * 1024 ** 2) / 78)
    expect(got).to.equal(`+OK ${size} octets\r\n`.length + size + lines + 3) // one dot more in each of them
    c.destroy()
    const again = await signedIn()
    await again.good('DELE 1')
    await again.good('QUIT')
    await again.untilClosed()
  })

  it('ten thousand parts with UTF-8 in each header, to a client without UTF8', async () => {
    const part = '--b\r\nContent-Type: text/plain; name="tệp"\r\n\r\nchữ\r\n'
    await f.deliver(an, `Content-Type: multipart/mixed; boundary=b\r\n\r\n${part.repeat(9_000)}--b--\r\n`)
    const c = await until('the mailbox to be free', async () => {
      const next = await pop(f)
      await next.good(`USER ${an}`)
      if ((await next.line(`PASS ${password}`)).startsWith('+OK')) return next
      next.destroy()
      return undefined
    })
    c.write('RETR 1\r\n')
    await stillServes()
    const all = await c.until('\r\n.\r\n')
    expect(all.match(/^ name\*=utf-8''t%E1%BB%87p\r$/gm)).to.have.length(9_000)
    await c.good('DELE 1')
    await c.good('QUIT')
    await c.untilClosed()
  })

  it('a mailbox of 100,000 messages: sign-in, LIST and UIDL, and the others meanwhile', async function () {
    this.timeout(180_000)
    const inbox = () => f.store.read.mailbox(f.id(an), 'INBOX')!
    await f.deliver(an, mail('Một trong nhiều'))
    while (inbox().messages < 100_000)
      await f.store.write('copy', {
        from: inbox().id,
        uids: [...f.store.read.uids(inbox().id)].slice(0, 100_000 - inbox().messages),
        to: inbox().id,
        move: false,
      })
    const began = performance.now()
    const c = await signedIn()
    expect(performance.now() - began, 'sign-in, ms').to.be.below(10_000)
    const open = f.imap.connections()
    c.write('LIST\r\nUIDL\r\n')
    await stillServes()
    const all = await c.until(/\r\n\.\r\n\+OK[\s\S]*\r\n\.\r\n/)
    expect(all.match(/\r\n/g)).to.have.length(200_004)
    await until('the others to be gone', () => f.imap.connections() <= open)
    for (let n = 1; n <= 2_500; n++) c.write(`DELE ${n * 40}\r\n`)
    await c.until(/message 100000 goes[^\n]*\n/)
    await c.good('QUIT')
    expect(inbox().messages).to.equal(97_500)
    await f.store.write('expunge', { mailbox: inbox().id, force: true })
  })

  it('strangers cannot take every place, and are told so', async () => {
    const before = f.imap.connections()
    const open: PopClient[] = []
    const greet = async () => {
      const c = new PopClient(connect(f.imap.ports.pop3, '127.0.0.1'))
      open.push(c)
      return c.until('\r\n')
    }
    let refused = ''
    for (let i = 0; i <= 400 && !refused.startsWith('-ERR'); i += 25) {
      const greetings = await Promise.all(Array.from({ length: 25 }, greet))
      refused = greetings.find((each) => each.startsWith('-ERR')) ?? ''
    }
    expect(refused).to.match(/^-ERR \[SYS\/TEMP\]/)
    for (const c of open) c.destroy()
    await until('the connections to be forgotten', () => f.imap.connections() <= before)
    await stillServes()
  })

  it('clients that go away in the middle of everything', async () => {
    const before = f.imap.connections()
    for (const last of ['RETR 1\r\n', 'LIST\r\n', 'DELE 1\r\n', 'TOP 1', 'STLS\r\n']) {
      const c = await signedIn()
      c.write(last)
      c.destroy()
    }
    await until('the connections to be forgotten', () => f.imap.connections() <= before)
    await stillServes()
  })
})
