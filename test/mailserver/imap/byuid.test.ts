/** UIDONLY (RFC 9586): no sequence number goes either way. MULTISEARCH (RFC 7377) and INPROGRESS (RFC 9585), whose answers are about UIDs too. */
import { expect } from 'chai'
import { startSessions } from '#mailserver/sessions/start.ts'
import { an, Client, type Fixture, ha, mail, office, password, startFixture } from './fixture.ts'

describe('IMAP: UIDs only', () => {
  let f: Fixture
  beforeEach(async () => {
    f = await startFixture({ threads: 1 })
    for (let i = 1; i <= 5; i++) await f.deliver(an, mail(`Thư ${i}`))
    const c = await f.as(an)
    await c.ok('SELECT INBOX')
    await c.ok('STORE 1:2 +FLAGS (\\Deleted)')
    await c.ok('EXPUNGE') // so that no UID is its own number
    c.destroy()
  })
  afterEach(() => f[Symbol.asyncDispose]())

  const only = async (more = '') => {
    const c = await f.as(an)
    expect(await c.ok('CAPABILITY')).to.match(/ UIDONLY /)
    expect(await c.ok(`ENABLE UIDONLY${more}`)).to.match(/^\* ENABLED .*UIDONLY/m)
    return c
  }

  it('refuses every command that takes or gives numbers, by its code', async () => {
    const c = await only(' QRESYNC')
    expect(await c.ok('SELECT INBOX')).not.to.contain('[UNSEEN')
    for (const command of [
      ...[
        'FETCH 1 FLAGS',
        'STORE 1 +FLAGS (\\Seen)',
        'SEARCH ALL',
        'SORT (DATE) UTF-8 ALL',
        'COPY 1 INBOX',
        'MOVE 1 INBOX',
      ],
      ...[
        'THREAD REFERENCES UTF-8 ALL',
        'UID SEARCH 1:2',
        'UID SEARCH NOT (SEEN 1)',
        'UID SORT (DATE) UTF-8 *',
        'ESEARCH 1',
      ],
      ...['UID THREAD REFERENCES UTF-8 2', 'REPLACE 1 INBOX {3+}\r\nx\r\n'],
    ])
      expect(await c.command(command), command).to.match(/^BAD \[UIDREQUIRED\]/m)
    expect(await c.command('SELECT INBOX (QRESYNC (1 1 1:5 (1:2 3:4)))')).to.match(/^BAD \[UIDREQUIRED\]/m)
    await c.ok('SELECT INBOX')
    await c.ok('UID SEARCH RETURN (SAVE) ALL')
    expect(await c.ok('UID SEARCH $')).to.contain('* SEARCH 3 4 5\r\n')
    for (const fine of [
      'UID COPY 3 INBOX',
      'UID SORT (DATE) UTF-8 UID 3:5',
      'UID THREAD REFERENCES UTF-8 ALL',
      'EXPUNGE',
      'NOOP',
    ])
      await c.ok(fine)
  })

  it('FETCH and EXPUNGE are UIDFETCH and VANISHED, asked for or not', async () => {
    const c = await only()
    await c.ok('SELECT INBOX')
    expect(await c.ok('UID FETCH 3:* (FLAGS)')).to.equal(
      '* 3 UIDFETCH (FLAGS ())\r\n* 4 UIDFETCH (FLAGS ())\r\n* 5 UIDFETCH (FLAGS ())\r\nOK UID FETCH completed\r\n',
    )
    expect(await c.ok('UID FETCH 4 (UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (SUBJECT)])')).to.match(
      /^\* 4 UIDFETCH \(UID 4 RFC822\.SIZE \d+ BODY\[HEADER\.FIELDS \(SUBJECT\)\] \{\d+\}/,
    )
    expect(await c.ok('UID STORE 3 +FLAGS (\\Flagged)')).to.contain('* 3 UIDFETCH (FLAGS (\\Flagged))\r\n')
    const other = await f.as(an)
    await other.ok('SELECT INBOX')
    await other.ok('UID STORE 5 +FLAGS (\\Deleted)')
    expect(await c.ok('NOOP')).to.contain('* 5 UIDFETCH (FLAGS (\\Deleted))\r\n')
    await other.ok('EXPUNGE')
    await f.deliver(an, mail('Thư 6'))
    expect(await c.ok('NOOP')).to.equal('* VANISHED 5\r\n* 3 EXISTS\r\n* 1 RECENT\r\nOK NOOP completed\r\n')
    await c.ok('UID STORE 3 +FLAGS.SILENT (\\Deleted)')
    expect(await c.ok('UID EXPUNGE 3')).to.equal('* VANISHED 3\r\nOK UID EXPUNGE completed\r\n')
    await c.ok('CREATE Khác')
    expect(await c.ok('UID MOVE 4 Khác')).to.match(/^\* OK \[COPYUID [^\r]*\r\n\* VANISHED 4\r\n/)
    await c.ok('NOTIFY SET (SELECTED (MessageNew (PREVIEW) MessageExpunge FlagChange))')
    await f.deliver(an, mail('Thư 7'))
    expect(await c.until(/UIDFETCH[^\r]*\r\n/)).to.match(/\* 7 UIDFETCH \(PREVIEW /)
  })

  it('with CONDSTORE and QRESYNC: changes since, and a mailbox resumed', async () => {
    const c = await only(' QRESYNC')
    const opened = await c.ok('SELECT INBOX')
    const [, validity, modseq] = /UIDVALIDITY (\d+)[\s\S]*HIGHESTMODSEQ (\d+)/.exec(opened)!
    await c.ok('UID STORE 3 +FLAGS (\\Seen)')
    expect(await c.ok(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${modseq})`)).to.match(
      /^\* 3 UIDFETCH \(FLAGS \(\\Seen\) MODSEQ \(\d+\)\)\r\nOK/,
    )
    await c.ok('UNSELECT')
    const again = await c.ok(`SELECT INBOX (QRESYNC (${validity} ${modseq}))`)
    expect(again)
      .to.match(/^\* 3 UIDFETCH \(FLAGS \(\\Seen\) MODSEQ/m)
      .and.not.match(/ FETCH /)
  })
})

describe('IMAP: one search in several mailboxes', () => {
  let f: Fixture
  before(async () => {
    f = await startFixture({ threads: 1 })
    const c = await f.as(an)
    for (const name of ['Dự án', 'Dự án/Một', 'Dự án/Một/Sâu', 'Khác']) await c.ok(`CREATE "${name}"`)
    for (const [name, subject] of [
      ['INBOX', 'Kế hoạch'],
      ['Dự án', 'Kế hoạch'],
      ['Dự án', 'Báo cáo'],
      ['Dự án/Một', 'Báo cáo kế hoạch'],
      ['Dự án/Một/Sâu', 'Kế hoạch'],
    ] as const)
      await c.append(`"${name}"`, mail(subject))
    await c.ok('UNSUBSCRIBE "Dự án/Một"')
    await f.deliver(office, mail('Kế hoạch của văn phòng'))
    await f.deliver(ha, mail('Kế hoạch của Hà'))
    c.destroy()
  })
  after(() => f[Symbol.asyncDispose]())

  const found = (answer: string): string[] =>
    [...answer.matchAll(/^\* ESEARCH \(TAG "[^"]+" MAILBOX "([^"]*)" UIDVALIDITY \d+\) UID (.*)\r$/gm)].map(
      ([, name, what]) => `${Buffer.from(name!, 'latin1')} ${what}`,
    )
  const utf8 = async (who = an) => {
    const c = await f.as(who)
    await c.ok('ENABLE UTF8=ACCEPT')
    return c
  }

  for (const [sources, expected] of [
    ['personal', ['INBOX ALL 1', 'Dự án ALL 1', 'Dự án/Một ALL 1', 'Dự án/Một/Sâu ALL 1']],
    ['inboxes', ['INBOX ALL 1', 'Dự án ALL 1', 'Dự án/Một ALL 1', 'Dự án/Một/Sâu ALL 1']],
    ['subscribed', ['INBOX ALL 1', 'Dự án ALL 1', 'Dự án/Một/Sâu ALL 1']],
    ['subtree "Dự án"', ['Dự án ALL 1', 'Dự án/Một ALL 1', 'Dự án/Một/Sâu ALL 1']],
    ['subtree-one "Dự án"', ['Dự án ALL 1', 'Dự án/Một ALL 1']],
    ['mailboxes ("Dự án" Khác "Không có" inbox)', ['INBOX ALL 1', 'Dự án ALL 1']],
    ['mailboxes INBOX subtree "Dự án/Một"', ['INBOX ALL 1', 'Dự án/Một ALL 1', 'Dự án/Một/Sâu ALL 1']],
    ['mailboxes "Chung/motcua.stttt/INBOX"', []],
    ['mailboxes "Khác"', []],
  ] as const)
    it(`IN (${sources})`, async () => {
      const c = await utf8()
      expect(found(await c.ok(`ESEARCH IN (${sources}) SUBJECT "kế hoạch"`))).to.have.members(expected)
    })

  it('is announced, and asks for the state that it needs', async () => {
    const c = await utf8()
    expect(await c.ok('CAPABILITY')).to.match(/ MULTISEARCH /)
    for (const wrong of ['ESEARCH ALL', 'ESEARCH IN (selected) ALL', 'ESEARCH IN (personal selected) ALL'])
      expect(await c.command(wrong), wrong).to.match(/^BAD no mailbox/m)
    await c.ok('SELECT "Dự án"')
    expect(found(await c.ok('ESEARCH ALL'))).to.deep.equal(['Dự án ALL 1:2'])
    expect(found(await c.ok('ESEARCH IN (selected) RETURN (MIN MAX COUNT) 1:*'))).to.deep.equal([
      'Dự án MIN 1 MAX 2 COUNT 2',
    ])
    expect(found(await c.ok('ESEARCH IN (selected mailboxes INBOX) RETURN (COUNT) ALL'))).to.have.members([
      'INBOX COUNT 1',
      'Dự án COUNT 2',
    ])
    await c.ok('ESEARCH RETURN (SAVE) SUBJECT báo')
    expect(await c.ok('UID SEARCH $')).to.contain('* SEARCH 2\r\n')
    for (const wrong of [
      ...[
        'ESEARCH IN (personal) RETURN (SAVE) ALL',
        'ESEARCH IN (personal) 1',
        'ESEARCH IN (personal) $',
        'ESEARCH IN () ALL',
      ],
      ...['ESEARCH IN (selected-delayed) ALL', 'ESEARCH IN (elsewhere) ALL', 'ESEARCH IN personal ALL', 'ESEARCH'],
      ...[
        'ESEARCH IN (personal (depth 1)) ALL',
        'ESEARCH IN (mailboxes ()) ALL',
        'ESEARCH IN (personal) CHARSET UTF-8 ALL',
      ],
    ])
      expect(await c.command(wrong), wrong).to.match(/^BAD/m)
  })

  it('counts "*" in each mailbox, tells mod-sequences, and follows nothing outside', async () => {
    const c = await utf8()
    expect(found(await c.ok('ESEARCH IN (subtree-one "Dự án") UID *'))).to.have.members([
      'Dự án ALL 2',
      'Dự án/Một ALL 1',
    ])
    expect(found(await c.ok('ESEARCH IN (mailboxes "Dự án") RETURN (ALL) MODSEQ 1'))[0]).to.match(
      /^Dự án ALL 1:2 MODSEQ \d+$/,
    )
    expect(found(await c.ok('ESEARCH IN (mailboxes "Dự án") RETURN (PARTIAL 2:2) ALL'))).to.deep.equal([
      'Dự án PARTIAL (2:2 2)',
    ])
    expect(await c.ok('ESEARCH IN (personal) RETURN (UPDATE ALL) SUBJECT báo')).to.match(/^\* NO \[NOUPDATE /m)
  })

  it('leaves out what one may not read, and finds what one may', async () => {
    f.accounts.addGrant({ person: an, office, rights: ['read'], from: '2026-01-01T00:00:00Z' })
    const c = await utf8()
    const name = 'Chung/motcua.stttt/INBOX'
    expect(found(await c.ok('ESEARCH IN (subtree Chung) SUBJECT "kế hoạch"'))).to.deep.equal([`${name} ALL 1`])
    const other = await utf8(ha)
    expect(found(await other.ok(`ESEARCH IN (personal subtree "Người khác" mailboxes "${name}") ALL`))).to.deep.equal([
      'INBOX ALL 1',
    ])
  })
})

describe('IMAP: long commands', () => {
  it('say that they are being worked on, how far they are, and of which command they speak', async () => {
    await using f = await startFixture({ threads: 1 })
    await using at = await startSessions({ ...f.given, progressMs: 0 })
    const { connect } = await import('node:net')
    const c = new Client(connect(at.ports.imap, '127.0.0.1'))
    await c.until('\r\n')
    await c.ok(`LOGIN ${an} "${password}"`)
    await f.deliver(an, mail('Thư 1'))
    await f.deliver(an, mail('Thư 2'))
    expect(await c.ok('CAPABILITY')).to.match(/ INPROGRESS /)
    await c.ok('SELECT INBOX')
    for (const [command, state] of [
      ['UID SEARCH TEXT thư', /^[0-2] 2$/], // in steps while the full-text index has yet to be written
      ['SEARCH ALL', /^2 2$/],
      ['UID SORT (SUBJECT) UTF-8 ALL', /^2 2$|^NIL NIL$/],
      ['UID THREAD REFERENCES UTF-8 ALL', /^2 2$|^NIL NIL$/],
      ['ESEARCH IN (personal) ALL', /^[0-5] 6$/],
      ['SEARCH RETURN (COUNT) SEEN', /^2 2$/],
    ] as const) {
      c.write(`long ${command}\r\n`)
      const answer = await c.until(/^long OK.*\r\n/m)
      const told = [...answer.matchAll(/^\* OK \[INPROGRESS \("long" ([^)]*)\)\] .*\r$/gm)].map(([, each]) => each!)
      expect(told, command).not.to.have.length(0)
      for (const each of told) expect(each, command).to.match(state)
      // whole lines between whole lines
      expect(answer.split('\r\n').slice(0, -1)).to.satisfy((lines: string[]) =>
        lines.every((line) => /^(\* (OK \[INPROGRESS|SEARCH|SORT|THREAD|ESEARCH)|long OK)/.test(line)),
      )
    }
    await c.ok('UID STORE 1 +FLAGS (\\Seen)')
    c.destroy()
  })

  it('are not spoken of when they are short', async () => {
    await using f = await startFixture({ threads: 1 })
    await f.deliver(an, mail('Thư 1'))
    const c = await f.as(an)
    await c.ok('SELECT INBOX')
    expect(await c.ok('SEARCH TEXT thư')).not.to.contain('INPROGRESS')
    expect(await c.ok('COPY 1 INBOX')).not.to.contain('INPROGRESS')
  })
})
