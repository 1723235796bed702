import { expect } from 'chai'
import { an, type Client, type Fixture, ha, mail, office, startFixture } from './fixture.ts'

const literal = (text: string) => `{${Buffer.byteLength(text)}+}\r\n${text}`

describe('IMAP: NOTIFY', () => {
  let f: Fixture
  let c: Client
  let other: Client
  beforeEach(async () => {
    f = await startFixture({ threads: 1 })
    c = await f.as(an)
    other = await f.as(an)
  })
  afterEach(() => f[Symbol.asyncDispose]())

  /** What came unasked: everything before the answer to a command that tells nothing by itself. */
  const told = async () => {
    const answer = await c.ok('NAMESPACE')
    return answer.replace(/\* NAMESPACE .*\r\n/, '').replace(/OK NAMESPACE.*\r\n/, '')
  }

  it('tells of the selected mailbox between commands, with what was asked of each new message', async () => {
    await f.deliver(an, mail('there'))
    await c.ok('SELECT INBOX')
    await c.ok(
      'NOTIFY SET (selected (MessageNew (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge FlagChange))',
    )
    await f.deliver(an, mail('pushed'))
    expect(await c.until(/\* 2 FETCH [\s\S]*?\)\r\n(?=$|\*)/)).to.match(
      /\* 2 EXISTS\r\n(\* \d RECENT\r\n)?\* 2 FETCH \(UID 2 FLAGS \(\\Recent\) BODY\[HEADER\.FIELDS \(SUBJECT\)\] \{\d+\}\r\nSubject: pushed/,
    )
    await other.ok('SELECT INBOX')
    await other.ok('STORE 1 +FLAGS (\\Deleted \\Answered)')
    expect(await c.until(/\* 1 FETCH .*\r\n/)).to.contain('UID 1 FLAGS (\\Answered \\Deleted)')
    await other.ok('EXPUNGE')
    await c.until('* 1 EXPUNGE\r\n')
    expect(await c.ok('UID FETCH 2 FLAGS'), 'a BODY[] asked of MessageNew marks nothing').not.to.contain('Seen')
  })
  it('selected-delayed: expunges wait for a command, what comes does not', async () => {
    for (const n of ['one', 'two', 'three']) await f.deliver(an, mail(n))
    await c.ok('SELECT INBOX')
    await c.ok('NOTIFY SET (selected-delayed (MessageNew (UID) MessageExpunge))')
    await other.ok('SELECT INBOX')
    await other.ok('STORE 1 +FLAGS (\\Deleted)')
    await other.ok('EXPUNGE')
    await f.deliver(an, mail('four'))
    const pushed = await c.until(/\* 4 FETCH .*\r\n/)
    expect(pushed).to.contain('* 4 EXISTS').and.to.contain('* 4 FETCH (UID 4)').and.not.to.contain('EXPUNGE')
    expect(pushed, 'no FlagChange was asked for').not.to.contain('Deleted')
    expect(await c.ok('FETCH 2:4 UID'), 'numbers are as they were')
      .to.contain('* 2 FETCH (UID 2)')
      .and.to.contain('* 4 FETCH (UID 4)')
    expect(await c.ok('NOOP')).to.contain('* 1 EXPUNGE')
    expect(await c.ok('FETCH 3 UID')).to.contain('* 3 FETCH (UID 4)')
  })
  it('other mailboxes by STATUS; first of all, when STATUS is asked for', async () => {
    await c.ok('CREATE Lists/a')
    await c.ok('SELECT Drafts')
    const first = await c.ok(
      'NOTIFY SET STATUS (selected (MessageNew MessageExpunge)) (mailboxes INBOX (MessageNew MessageExpunge)) (subtree Lists (MessageNew MessageExpunge FlagChange))',
    )
    expect(first)
      .to.contain('* STATUS "INBOX" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY ')
      .and.to.contain('* STATUS "Lists/a" (')
    expect(first.match(/\* STATUS/g)).to.have.length(2)
    await f.deliver(an, mail('x'))
    expect(await c.until(/\* STATUS .*\r\n/)).to.equal('* STATUS "INBOX" (UIDNEXT 2 MESSAGES 1)\r\n')
    await other.ok(`APPEND Lists/a ${literal(mail('y'))}`)
    expect(await c.until(/\* STATUS .*\r\n/)).to.equal('* STATUS "Lists/a" (UIDNEXT 2 MESSAGES 1)\r\n')
    await other.ok('SELECT Lists/a')
    await other.ok('STORE 1 +FLAGS (\\Seen)')
    expect(await c.until(/\* STATUS .*\r\n/)).to.match(/"Lists\/a" \(UIDVALIDITY \d+ UNSEEN 0 HIGHESTMODSEQ \d+\)/)
    await c.ok('ENABLE CONDSTORE')
    await other.ok('STORE 1 +FLAGS (\\Deleted)')
    await other.ok('EXPUNGE')
    expect(await c.until(/\* STATUS .*MESSAGES 0.*\r\n/)).to.match(
      /"Lists\/a" \(UIDNEXT 2 MESSAGES 0 .*HIGHESTMODSEQ \d+\)/,
    )
    await other.ok(`APPEND Sent ${literal(mail('z'))}`)
    expect(await told(), 'not asked for').to.equal('')
  })
  it('folders: made, renamed with the old name, subscribed, deleted', async () => {
    await c.ok('NOTIFY SET (personal (MailboxName SubscriptionChange))')
    await other.ok('CREATE "C&APQ-ng"')
    expect(await c.until(/\* LIST .*\r\n/)).to.equal('* LIST (\\HasNoChildren \\Subscribed) "/" "C&APQ-ng"\r\n')
    await other.ok('CREATE "C&APQ-ng/b"')
    expect(await c.until(/\* LIST .*\r\n/)).to.contain('"C&APQ-ng/b"')
    await other.ok('RENAME "C&APQ-ng" D')
    expect(await c.until(/\* LIST .*"D\/b".*\r\n/)).to.equal(
      '* LIST (\\HasChildren \\Subscribed) "/" "D" ("OLDNAME" ("C&APQ-ng"))\r\n* LIST (\\HasNoChildren \\Subscribed) "/" "D/b" ("OLDNAME" ("C&APQ-ng/b"))\r\n',
    )
    await other.ok('UNSUBSCRIBE D')
    expect(await c.until(/\* LIST .*\r\n/)).to.equal('* LIST (\\HasChildren) "/" "D"\r\n')
    await other.ok('DELETE D/b')
    expect(await c.until(/\* LIST .*\r\n/)).to.equal('* LIST (\\NonExistent) "/" "D/b"\r\n')
  })
  it('metadata: by NOTIFY, and by ENABLE with the next command', async () => {
    await c.ok('NOTIFY SET (personal (MailboxMetadataChange ServerMetadataChange))')
    await other.ok('SETMETADATA INBOX (/shared/comment "x" /private/a "y")')
    expect(await c.until(/\/private\/a\r\n/))
      .to.contain('* METADATA "INBOX" /shared/comment')
      .and.to.contain('* METADATA "INBOX" /private/a')
    await other.ok('SETMETADATA "" (/private/a "y")')
    expect(await c.until(/\* METADATA "" .*\r\n/)).to.contain('* METADATA "" /private/a')
    const third = await f.as(an)
    await third.ok('ENABLE METADATA')
    await third.ok('SETMETADATA INBOX (/shared/own "x")')
    await other.ok('SETMETADATA INBOX (/shared/theirs "x")')
    const heard = await third.ok('NOOP')
    expect(heard).to.contain('* METADATA "INBOX" /shared/theirs').and.not.to.contain('own')
  })
  it('NONE, and no selected group: nothing is told but by commands that ask', async () => {
    await f.deliver(an, mail('x'))
    await c.ok('SELECT INBOX')
    for (const ask of [
      'NOTIFY NONE',
      'NOTIFY SET (personal (MailboxName))',
      'NOTIFY SET (selected NONE) (personal (MessageNew MessageExpunge))',
    ]) {
      await c.ok(ask)
      await f.deliver(an, mail(ask))
      expect(await told(), ask).not.to.contain('EXISTS')
      c.write('i IDLE\r\n')
      await c.until('+ idling\r\n')
      c.write('DONE\r\n')
      expect(await c.until(/i OK.*\r\n/), ask).not.to.contain('EXISTS')
      expect(await c.ok('NOOP'), ask).to.contain('EXISTS')
    }
    await c.ok('STORE 1 +FLAGS (\\Deleted)')
    expect(await c.ok('EXPUNGE')).to.contain('* 1 EXPUNGE')
  })
  it('offices and shared folders as far as rights go, from when they are given to when they are taken', async () => {
    f.accounts.addGrant({ person: an, office, rights: ['read'], from: new Date(Date.now() - 60_000).toISOString() })
    await c.ok(
      'NOTIFY SET (subscribed (MessageNew MessageExpunge)) (mailboxes "Chung/motcua.stttt/INBOX" (MessageNew MessageExpunge))',
    )
    await f.deliver(office, mail('to the office'))
    expect(await c.until(/\* STATUS .*\r\n/)).to.contain('"Chung/motcua.stttt/INBOX" (UIDNEXT 2 MESSAGES 1)')
    await f.deliver(ha, mail('private'))
    expect(await told()).to.equal('')
    const owner = await f.as(ha)
    await owner.ok('CREATE Chung2')
    await owner.ok(`SETACL Chung2 ${an} lr`)
    await f.imap.sweep()
    await owner.ok(`APPEND Chung2 ${literal(mail('shared'))}`)
    expect(await c.until(/\* STATUS .*\r\n/)).to.contain(`${ha}/Chung2" (UIDNEXT 2 MESSAGES 1)`)
    await owner.ok(`SETACL Chung2 ${an} l`)
    await owner.ok(`APPEND Chung2 ${literal(mail('not told'))}`)
    expect(await told()).to.equal('')
    const name = /"([^"]*Chung2)"/.exec(await c.ok('LIST "" *Chung2'))![1]!
    expect(await c.ok(`NOTIFY SET (mailboxes "${name}" (MessageNew MessageExpunge))`)).to.match(
      /\* LIST \(\\NoAccess .*Chung2"/,
    )
  })
  it('BADEVENT, and bad syntax', async () => {
    expect(await c.command('NOTIFY SET (personal (MessageNew MessageExpunge AnnotationChange))')).to.match(
      /^NO \[BADEVENT \(MessageNew MessageExpunge FlagChange MailboxName /,
    )
    expect(await c.command('NOTIFY SET (personal (Unheard))')).to.match(/^NO \[BADEVENT \(/)
    for (const bad of [
      'NOTIFY',
      'NOTIFY SET',
      'NOTIFY SET STATUS',
      'NOTIFY SET ()',
      'NOTIFY SET (personal)',
      'NOTIFY SET (personal ())',
      'NOTIFY SET (personal (MessageNew))',
      'NOTIFY SET (personal (MessageExpunge))',
      'NOTIFY SET (personal (FlagChange))',
      'NOTIFY SET (selected (MailboxName))',
      'NOTIFY SET (selected (MessageNew MessageExpunge)) (selected-delayed (MessageNew MessageExpunge))',
      'NOTIFY SET (everything (MailboxName))',
      'NOTIFY SET (subtree () (MailboxName))',
      'NOTIFY SET (mailboxes (MailboxName))',
      'NOTIFY SET (selected (MessageNew (NONSENSE) MessageExpunge))',
      'NOTIFY NONE x',
      `NOTIFY SET ${'(personal (MailboxName)) '.repeat(51)}`,
      `NOTIFY SET ${'('.repeat(1000)}`,
    ]) {
      expect(await c.command(bad), bad.slice(0, 80)).to.match(/^BAD/)
      await c.ok('NOOP')
    }
  })
  it('too much: one OK [NOTIFICATIONOVERFLOW], then nothing; asking again works', async () => {
    await c.ok('NOTIFY SET (personal (MailboxName))')
    await c.ok('SELECT INBOX')
    // A command half received: nothing is told meanwhile, and what waits is bounded.
    for (let i = 0; i < 3; i++) await other.ok(`CREATE t${i}`)
    await c.until(/\* LIST .*"t2"\r\n/)
    c.socket.pause()
    await f.store.write('createMailbox', { account: f.id(an), path: 'root' })
    await Promise.all(
      Array.from({ length: 600 }, (_, i) => f.store.write('createMailbox', { account: f.id(an), path: `root/${i}` })),
    )
    await f.store.write('renameMailbox', { account: f.id(an), from: 'root', to: 'tree' })
    c.socket.resume()
    await c.until('* OK [NOTIFICATIONOVERFLOW]')
    await other.ok('CREATE after')
    expect(await told()).not.to.contain('after')
    await c.ok('NOTIFY SET (personal (MailboxName))')
    await other.ok('CREATE again')
    await c.until('"again"\r\n')
  })
  it('works while a literal is on its way, and with pipelined commands', async () => {
    await c.ok('SELECT INBOX')
    await c.ok(
      'NOTIFY SET (selected (MessageNew (BODY.PEEK[]) MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge))',
    )
    const message = mail('long')
    c.write(`a APPEND Sent {${Buffer.byteLength(message)}}\r\n`)
    await c.until('+ go ahead\r\n')
    await f.deliver(an, mail('in between'))
    await c.until(/in between[\s\S]*\)\r\n/)
    c.write(`${message}\r\nb NOOP\r\nc NOOP\r\n`)
    const rest = await c.until(/c OK.*\r\n/)
    expect(rest)
      .to.match(/a OK \[APPENDUID/)
      .and.to.match(/b OK/)
  })
})
