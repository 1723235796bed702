/** Mail taken away as Maildir and mbox, read by other programs, and brought back by import as it was. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import type { FoundMail, MailboxShown, RecordLine } from '#kit/directory/calls.ts'
import { Client } from '#test/mailserver/imap/fixture.ts'
import { installed } from '#test/programs.ts'
import { until } from '#test/until.ts'
import { type Administered, an, ha, password, startAdministered } from './service.ts'

const letter = (subject: string, body = 'Kính gửi.', more = '') =>
  Buffer.from(`Return-Path: <a@ngoai.vn>\r\nFrom: a@ngoai.vn\r\nSubject: ${subject}\r\n${more}\r\n${body}\r\n`)
const folders = ['INBOX', 'Dự án', 'Dự án/2025', 'v1.0.mbox', '.ẩn', 'R&D 100', 'INBOX/Con']
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const odd = 'From here on\r\n>From there\r\n>>From nowhere\r\nfrom\r\n\r\nFrom again Fri Mar  1 02:03:04 2024\r\n\r\n'

describe('export of mail', () => {
  let s: Administered
  beforeEach(async () => {
    s = await startAdministered({ maxMessageMb: '10' })
    await fill()
  })
  afterEach(() => s[Symbol.asyncDispose]())

  async function fill(): Promise<void> {
    const c = new Client(connect(s.ports.imap, '127.0.0.1'))
    await c.until('\r\n')
    await c.ok(`LOGIN ${an} "${password}"`)
    await c.ok('ENABLE IMAP4rev2')
    for (const folder of folders) if (folder !== 'INBOX') await c.ok(`CREATE "${folder}"`)
    for (const [i, folder] of folders.entries()) {
      const put = (flags: string, date: string, raw: Buffer) => c.append(`"${folder}"`, raw, `(${flags}) "${date}" `)
      await put('\\Seen \\Flagged $Label1 tuyet-mat', '01-Mar-2024 09:03:04 +0700', letter(`thư ${i}`, odd))
      await put('', '29-Feb-2024 23:59:59 +0000', letter(`hai ${i}`))
      await put('\\Answered \\Draft $Forwarded', '10-Dec-2025 00:00:00 +0000', letter(`hai ${i}`))
    }
    await c.append('INBOX', letter('to', `${'x'.repeat(70)}\r\n`.repeat(90_000)))
    c.destroy()
  }
  /** folder, subject, flags, date (to the second, as IMAP and mbox have it) and octets of every message */
  async function all(address: string, under = ''): Promise<string[]> {
    const { found } = await s.json<{ found: FoundMail[] }>('mail', 'search', address, 'ALL')
    using cli = s.directory('cli')
    const lines = await Promise.all(
      found.map(async ({ folder, uid, flags, at, subject, size }) => {
        const { base64 } = await cli['mail.read']({ address, folder, uid, from: 0, by: 'x@cli' })
        const place = under === '' ? folder : folder.replace(new RegExp(`^${under}/?`), '') || 'INBOX'
        return [place, subject, [...flags].sort().join(' '), at.slice(0, 19), size, sha256(base64)].join(' | ')
      }),
    )
    return lines.sort()
  }
  const files = (root: string, sub = 'cur') => readdirSync(join(root, sub))

  it('a Maildir comes back as it was; again it adds what is new and renames where flags changed', async () => {
    const to = join(s.data, 'out')
    const before = await all(an)
    expect(before).to.have.length(folders.length * 3 + 1)
    await s.ok('export', 'maildir', an, to)
    expect(existsSync(join(to, '.D&HvE- &AOE-n.2025', 'cur'))).to.equal(true)
    expect(files(to).filter((f) => /:2,FSa?b?$/.test(f))).to.have.length(1)
    const one = files(to).find((f) => /:2,FS/.test(f))!
    expect(statSync(join(to, 'cur', one)).mtime.toISOString()).to.equal('2024-03-01T02:03:04.000Z')
    expect(readFileSync(join(to, 'cur', one)).includes('\r')).to.equal(false)
    await s.ok('import', 'maildir', to, '--account', ha)
    expect(await all(ha)).to.deep.equal(before)
    const again = await s.json<{ folders: { messages: number }[] }>('export', 'maildir', an, to)
    expect(again.folders.reduce((sum, f) => sum + f.messages, 0)).to.equal(0)

    const c = new Client(connect(s.ports.imap, '127.0.0.1'))
    await c.until('\r\n')
    await c.ok(`LOGIN ${an} "${password}"`)
    await c.ok('SELECT INBOX')
    await c.ok('STORE 1 -FLAGS (\\Flagged)')
    await c.append('INBOX', letter('mới'))
    c.destroy()
    const more = await s.json<{ folders: { folder: string; messages: number }[] }>('export', 'maildir', an, to)
    expect(more.folders.find((f) => f.folder === 'INBOX')).to.include({ messages: 1 })
    expect(files(to)).to.have.length(5)
    expect(files(to).filter((f) => /:2,[^S]*F/.test(f))).to.deep.equal([])
    const record = await s.json<RecordLine[]>('record', an)
    expect(record.find((l) => l.what === 'mail.export')?.detail).to.match(/messages of .* to be exported to maildir \//)
  }).timeout(240_000)

  it('mbox files come back as they were, and other programs count the same in them', async () => {
    const to = join(s.data, 'out')
    const before = await all(an)
    await s.ok('export', 'mbox', an, to)
    await s.ok('export', 'mbox', an, to, '--folder', 'INBOX')
    expect(readdirSync(to, { recursive: true })).to.include.members(['INBOX.mbox', 'Dự án/2025.mbox', '%2Eẩn.mbox'])
    await s.ok('import', 'mbox', to, '--account', ha)
    expect(await all(ha)).to.deep.equal(before)
    await s.ok('import', 'mbox', to, '--account', ha, '--folder', 'Cũ')
    const { mailboxes } = await s.json<{ mailboxes: MailboxShown[] }>('mailbox', 'list', ha)
    expect(mailboxes.find((m) => m.path === 'Cũ/Dự án/2025')).to.include({ messages: 3, unseen: 2 })
    const python = execFileSync(
      'python3',
      [
        '-c',
        `import mailbox, sys
box = mailbox.mbox(sys.argv[1], create=False)
print([(m["subject"], m.get_flags()) for m in box][:3], len(box), box[0].get_from())`,
        join(to, 'INBOX.mbox'),
      ],
      { encoding: 'utf8' },
    )
    expect(python).to.match(/'ROF'\), \('hai 0', 'O'\), \('hai 0', 'OAT'\)\] 4 a@ngoai\.vn Fri Mar {2}1 02:03:04 2024/)
    if (!installed('mutt') || !installed('script')) return
    const picked = join(s.data, 'picked')
    writeFileSync(
      join(s.data, 'muttrc'),
      [
        `set folder=${s.data} spoolfile="${join(to, 'INBOX.mbox')}" mbox_type=mbox record= postponed= header_cache=`,
        'set quit=yes confirmcreate=no confirmappend=no copy=no delete=no move=no wait_key=no',
        `push '<tag-pattern>~s "hai 0" ~Q<enter><tag-prefix-cond><copy-message>${picked}<enter><end-cond><quit>'`,
        '',
      ].join('\n'),
    )
    spawnSync('script', ['-qec', `mutt -n -R -F ${join(s.data, 'muttrc')}`, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', HOME: s.data },
      timeout: 20_000,
    })
    // the one of two equal letters that was answered, with its text
    expect(readFileSync(picked, 'utf8').match(/^Subject: hai 0$/gm)).to.have.length(1)
    expect(readFileSync(picked, 'utf8')).to.match(/^Kính gửi\.$/m)
  }).timeout(240_000)

  for (const kind of ['maildir', 'mbox'] as const)
    it(`${kind}: killed at any time and done again, it is whole`, async () => {
      const to = join(s.data, 'out')
      const killed = s.congso(['export', kind, an, to])
      await until('it to write', () => existsSync(to) && readdirSync(to).length > 1)
      killed.child.kill('SIGKILL')
      await killed
      await s.ok('export', kind, an, to)
      await s.ok('import', kind, to, '--account', ha)
      expect(await all(ha)).to.deep.equal(await all(an))
    }).timeout(240_000)

  it('says what it cannot do', async () => {
    expect((await s.congso(['export', 'mbox', an, join(s.data, 'x'), '--folder', 'Không có'])).code).to.equal(1)
    expect((await s.congso(['export', 'mbox', 'khong.co@haiduong.gov.vn', join(s.data, 'x')])).code).to.equal(1)
    expect((await s.congso(['export', 'tar', an, join(s.data, 'x')])).code).to.equal(2)
    await s.ok('mailbox', 'create', an, `${'ệ'.repeat(120)}`)
    const long = await s.congso(['export', 'mbox', an, join(s.data, 'x')])
    expect([long.code, long.err.match(/left out: folder .* too long/) !== null]).to.deep.equal([1, true])
    expect(existsSync(join(s.data, 'x', 'INBOX.mbox'))).to.equal(true)
  }).timeout(120_000)
})
