/** Looking into mailboxes and acting there by commands, while mail programs are signed in. */
import { connect } from 'node:net'
import { expect } from 'chai'
import type { FoundMail, MailboxShown, OpenSession, RecordLine } from '#kit/directory/calls.ts'
import { queryOf } from '#mailserver/admin/commands/mail.ts'
import { Client } from '#test/mailserver/imap/fixture.ts'
import { until } from '#test/until.ts'
import { type Administered, an, domain, ha, password, register, startAdministered } from './service.ts'

const letter = (subject: string, from = 'Trần Hà <ha@ngoai.vn>', body = 'Kính gửi.') =>
  Buffer.from(`From: ${from}\r\nSubject: ${subject}\r\nMessage-ID: <${subject.length}@ngoai.vn>\r\n\r\n${body}\r\n`)

describe('looking and acting by commands', () => {
  let s: Administered
  before(async () => {
    s = await startAdministered()
  })
  after(() => s[Symbol.asyncDispose]())

  async function imap(address: string): Promise<Client> {
    const client = new Client(connect(s.ports.imap, '127.0.0.1'))
    await client.until('\r\n')
    await client.ok(`LOGIN ${address} "${password}"`)
    return client
  }

  it('lists who is signed in, by which program and from where, and ends one or all', async () => {
    const one = await imap(an)
    await one.ok('ID ("name" "Thunderbird" "version" "140.1")')
    await one.ok('SELECT INBOX')
    const two = await imap(an)
    const other = await imap(ha)
    const pop = new Client(connect(s.ports.pop3, '127.0.0.1'))
    await pop.until('\r\n')
    pop.write(`USER ${ha}\r\n`)
    await pop.until('+OK')
    pop.write(`PASS ${password}\r\n`)
    await pop.until('+OK')
    const smtp = new Client(connect(s.ports.submission, '127.0.0.1'))
    await smtp.until('\r\n')
    smtp.write(`EHLO may-cua-an\r\nAUTH PLAIN ${Buffer.from(`\0${an}\0${password}`).toString('base64')}\r\n`)
    await until('SMTP to let in', () => smtp.received.includes('235 '))
    using desk = s.directory('desk')
    const { token } = await desk['auth.signIn']({ address: an, password, ip: '192.0.2.7', client: 'Firefox 140' })

    const all = await s.json<OpenSession[]>('sessions', 'list')
    expect(all.map((x) => `${x.account} ${x.protocol}`).sort()).to.deep.equal(
      [`${an} imap`, `${an} imap`, `${an} smtp`, `${an} web`, `${ha} imap`, `${ha} pop3`].sort(),
    )
    const mine = await s.json<OpenSession[]>('sessions', 'list', an)
    expect(mine).to.have.length(4)
    const named = mine.find((x) => x.client === 'Thunderbird 140.1')!
    expect(named).to.include({ protocol: 'imap', ip: '127.0.0.1', encrypted: false, folder: 'INBOX' })
    expect(Date.parse(named.since)).to.be.closeTo(Date.now(), 60_000)
    expect(mine.find((x) => x.protocol === 'smtp')).to.include({ client: 'may-cua-an' })
    expect(mine.find((x) => x.protocol === 'web')).to.include({ client: 'Firefox 140', ip: '192.0.2.7' })
    expect((await s.ok('sessions', 'list', ha)).split('\n')[0]).to.contain(ha)

    expect(await s.ok('sessions', 'end', named.id)).to.equal('1 ended\n')
    await until('the session to end', () => one.closed)
    expect(one.received).to.contain('* BYE ')
    await two.ok('NOOP')
    expect((await s.congso(['sessions', 'end', named.id])).code).to.equal(1)

    expect(await s.ok('sessions', 'end', an)).to.equal('3 ended\n')
    await until('all to end', () => two.closed && smtp.closed)
    expect(smtp.received).to.contain('421 4.7.0')
    const ended = await desk['auth.whoami']({ token }).catch((err: { status?: number }) => err.status)
    expect(ended).to.equal(401)
    await other.ok('NOOP')
    expect((await s.json<OpenSession[]>('sessions', 'list', an)).length).to.equal(0)
    const [line] = await s.json<RecordLine[]>('record', an)
    expect(line).to.include({ what: 'sessions.end', account: an, detail: '3 sessions ended' })
    expect(line!.by).to.match(/@cli$/)
    expect((await s.congso(['sessions', 'end', `khong.co@${domain}`])).code).to.equal(1)
    for (const client of [other, pop]) client.destroy()
  }).timeout(60_000)

  it('makes, renames and removes folders, and shows what they hold', async () => {
    await s.ok('mailbox', 'create', an, 'Hồ sơ/2026')
    expect((await s.congso(['mailbox', 'create', an, 'Hồ sơ/2026'])).code).to.equal(1)
    expect((await s.congso(['mailbox', 'create', an, 'a//b'])).code).to.equal(2)
    expect((await s.congso(['mailbox', 'create', an, 'x', '--use', '\\Nothing'])).code).to.equal(2)
    await s.ok('mailbox', 'rename', an, 'Hồ sơ/2026', 'Hồ sơ/Cũ')
    const c = await imap(an)
    await c.append('INBOX', letter('một'))
    await c.ok('CREATE Chua')
    await c.append('Chua', letter('hai'))
    c.destroy()
    const { mailboxes, account } = await s.json<{ mailboxes: MailboxShown[]; account: { messages: number } }>(
      'mailbox',
      'list',
      an,
    )
    expect(mailboxes.map((m) => m.path)).to.include.members(['Hồ sơ/Cũ', 'INBOX', 'Chua'])
    expect(account.messages).to.equal(2)
    expect(await s.ok('mailbox', 'list', an)).to.match(/^=\s+2\/- messages\s+\d+B\/1GB$/m)
    expect(await s.json('mailbox', 'status', an, 'Chua')).to.include({ messages: 1, unseen: 1, uidNext: 2 })
    expect((await s.congso(['mailbox', 'status', an, 'Không có'])).code).to.equal(1)
    const full = await s.congso(['mailbox', 'remove', an, 'Chua'])
    expect([full.code, full.err]).to.deep.equal([
      1,
      'congso: Thư mục Chua còn 1 thư; thêm --with-mail để xóa cả thư.\n',
    ])
    expect(await s.ok('mailbox', 'remove', an, 'Chua', '--with-mail')).to.equal('1 messages removed\n')
    expect((await s.congso(['mailbox', 'remove', an, 'INBOX', '--with-mail'])).code).to.equal(1)
    expect((await s.congso(['mailbox', 'rename', register, 'Ledger', 'x'])).code).to.equal(1)
  }).timeout(60_000)

  it('searches, shows, moves and expunges by the words of IMAP SEARCH, and the record says who did', async () => {
    const c = await imap(ha)
    await c.ok('CREATE Xong')
    const big = letter('lớn', 'X <x@ngoai.vn>', 'y'.repeat(200_000))
    await c.append('INBOX', letter('=?utf-8?B?Q8O0bmcgdsSDbg==?='))
    await c.append('INBOX', letter('hai', 'ai do <b@ngoai.vn>'))
    await c.append('INBOX', big)
    const found = await s.json<{ found: FoundMail[]; total: number }>('mail', 'search', ha, 'FROM', 'Trần Hà')
    expect(found.total).to.equal(1)
    expect(found.found[0]).to.include({ folder: 'INBOX', uid: 1, subject: 'Công văn', from: 'Trần Hà <ha@ngoai.vn>' })
    expect((await s.json<{ total: number }>('mail', 'search', ha, 'OR LARGER 100000 SUBJECT hai')).total).to.equal(2)
    expect((await s.json<{ total: number }>('mail', 'search', ha, 'UID 2:*', '--folder', 'INBOX')).total).to.equal(2)
    for (const wrong of [['FROB'], ['1:2'], ['FROM'], ['('.repeat(2000)], ['$']])
      expect((await s.congso(['mail', 'search', ha, ...wrong])).code, wrong[0]!.slice(0, 9)).to.equal(2)
    expect((await s.congso(['mail', 'search', ha, 'ALL', '--folder', 'Nơi khác'])).code).to.equal(1)

    expect(await s.ok('mail', 'show', ha, 'INBOX', '3')).to.equal(big.toString())
    const [line] = await s.json<RecordLine[]>('record', ha)
    expect(line).to.include({ what: 'mail.read', detail: `INBOX UID 3, ${big.length} octets` })
    expect((await s.congso(['mail', 'show', ha, 'INBOX', '99'])).code).to.equal(1)

    expect(await s.ok('mail', 'move', ha, 'INBOX', 'Xong', 'SUBJECT', 'hai', '--dry-run')).to.match(
      /^1 .* would be moved/,
    )
    await s.ok('mail', 'move', ha, 'INBOX', 'Xong', 'SUBJECT', 'hai')
    expect(await s.json('mail', 'expunge', ha, 'INBOX', 'LARGER', '100000', '--dry-run')).to.include({ messages: 1 })
    await c.ok('SELECT INBOX')
    expect(await s.json('mail', 'expunge', ha, 'INBOX', 'LARGER', '100000')).to.include({ messages: 1 })
    expect(await c.ok('NOOP'), 'programs hear of it').to.match(/\* 2 EXPUNGE/)
    expect(await c.ok('STATUS Xong (MESSAGES)')).to.contain('MESSAGES 1')
    expect((await s.congso(['mail', 'expunge', register, 'Ledger', 'ALL'])).code).to.equal(1)
    const record = await s.json<RecordLine[]>('record', ha)
    expect(record.map((l) => l.what).slice(0, 2)).to.deep.equal(['mail.expunge', 'mail.move'])
    c.destroy()
  }).timeout(120_000)

  it('copies within an account and to another, and sets flags, but nothing in a register', async () => {
    const c = await imap(ha)
    await c.ok('CREATE Chép')
    await c.append('INBOX', letter('chép tôi'))
    const other = await imap(an)
    await other.ok('SELECT INBOX')
    expect(await s.ok('mail', 'copy', ha, 'INBOX', 'Chép', 'SUBJECT', 'chép tôi', '--dry-run')).to.match(
      /^1 .* would be copied/,
    )
    expect(await s.json('mail', 'copy', ha, 'INBOX', 'Chép', 'SUBJECT', 'chép tôi')).to.include({ messages: 1 })
    await s.ok('mail', 'copy', ha, 'INBOX', 'INBOX', 'SUBJECT', 'chép tôi', '--to-account', an)
    expect(await other.ok('NOOP'), 'programs hear of it').to.match(/\* \d+ EXISTS/)
    expect((await s.json<RecordLine[]>('record', an))[0]).to.include({ what: 'mail.copy' })
    expect((await s.congso(['mail', 'copy', ha, 'INBOX', 'INBOX', 'ALL', '--to-account', register])).code).to.equal(1)

    await s.ok('mail', 'flag', ha, 'Chép', '\\Seen $Viec', 'ALL')
    await c.ok('SELECT Chép')
    expect(await c.ok('FETCH 1 (FLAGS)')).to.match(/FLAGS \((?=.*\\Seen)(?=.*\$Viec)/)
    await s.ok('mail', 'flag', ha, 'Chép', '\\Seen', 'ALL', '--remove')
    expect(await c.ok('NOOP')).to.match(/FLAGS \(\$Viec\)/)
    expect(await s.ok('mail', 'flag', ha, 'Chép', '(\\Flagged)', 'ALL', '--replace')).to.equal('1 messages flagged\n')
    expect(await c.ok('NOOP')).to.match(/FLAGS \(\\Flagged\)/)
    expect((await s.congso(['mail', 'flag', ha, 'Chép', '\\Sen', 'ALL'])).code).to.equal(2)
    expect((await s.congso(['mail', 'flag', register, 'Ledger', '\\Seen', 'ALL'])).code).to.equal(1)
    c.destroy()
    other.destroy()
  }).timeout(120_000)

  it('keeps, shows, activates and removes scripts of others, and says where one is wrong', async () => {
    const script = 'require "fileinto";\r\nfileinto "Xong";\r\n'
    const put = (text: string, ...more: string[]) =>
      s.congso(['sieve', 'put', ha, 'chia', '-', ...more], { input: text })
    const wrong = await put('require "fileinto";\nfileinto')
    expect(wrong).to.include({ code: 1 })
    expect(wrong.err).to.match(/^-:2:\d+: .+ \/ .+/m)
    expect(await s.json('sieve', 'list', ha)).to.deep.equal([])
    expect((await put(script, '--activate')).out).to.equal('chia kept, active\n')
    expect(await s.ok('sieve', 'show', ha, 'chia')).to.equal(script)
    const [one] = await s.json<{ name: string; active: boolean; octets: number }[]>('sieve', 'list', ha)
    expect(one).to.include({ name: 'chia', active: true, octets: script.length })
    expect((await s.congso(['sieve', 'remove', ha, 'chia'])).code, 'it is active').to.equal(1)
    await s.ok('sieve', 'activate', ha)
    await s.ok('sieve', 'remove', ha, 'chia')
    expect((await s.congso(['sieve', 'show', ha, 'chia'])).code).to.equal(1)
    expect((await s.congso(['sieve', 'list', register])).code, 'no script sorts a register').to.equal(1)
    const record = await s.json<RecordLine[]>('record', ha)
    expect(record.map((l) => l.what).slice(0, 4)).to.deep.equal([
      'script removed',
      'script made active',
      'script read',
      'script kept',
    ])
  }).timeout(120_000)

  it('makes one query of the words of a shell', () => {
    expect(queryOf(['FROM', 'Trần Hà', 'UNSEEN'])).to.equal('FROM "Trần Hà" UNSEEN')
    expect(queryOf(['SUBJECT', 'a "b" \\'])).to.equal('SUBJECT "a \\"b\\" \\\\"')
    expect(queryOf(['OR SEEN FLAGGED'])).to.equal('OR SEEN FLAGGED')
    expect(queryOf(['SUBJECT', ''])).to.equal('SUBJECT ""')
  })
})
