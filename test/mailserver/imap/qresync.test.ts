/** QRESYNC (RFC 7162): what a client that was away is told, here and beside a private Dovecot. */
import { expect } from 'chai'
import { ImapFlow } from 'imapflow'
import { until } from '#test/until.ts'
import { startDovecot } from './dovecot.ts'
import { an, type Client, mail, password, startFixture } from './fixture.ts'

const number = (answer: string, what: string) => Number(new RegExp(`${what} (\\d+)`).exec(answer)?.[1])

/** A client that was here, went, and comes again after others changed things; what it hears, numbers of state left out. */
async function story(open: () => Promise<Client>, mailbox: string): Promise<string[]> {
  const heard: string[] = []
  const [away, other] = [await open(), await open()]
  const tell = (what: string, answer: string) =>
    heard.push(
      `${what}: ${answer
        .replaceAll(/^\* (FLAGS|OK|\d+ RECENT|LIST)(?!.*(CLOSED)).*\r\n/gm, '')
        .replaceAll(/^(OK|NO|BAD) (\[HIGHESTMODSEQ \d+\])?.*/gm, '$1 $2')
        .replaceAll(/MODSEQ \(?\d+\)?/g, 'MODSEQ')
        .replaceAll(/ ?\\Recent/g, '')
        .replaceAll(/(MODSEQ) (FLAGS \([^)]*\))/g, '$2 $1')
        .replaceAll(/(\[CLOSED\]).*/g, '$1')
        .replaceAll(/COPYUID \d+/g, 'COPYUID')}`,
    )
  for (let i = 1; i <= 20; i++) expect(await away.append(mailbox, mail(`thư ${i}`))).to.match(/^OK/m)
  tell('enable', await away.ok('ENABLE QRESYNC'))
  const first = await away.ok(`SELECT ${mailbox}`)
  const validity = number(first, 'UIDVALIDITY')
  const before = number(first, 'HIGHESTMODSEQ')
  await away.ok('UNSELECT')
  tell('not enabled', await other.command(`SELECT ${mailbox} (QRESYNC (${validity} ${before}))`))
  await other.ok('ENABLE QRESYNC')
  await other.ok(`SELECT ${mailbox}`)
  await other.ok('UID STORE 3,5:7,19:20 +FLAGS.SILENT (\\Deleted)')
  tell('expunge', await other.ok('EXPUNGE'))
  tell('expunge of nothing', await other.ok('EXPUNGE'))
  await other.ok('UID STORE 1,10 +FLAGS.SILENT (\\Flagged)')
  await other.append(mailbox, mail('mới'))
  await other.ok('NOOP')
  const select = (more: string) => away.command(`SELECT ${mailbox} (QRESYNC (${more}))`)
  tell('all', await select(`${validity} ${before}`))
  tell('known', await select(`${validity} ${before} 1:4,6,18:20`))
  tell('known, matched', await select(`${validity} ${before} 1:20 (1,2,10 1,2,10)`))
  tell('matched', await select(`${validity} ${before} (1:2 1:2)`))
  tell('another validity', await select(`${validity + 1} ${before}`))
  tell('nothing new', await select(`${validity} ${number(await away.ok(`SELECT ${mailbox}`), 'HIGHESTMODSEQ')}`))
  await away.ok(`SELECT ${mailbox}`)
  tell('changed, vanished', await away.command(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${before} VANISHED)`))
  tell('some of them', await away.command(`UID FETCH 5:10 (FLAGS) (CHANGEDSINCE ${before} VANISHED)`))
  tell('not by UID', await away.command(`FETCH 1:* (FLAGS) (CHANGEDSINCE ${before} VANISHED)`))
  tell('not since', await away.command('UID FETCH 1:* (FLAGS) (VANISHED)'))
  await other.ok('UID STORE 8,9,11 +FLAGS.SILENT (\\Deleted)')
  tell('by UID', await other.ok('UID EXPUNGE 8:9'))
  return heard
}

describe('IMAP: QRESYNC', () => {
  it('tells a client that was away as Dovecot does', async function () {
    const dovecot = await startDovecot()
    if (!dovecot) return this.skip()
    try {
      await using f = await startFixture({ threads: 1 })
      const ours = await story(() => f.as(an), 'Archive')
      const theirs = await story(dovecot.another, 'INBOX')
      expect(ours).to.deep.equal(theirs)
    } finally {
      dovecot.client.destroy()
      dovecot.stop()
    }
  })

  it('what was matched is not told of again; sets that no grammar has are refused', async () => {
    await using f = await startFixture({ threads: 1 })
    for (let i = 1; i <= 9; i++) await f.deliver(an, mail(`thư ${i}`))
    const c = await f.as(an)
    await c.ok('ENABLE QRESYNC')
    const validity = number(await c.ok('SELECT INBOX'), 'UIDVALIDITY')
    await c.ok('UID STORE 2,8 +FLAGS.SILENT (\\Deleted)')
    await c.ok('EXPUNGE')
    // a client that knew already that 2 is gone: its second message was 3, its sixth 7
    expect(await c.ok(`SELECT INBOX (QRESYNC (${validity} 1 1,3:9 (2,6,7 3,7,8)))`)).to.contain(
      '* VANISHED (EARLIER) 8\r\n',
    )
    expect(await c.ok(`SELECT INBOX (QRESYNC (${validity} 1 (1:4294967295 1:4294967295)))`)).to.contain(
      '* VANISHED (EARLIER) 2,8\r\n',
    )
    // a mod-sequence from a time that a restored backup does not know: all that may differ is told
    expect(await c.ok(`SELECT INBOX (QRESYNC (${validity} 999999 2:4))`)).to.match(
      /\* VANISHED \(EARLIER\) 2\r\n\* 2 FETCH \(UID 3 .*\r\n\* 3 FETCH \(UID 4 /,
    )
    const wrong = [
      '',
      '(0 1)',
      '(1 0)',
      '(1)',
      '(1 1 $)',
      '(1 1 1:* (1:* 1:*))',
      '(1 1 1 (1))',
      '(1 1 1 (1 $))',
      '(1 1 x)',
      '(1 1',
    ]
    for (const each of wrong) expect(await c.command(`SELECT INBOX (QRESYNC ${each})`), each).to.match(/^BAD/m)
    await c.ok('SELECT INBOX')
  })

  it('MOVE, IDLE and another session: VANISHED everywhere, EXPUNGE nowhere', async () => {
    await using f = await startFixture()
    for (let i = 1; i <= 9; i++) await f.deliver(an, mail(`thư ${i}`))
    const [one, two, plain] = [await f.as(an), await f.as(an), await f.as(an)]
    for (const c of [one, two]) await c.ok('ENABLE QRESYNC')
    for (const c of [one, two, plain]) await c.ok('SELECT INBOX')
    two.write('i IDLE\r\n')
    await two.until('+ idling\r\n')
    const moved = await one.ok('MOVE 2:4,6 Archive')
    expect(moved).to.match(/^\* OK \[COPYUID \d+ 2:4,6 1:4\] Moved\r\n\* VANISHED 2:4,6\r\nOK \[HIGHESTMODSEQ \d+\]/)
    expect(await two.until(/VANISHED.*\r\n/)).to.equal('* VANISHED 2:4,6\r\n')
    two.write('DONE\r\n')
    await two.until('i OK')
    expect(await until('EXPUNGE', async () => /^\* \d+ EXPUNGE[\s\S]*/m.exec(await plain.ok('NOOP'))?.[0])).to.match(
      /^\* 6 EXPUNGE\r\n\* 4 EXPUNGE\r\n\* 3 EXPUNGE\r\n\* 2 EXPUNGE\r\n/,
    )
    // RFC 9051 §7.5.1, RFC 7162 §3.2.10.2: not while numbers are in use
    await one.ok('UID STORE 1 +FLAGS.SILENT (\\Deleted)')
    await one.ok('UID EXPUNGE 1')
    for (const command of [
      'FETCH 1:* FLAGS',
      'SEARCH ALL',
      'STORE 5 +FLAGS (x)',
      'SORT (DATE) UTF-8 ALL',
      'THREAD REFERENCES UTF-8 ALL',
    ])
      expect(await two.ok(command), command).not.to.match(/VANISHED|EXPUNGE/)
    expect(await two.ok('UID SORT (DATE) UTF-8 ALL')).to.match(/^\* SORT 5 7 8 9\r\n\* VANISHED 1\r\n/)
  })

  it('CLOSE says up to where the client knows, and no further', async () => {
    await using f = await startFixture({ threads: 1 })
    for (let i = 1; i <= 4; i++) await f.deliver(an, mail(`thư ${i}`))
    const [c, other] = [await f.as(an), await f.as(an)]
    await c.ok('ENABLE QRESYNC')
    const validity = number(await c.ok('SELECT INBOX'), 'UIDVALIDITY')
    await c.ok('STORE 1:2 +FLAGS.SILENT (\\Deleted)')
    const closed = await c.ok('CLOSE')
    expect(closed).to.match(/^OK \[HIGHESTMODSEQ \d+\]/)
    const again = await c.ok(`SELECT INBOX (QRESYNC (${validity} ${number(closed, 'HIGHESTMODSEQ')}))`)
    expect(again).not.to.match(/VANISHED|FETCH/)
    expect(again).to.contain('* 2 EXISTS')
    expect(await c.ok('CLOSE')).to.match(/^OK CLOSE/) // nothing was removed
    // Others change things in the same moment: told before the mailbox closes, or at the next SELECT, never lost.
    await other.ok('SELECT INBOX')
    for (let round = 0; round < 20; round++) {
      const uid = await f.deliver(an, mail(`vòng ${round}`))
      const keyword = `round${round}`
      await c.ok('SELECT INBOX')
      await c.ok(`UID STORE ${uid} +FLAGS.SILENT (\\Deleted)`)
      const [last] = await Promise.all([c.ok('CLOSE'), other.ok(`UID STORE 4 +FLAGS (${keyword})`)])
      const since = number(last, 'HIGHESTMODSEQ')
      const next = await c.ok(`SELECT INBOX (QRESYNC (${validity} ${since}))`)
      expect(last + next, `round ${round}`).to.contain(keyword)
      await c.ok('UNSELECT')
    }
  })

  it('a log longer than is read is answered by what is not there, and misses nothing', async () => {
    await using f = await startFixture({ threads: 1 })
    const many = 24_000
    const inbox = f.store.read.mailbox(f.id(an), 'INBOX')!.id
    const c = await f.as(an)
    await c.ok('ENABLE QRESYNC')
    await f.deliver(an, mail('một'))
    await c.ok('SELECT INBOX')
    // copies are the quickest way to many rows
    for (let n = 1; n < many; n *= 2) {
      const uids = Array.from({ length: Math.min(n, many - n) }, (_, i) => i + 1)
      await f.store.write('copy', { from: inbox, uids, to: inbox, move: false })
    }
    const before = f.store.read.mailboxById(inbox)!.highestModseq
    const validity = f.store.read.mailboxById(inbox)!.uidValidity
    await c.ok('UNSELECT')
    const odd = Array.from({ length: many / 2 }, (_, i) => i * 2 + 1)
    await f.store.write('expunge', { mailbox: inbox, uids: odd, force: true })
    const answer = await c.ok(`SELECT INBOX (QRESYNC (${validity} ${before} 1:*))`)
    const told = [...answer.matchAll(/VANISHED \(EARLIER\) (.*)\r\n/g)].flatMap((m) => m[1]!.split(',').map(Number))
    expect(told).to.deep.equal(odd)
    expect(answer).not.to.contain('FETCH')
    // part of it only, and from a later moment
    const few = await c.ok(`UID FETCH 100:103 FLAGS (CHANGEDSINCE ${before} VANISHED)`)
    expect(few).to.contain('* VANISHED (EARLIER) 101,103\r\n')
  })

  it('imapflow comes again and hears what is gone', async () => {
    await using f = await startFixture()
    for (let i = 1; i <= 5; i++) await f.deliver(an, mail(`thư ${i}`))
    const flow = () =>
      new ImapFlow({
        host: '127.0.0.1',
        port: f.imap.ports.imap,
        secure: false,
        qresync: true,
        tls: { rejectUnauthorized: false },
        auth: { user: an, pass: password },
        logger: false,
      })
    const first = flow()
    await first.connect()
    const { uidValidity, highestModseq } = await first.mailboxOpen('INBOX')
    await first.logout()
    const other = await f.as(an)
    await other.ok('SELECT INBOX')
    await other.ok('STORE 2:3 +FLAGS.SILENT (\\Deleted)')
    await other.ok('EXPUNGE')
    const again = flow()
    const gone: number[] = []
    again.on('expunge', (event: { uid?: number }) => gone.push(event.uid ?? 0))
    await again.connect()
    await again.mailboxOpen('INBOX', { uidValidity, changedSince: highestModseq! } as never)
    expect(gone).to.deep.equal([2, 3])
    await again.logout()
  })
})
