/** Deleted mail: every door that removes keeps it, nobody sees it in mail programs, and administrators bring it back. */
import { connect } from 'node:net'
import { expect } from 'chai'
import type { DeletedMail, RecordLine } from '#kit/directory/calls.ts'
import { Client } from '#test/mailserver/imap/fixture.ts'
import { until } from '#test/until.ts'
import { type Administered, an, ha, password, register, startAdministered } from './service.ts'

const letter = (subject: string, from = 'Trần Hà <ha@ngoai.vn>') =>
  Buffer.from(`From: ${from}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@ngoai.vn>\r\n\r\nKính gửi.\r\n`)

type Listed = { found: DeletedMail[]; total: number; octets: number; days: number }

describe('deleted mail', () => {
  let s: Administered
  beforeEach(async () => {
    s = await startAdministered()
  })
  afterEach(() => s[Symbol.asyncDispose]())

  async function imap(address: string): Promise<Client> {
    const client = new Client(connect(s.ports.imap, '127.0.0.1'))
    await client.until('\r\n')
    await client.ok(`LOGIN ${address} "${password}"`)
    return client
  }
  const listed = (...query: string[]) => s.json<Listed>('mail', 'deleted', an, ...query)
  const subjects = (list: Listed) => list.found.map((m) => m.subject)

  it('is what EXPUNGE, UID EXPUNGE, CLOSE, POP3 DELE, DELETE and an administrator removed; not what was moved', async () => {
    const c = await imap(an)
    for (const name of ['expunge', 'uid', 'close', 'pop', 'cli', 'move']) await c.append('INBOX', letter(name))
    await c.ok('CREATE Xong')
    await c.append('Xong', letter('folder'))
    await c.ok('SELECT INBOX')
    await c.ok('STORE 1 +FLAGS.SILENT (\\Deleted)')
    await c.ok('EXPUNGE')
    await c.ok('UID STORE 2 +FLAGS.SILENT (\\Deleted)')
    await c.ok('UID EXPUNGE 2')
    await c.ok('UID STORE 3 +FLAGS.SILENT (\\Deleted)')
    await c.ok('CLOSE')
    await c.ok('SELECT INBOX')
    await c.ok('UID MOVE 6 Trash')
    await c.ok('DELETE Xong')
    await s.ok('mail', 'expunge', an, 'INBOX', 'SUBJECT', 'cli')
    const pop = new Client(connect(s.ports.pop3, '127.0.0.1'))
    await pop.until('\r\n')
    pop.write(`USER ${an}\r\nPASS ${password}\r\nDELE 1\r\nQUIT\r\n`)
    await until('POP3 to end', () => pop.closed)
    await until('the folder to be emptied', async () => (await listed()).total === 6)
    const list = await listed()
    expect(new Set(subjects(list))).to.deep.equal(new Set(['expunge', 'uid', 'close', 'cli', 'pop', 'folder']))
    expect(list.days).to.equal(14)
    const by = (subject: string) => list.found.find((m) => m.subject === subject)!
    expect(by('folder')).to.include({ folder: 'Xong', deletedBy: an })
    expect(by('pop')).to.include({ folder: 'INBOX', deletedBy: an, from: 'Trần Hà <ha@ngoai.vn>' })
    expect(by('cli').deletedBy).to.match(/@cli$/)
    c.destroy()
    // in no folder, no count, no search of a mail program
    const again = await imap(an)
    expect(await again.ok('LIST "" "*"')).to.not.match(/Xong|""\r\n/)
    expect(await again.ok('GETQUOTAROOT INBOX')).to.match(/MESSAGE|STORAGE/)
    expect(await again.ok('STATUS INBOX (MESSAGES)')).to.contain('MESSAGES 0')
    const account = await s.json<{ account: { messages: number } }>('mailbox', 'list', an)
    expect(account.account.messages).to.equal(1)
    again.destroy()
  }).timeout(120_000)

  it('is found, restored and purged by commands, each in the record', async () => {
    const c = await imap(an)
    for (const name of ['Cong van', 'Bao cao', 'Ke hoach']) await c.append('INBOX', letter(name))
    await c.ok('SELECT INBOX')
    await c.ok('STORE 1:3 +FLAGS.SILENT (\\Deleted \\Seen)')
    await c.ok('EXPUNGE')
    expect(subjects(await listed('SUBJECT', 'bao'))).to.deep.equal(['Bao cao'])
    expect(subjects(await listed('SAVEDBEFORE', '1-Jan-2020'))).to.deep.equal([])
    expect(await s.ok('mail', 'deleted', an)).to.match(/^3 +\S+ +an\.nguyen@haiduong\.gov\.vn +INBOX .* Ke hoach$/m)
    expect(await s.ok('mail', 'restore', an, 'SUBJECT', 'bao', '--dry-run')).to.match(/^1 .* would be restored/)
    expect(await s.ok('mail', 'restore', an, 'SUBJECT', 'bao')).to.match(/^1 .* restored to INBOX/)
    expect(await c.ok('NOOP'), 'programs hear of it').to.match(/\* 1 EXISTS/)
    expect(await c.ok('FETCH 1 (FLAGS)')).to.match(/FLAGS \(\\Seen/)
    expect(await s.ok('mail', 'restore', an, 'UID 1', '--to', 'Archive')).to.match(/restored to Archive/)
    expect((await s.congso(['mail', 'restore', an, 'ALL', '--to', 'Nơi khác'])).code).to.equal(1)
    expect((await s.congso(['mail', 'restore', an, 'FROB'])).code).to.equal(2)
    expect((await s.congso(['mail', 'restore', an])).code).to.equal(2)
    expect(await s.json('mail', 'purge', an, 'ALL', '--dry-run')).to.include({ messages: 1 })
    expect(await s.ok('mail', 'purge', an, 'ALL')).to.match(/^1 .* gone for good/)
    expect((await listed()).total).to.equal(0)
    expect(await s.json('mail', 'deleted', register)).to.include({ total: 0 })
    const record = await s.json<RecordLine[]>('record', an)
    const acts = record.filter((l) => l.what !== 'deleted.list')
    expect(acts.map((l) => [l.what, l.detail.replace(/ \(\d+ octets\)/, '')])).to.deep.equal([
      ['deleted.purge', '1 deleted messages to be purged by ALL'],
      ['deleted.restore', '1 deleted messages to be restored to Archive by UID 1'],
      ['deleted.restore', '1 deleted messages to be restored to where they lay by SUBJECT bao'],
    ])
    expect(record.every((l) => l.by.endsWith('@cli'))).to.equal(true)
    c.destroy()
    await s.stop()
    expect((await listed()).total, 'also while the service is stopped').to.equal(0)
  }).timeout(120_000)

  it('is its owner’s on the pages and nobody else’s, and comes back only where there is room', async () => {
    const c = await imap(an)
    await c.append('INBOX', letter('riêng'))
    await c.append('INBOX', letter('Phiếu trình', 'Mai <mai@ngoai.vn>'))
    await c.ok('SELECT INBOX')
    await c.ok('STORE 1:2 +FLAGS.SILENT (\\Deleted)')
    await c.ok('EXPUNGE')
    using desk = s.directory('desk')
    const list = (by: string, which = {}) =>
      desk['deleted.list']({ address: an, which, offset: 0, limit: 50, by }).catch((e: { status?: number }) => e.status)
    expect(await list(ha)).to.equal(403)
    expect(await list(an)).to.include({ total: 2, days: 14 })
    expect(await list(an, { words: ['phieu'] })).to.include({ total: 1 })
    expect(await list(an, { words: ['mai', 'TRÌNH'] })).to.include({ total: 1 })
    expect(await list(an, { words: ['mai', 'riêng'] })).to.include({ total: 0 })
    expect(await list(an, { since: new Date(Date.now() - 60_000).toISOString() })).to.include({ total: 2 })
    expect(await list(an, { before: new Date(Date.now() - 60_000).toISOString() })).to.include({ total: 0 })
    await s.ok('account', 'set', an, '--quota', '10')
    const restore = (by: string) =>
      desk['deleted.restore']({ address: an, which: {}, by }).catch((e: { status?: number }) => e.status)
    expect(await restore(ha)).to.equal(403)
    expect(await restore(an)).to.equal(409)
    await s.ok('account', 'set', an, '--quota', '1MB')
    expect(await restore(an)).to.deep.include({ messages: 2, folders: ['INBOX'] })
    expect(await s.json('record', an), 'one’s own is nobody’s concern').to.deep.equal([])
    c.destroy()
  }).timeout(120_000)
})
