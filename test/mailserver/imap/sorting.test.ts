/** SORT, THREAD, PARTIAL, SEARCHRES, PREVIEW, SAVEDATE and THREADID on the wire, hostile mail and hostile commands among them. */
import { expect } from 'chai'
import { until } from '#test/until.ts'
import { an, type Fixture, ha, mail, startFixture } from './fixture.ts'

const letter = (subject: string, id: string, more = '') =>
  mail(subject, `Thư ${id}`, more).replace(/Message-ID: .*/, `Message-ID: <${id}@ngoai.vn>`)

describe('IMAP: sorting and parts of results', () => {
  let f: Fixture
  beforeEach(async () => {
    f = await startFixture({ threads: 1 })
  })
  afterEach(() => f[Symbol.asyncDispose]())

  const selected = async () => {
    const c = await f.as(an)
    await c.ok('SELECT INBOX')
    return c
  }

  it('SORT and THREAD refuse what is no command of theirs, and live on', async () => {
    await f.deliver(an, mail('một'))
    const c = await selected()
    for (const wrong of [
      ...[
        'SORT',
        'SORT (DATE)',
        'SORT (DATE) UTF-8',
        'SORT () UTF-8 ALL',
        'SORT (REVERSE) UTF-8 ALL',
        'SORT (COLOUR) UTF-8 ALL',
      ],
      ...['SORT DATE UTF-8 ALL', 'SORT (REVERSE REVERSE DATE) UTF-8 ALL', `SORT (${'DATE '.repeat(19)}DATE) UTF-8 ALL`],
      ...[
        'SORT RETURN (DATE) (DATE) UTF-8 ALL',
        'SORT RETURN (PARTIAL 0:1) (DATE) UTF-8 ALL',
        'SORT (DATE) UTF-8 BOGUS',
      ],
      ...[
        'SORT RETURN (PARTIAL 1:2 ALL) (DATE) UTF-8 ALL',
        'SORT (DATE) UTF-8 9',
        `SORT (DATE) UTF-8 ${'('.repeat(100)}ALL`,
      ],
      ...[
        'THREAD',
        'THREAD REFERENCES',
        'THREAD REFERENCES UTF-8',
        'THREAD REF UTF-8 ALL',
        'THREAD (REFERENCES) UTF-8 ALL',
      ],
      ...[
        'SEARCH RETURN (PARTIAL) ALL',
        'SEARCH RETURN (PARTIAL 1:*) ALL',
        'SEARCH RETURN (PARTIAL -1:1) ALL',
        'SEARCH RETURN (PARTIAL 5) ALL',
      ],
      ...[
        'SEARCH RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL',
        'SEARCH RETURN (PARTIAL 1:4294967296) ALL',
        'UID FETCH 1 UID (PARTIAL 0:1)',
      ],
      ...[
        'FETCH 1 (PREVIEW (EAGER))',
        'UID FETCH 1 UID (PARTIAL 1:2 PARTIAL 1:2)',
        'UID FETCH 1 UID (CHANGEDSINCE 1 CHANGEDSINCE 2)',
      ],
    ]) {
      expect(await c.command(wrong), wrong).to.match(/^BAD/m)
      await c.ok('NOOP')
    }
    expect(await c.command('SORT (DATE) KLINGON ALL')).to.match(/^NO \[BADCHARSET/)
    expect(await c.command('UID THREAD REFERENCES KLINGON ALL')).to.match(/^NO \[BADCHARSET/)
    expect(await c.ok('SORT (DATE) UTF-8 ALL')).to.match(/^\* SORT 1\r\n/)
  })

  it('an empty mailbox has an empty order', async () => {
    const c = await selected()
    expect(await c.ok('SORT (SUBJECT) UTF-8 ALL')).to.match(/^\* SORT\r\n/)
    expect(await c.ok('THREAD REFERENCES UTF-8 1:*')).to.match(/^\* THREAD\r\n/)
    expect(await c.ok('SORT RETURN (MIN MAX COUNT) (DATE) UTF-8 ALL')).to.match(/ESEARCH \(TAG "t\d+"\) COUNT 0\r\n/)
    expect(await c.ok('SEARCH RETURN (PARTIAL -1:-5) ALL')).to.contain('PARTIAL (-1:-5 NIL)')
  })

  it('PARTIAL from either end, with everything it may stand beside (RFC 9394)', async () => {
    for (let i = 1; i <= 12; i++) await f.deliver(an, mail(`thư ${i}`))
    const c = await selected()
    await c.ok('UID STORE 3 +FLAGS.SILENT (\\Deleted)')
    await c.ok('EXPUNGE')
    const cases: [command: string, want: RegExp][] = [
      ['UID SEARCH RETURN (PARTIAL 1:3) ALL', /UID PARTIAL \(1:3 1:2,4\)\r\n/],
      ['UID SEARCH RETURN (PARTIAL 3:1) ALL', /UID PARTIAL \(1:3 1:2,4\)\r\n/],
      ['UID SEARCH RETURN (PARTIAL -1:-3) ALL', /UID PARTIAL \(-1:-3 10:12\)\r\n/],
      ['UID SEARCH RETURN (PARTIAL -10:-300) ALL', /UID PARTIAL \(-10:-300 1:2\)\r\n/],
      [
        'SEARCH RETURN (PARTIAL 4294967295:1 MIN MAX COUNT) 2:5',
        /MIN 2 MAX 5 PARTIAL \(1:4294967295 2:5\) COUNT 4\r\n/,
      ],
      ['UID SORT RETURN (PARTIAL -1:-2) (REVERSE ARRIVAL) UTF-8 ALL', /UID PARTIAL \(-1:-2 2,1\)\r\n/],
      [
        'UID FETCH 1:* UID (PARTIAL 2:4)',
        /^\* 2 FETCH \(UID 2\)\r\n\* 3 FETCH \(UID 4\)\r\n\* 4 FETCH \(UID 5\)\r\nOK/,
      ],
      ['UID FETCH 2:8 UID (PARTIAL -1:-2)', /^\* 6 FETCH \(UID 7\)\r\n\* 7 FETCH \(UID 8\)\r\nOK/],
      ['UID FETCH 1:* UID (PARTIAL 50:60)', /^OK/],
      ['FETCH 1:5 UID (PARTIAL 1:1)', /^\* 1 FETCH \(UID 1\)\r\nOK/],
    ]
    for (const [command, want] of cases) expect(await c.ok(command), command).to.match(want)
    // of those that changed, the last one (RFC 9394 §3.4), in either order of modifiers
    const since = /HIGHESTMODSEQ (\d+)/.exec(await c.ok('SELECT INBOX'))![1]
    await c.ok('UID STORE 5,7 +FLAGS.SILENT (\\Flagged)')
    for (const modifiers of [`PARTIAL -1:-1 CHANGEDSINCE ${since}`, `CHANGEDSINCE ${since} PARTIAL -1:-1`])
      expect(await c.ok(`UID FETCH 1:* UID (${modifiers})`)).to.match(/^\* 6 FETCH \(UID 7 MODSEQ \(\d+\)\)\r\nOK/)
  })

  it('"$" after each combination of options (RFC 5182 §2.4, RFC 9394 §3.2)', async () => {
    for (let i = 1; i <= 9; i++) await f.deliver(an, mail(`thư ${i}`))
    const c = await selected()
    const cases: [returns: string, saved: string][] = [
      ['SAVE', '2 3 4 5 6 7 8'],
      ['SAVE ALL', '2 3 4 5 6 7 8'],
      ['SAVE COUNT', '2 3 4 5 6 7 8'],
      ['SAVE MIN', '2'],
      ['SAVE MAX', '8'],
      ['MIN SAVE MAX', '2 8'],
      ['SAVE MIN COUNT', '2 3 4 5 6 7 8'],
      ['SAVE PARTIAL 2:3', '3 4'],
      ['SAVE PARTIAL 2:3 MIN', '2 3 4'],
      ['SAVE PARTIAL -1:-1 MIN', '2 8'],
      ['SAVE PARTIAL 2:3 MIN MAX', '2 3 4 8'],
      ['SAVE PARTIAL 2:3 COUNT', '2 3 4 5 6 7 8'],
      ['SAVE PARTIAL 20:30', ''],
    ]
    for (const [returns, saved] of cases) {
      const answer = await c.ok(`SEARCH RETURN (${returns}) 2:8`)
      expect(answer.includes('ESEARCH'), returns).to.equal(returns !== 'SAVE')
      expect(await c.ok('SEARCH $'), returns).to.equal(`* SEARCH${saved ? ` ${saved}` : ''}\r\nOK SEARCH completed\r\n`)
    }
    await c.ok('SORT RETURN (SAVE) (REVERSE ARRIVAL) UTF-8 2:4')
    expect(await c.ok('SEARCH NOT $')).to.match(/^\* SEARCH 1 5 6 7 8 9\r\n/)
    expect(await c.ok('SEARCH OR ($ 2) (NOT (NOT 9))')).to.match(/^\* SEARCH 2 9\r\n/)
    // a message that goes leaves the saved ones (RFC 5182 §2.1); a search that fails leaves none
    await c.ok('UID STORE 3 +FLAGS.SILENT (\\Deleted)')
    await c.ok('EXPUNGE')
    expect(await c.ok('UID SEARCH $')).to.match(/^\* SEARCH 2 4\r\n/)
    expect(await c.command('SEARCH RETURN (SAVE) 99')).to.match(/^BAD/m)
    expect(await c.ok('SEARCH $')).to.match(/^\* SEARCH\r\n/)
  })

  it('the mod-sequence of an answer is that of the messages it names (RFC 4731 §3.2)', async () => {
    for (let i = 1; i <= 3; i++) await f.deliver(an, mail(`thư ${i}`))
    const c = await selected()
    await c.ok('STORE 2 +FLAGS.SILENT (\\Flagged)')
    const of = async (command: string) => Number(/MODSEQ \(?(\d+)/.exec(await c.ok(command))?.[1])
    const [one, two, three] = [await of('FETCH 1 MODSEQ'), await of('FETCH 2 MODSEQ'), await of('FETCH 3 MODSEQ')]
    const cases: [command: string, want: number][] = [
      ['SEARCH RETURN (MIN) MODSEQ 1', one],
      ['SEARCH RETURN (MAX) MODSEQ 1', three],
      ['SEARCH RETURN (MIN MAX) MODSEQ 1', Math.max(one, three)],
      ['SEARCH RETURN (MIN COUNT) MODSEQ 1', two],
      ['SEARCH MODSEQ 1', two],
      ['SORT (DATE) UTF-8 MODSEQ 1', two],
      ['SORT RETURN (MIN) (REVERSE ARRIVAL) UTF-8 MODSEQ 1', three],
    ]
    for (const [command, want] of cases) expect(await of(command), command).to.equal(want)
  })

  it('PREVIEW, SAVEDATE, THREADID', async () => {
    await f.deliver(an, letter('Gốc', 'a'))
    await f.deliver(an, letter('Trả lời', 'b', 'In-Reply-To: <a@ngoai.vn>\r\n'))
    await f.deliver(an, letter('Khác', 'c'))
    const c = await selected()
    const preview = Buffer.from('Thư a').toString('latin1')
    for (const item of ['PREVIEW', 'PREVIEW (LAZY)', '(PREVIEW (LAZY))'])
      expect(await c.ok(`FETCH 1 ${item}`), item).to.contain(`PREVIEW {6}\r\n${preview})`)
    expect(await c.ok('UID FETCH 1 PREVIEW (CHANGEDSINCE 1)')).to.contain('PREVIEW {6}')
    const [one, two, three] = [...(await c.ok('FETCH 1:* THREADID')).matchAll(/THREADID \((T\d+)\)/g)].map((m) => m[1])
    expect(two).to.equal(one)
    expect(three).not.to.equal(one)
    expect(await c.ok(`SEARCH THREADID ${one}`)).to.match(/^\* SEARCH 1 2\r\n/)
    const email = /EMAILID \((M\d+)\)/.exec(await c.ok('FETCH 3 EMAILID'))![1]
    expect(await c.ok(`SEARCH EMAILID ${email}`)).to.match(/^\* SEARCH 3\r\n/)
    for (const none of ['T0', 'T999999', 'x', 'M1e1', 'T-1', '""'])
      expect(await c.ok(`SEARCH OR THREADID ${none} EMAILID ${none}`), none).to.match(/^\* SEARCH\r\n/)
    expect(await c.ok('FETCH 1 SAVEDATE')).to.match(/SAVEDATE "[ \d]\d-\w{3}-\d{4} \d\d:\d\d:\d\d \+0700"/)
    await c.append('INBOX', letter('Cũ', 'd'), '"01-Jan-2020 00:00:00 +0700" ')
    await until('the message', async () => (await c.ok('UID SEARCH ALL')).includes('4'))
    expect(await c.ok('SEARCH BEFORE 2-Jan-2020')).to.match(/^\* SEARCH 4\r\n/)
    expect(await c.ok('SEARCH SAVEDBEFORE 2-Jan-2020')).to.match(/^\* SEARCH\r\n/)
    expect(await c.ok('SEARCH SAVEDSINCE 2-Jan-2020 SAVEDATESUPPORTED')).to.match(/^\* SEARCH 1 2 3 4\r\n/)
    expect(await c.ok('SEARCH SAVEDON 2-Jan-2020')).to.match(/^\* SEARCH\r\n/)
    expect(await c.command('SEARCH SAVEDON yesterday')).to.match(/^BAD/)
  })

  it('mail made to hurt: subjects, references and circles, over the wire', async function () {
    this.timeout(120_000)
    const bombs = [
      letter(`${'Re:'.repeat(100_000)} Bom`, 'b1'),
      letter('[x]'.repeat(150_000), 'b2'),
      letter('y'.repeat(1_000_000), 'b3'),
      letter('Bom', 'b4', `References: ${Array.from({ length: 10_000 }, (_, i) => `<${i}@bom>`).join('\r\n ')}\r\n`),
      letter('Bom', 'b5', `References: ${'<'.repeat(400_000)}\r\n`),
      letter('Bom', 'b6', 'References: <b6@ngoai.vn> <b7@ngoai.vn>\r\n'),
      letter('Bom', 'b7', 'References: <b6@ngoai.vn>\r\n'),
      letter(`=?utf-8?B?${Buffer.from('Re: Bom').toString('base64')}?=`, 'b8', 'In-Reply-To: <b4@ngoai.vn>\r\n'),
      `Subject: ${'=?utf-8?Q?Re=3A?= '.repeat(20_000)}\r\nFrom: ${'"'.repeat(100_000)}\r\nTo: ${'('.repeat(100_000)}\r\n\r\n`,
    ]
    for (const bomb of bombs) await f.deliver(an, bomb)
    const c = await selected()
    const from = performance.now()
    for (const key of ['SUBJECT', 'FROM', 'TO', 'CC', 'DISPLAYFROM', 'DISPLAYTO', 'DATE', 'SIZE', 'ARRIVAL']) {
      const order = /\* SORT ([\d ]+)/
        .exec(await c.ok(`SORT (REVERSE ${key}) UTF-8 ALL`))![1]!
        .split(' ')
        .map(Number)
      expect(
        order.sort((a, b) => a - b),
        key,
      ).to.deep.equal(bombs.map((_, i) => i + 1))
    }
    for (const algorithm of ['REFERENCES', 'ORDEREDSUBJECT']) {
      const threads = (await c.ok(`THREAD ${algorithm} UTF-8 ALL`)).split('\r\n')[0]!
      expect([...threads.matchAll(/\d+/g)].map(Number).sort((a, b) => a - b)).to.deep.equal(bombs.map((_, i) => i + 1))
      expect([...threads].filter((ch) => ch === '(').length).to.equal([...threads].filter((ch) => ch === ')').length)
    }
    await c.ok('FETCH 1:* (PREVIEW THREADID)')
    expect(performance.now() - from).to.be.below(20_000)
  })

  it('a conversation of three thousand, each second letter answered twice', async function () {
    this.timeout(180_000)
    const inbox = f.store.read.mailbox(f.id(ha), 'INBOX')!.id
    const n = 3_000
    for (let at = 0; at < n; at += 500)
      await Promise.all(
        Array.from({ length: 500 }, (_, k) => {
          const i = at + k
          const parent = i === 0 ? '' : `In-Reply-To: <${i % 2 ? i - 1 : i - 2}@s>\r\n`
          const raw = Buffer.from(`Subject: s${i}\r\nMessage-ID: <${i}@s>\r\n${parent}\r\nx\r\n`)
          return f.store.write('append', { mailbox: inbox, raw, flags: [], internalDate: 1_700_000_000_000 + i * 1000 })
        }),
      )
    const c = await f.as(ha)
    await c.ok('SELECT INBOX')
    const threads = /\* THREAD (.*)\r\n/.exec(await c.ok('THREAD REFERENCES UTF-8 ALL'))![1]!
    let [depth, deepest] = [0, 0]
    for (const ch of threads) {
      if (ch === '(') deepest = Math.max(deepest, ++depth)
      if (ch === ')') depth--
    }
    expect(depth).to.equal(0)
    expect(deepest).to.be.above(n / 2 - 2)
    expect(threads.match(/\d+/g)).to.have.length(n)
  })
})
