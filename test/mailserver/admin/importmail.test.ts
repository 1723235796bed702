/** Mail from Maildirs and mbox files that other programs wrote: Dovecot, and Python's mailbox module. */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { FoundMail, MailboxShown, RecordLine } from '#kit/directory/calls.ts'
import { installed } from '#test/programs.ts'
import { until } from '#test/until.ts'
import { type Administered, an, ha, register, startAdministered } from './service.ts'

const letter = (subject: string, body = 'Kính gửi.') => `From: a@ngoai.vn\nSubject: ${subject}\n\n${body}\n`
type Sum = { found: number; added: number; skipped: { where: string; why: string }[] }

describe('import of mail', () => {
  let s: Administered
  beforeEach(async () => {
    s = await startAdministered({ maxMessageMb: '1' })
  })
  afterEach(() => s[Symbol.asyncDispose]())

  function maildir(): string {
    const root = join(s.data, 'Maildir')
    for (const folder of ['', '.Sent', '.D&HvE- &AOE-n.2025', '.Tr&APQ-ng'])
      for (const sub of ['cur', 'new', 'tmp']) mkdirSync(join(root, folder, sub), { recursive: true })
    const put = (path: string, text: string | Buffer, at: string) => {
      writeFileSync(join(root, path), text)
      utimesSync(join(root, path), new Date(at), new Date(at))
    }
    put('cur/1700000001.M1.host,S=60:2,RSab', letter('một'), '2024-03-01T02:03:04Z')
    put('new/1700000002.M2.host', letter('hai'), '2024-03-02T00:00:00Z')
    put('cur/1700000003.M3.host:2,S', letter('to', 'x'.repeat(1_100_000)), '2024-03-02T00:00:00Z')
    put('.Sent/cur/1700000004.M4.host:2,SFTDP', letter('ba'), '2024-03-03T00:00:00Z')
    put('.D&HvE- &AOE-n.2025/cur/1700000005.M5.host,W=9:2,', gzipSync(letter('nén')), '2024-03-04T00:00:00Z')
    put('.D&HvE- &AOE-n.2025/cur/1700000006.M6.host:2,S', gzipSync(Buffer.alloc(9_000_000)), '2024-03-04T00:00:00Z')
    writeFileSync(join(root, 'dovecot-keywords'), '0 $Label1\n1 dự-án\nkhông phải dòng\n')
    return root
  }
  const all = async (address: string) =>
    (await s.json<{ found: FoundMail[] }>('mail', 'search', address, 'ALL')).found.sort((a, b) =>
      a.subject < b.subject ? -1 : 1,
    )

  it('takes a Maildir with its folders, flags, keywords and dates; again it adds nothing', async () => {
    const root = maildir()
    const dry = await s.congso(['import', 'maildir', root, '--account', an, '--dry-run', '--json'])
    expect(dry.code, 'something is left out').to.equal(1)
    expect(JSON.parse(dry.out)).to.include({ found: 4, added: 0 })
    expect(await all(an)).to.deep.equal([])
    const done = await s.congso(['import', 'maildir', root, '--account', an, '--json'])
    expect(done.err).to.equal('')
    const sum = JSON.parse(done.out) as Sum
    expect(sum).to.include({ found: 4, added: 4 })
    expect(sum.skipped.map((x) => x.where.replace(/.*\.(M\d).*/, '$1'))).to.have.members(['M3', 'M6'])
    const found = await all(an)
    expect(found.map((m) => `${m.folder}: ${m.subject}`)).to.have.members([
      'INBOX: một',
      'INBOX: hai',
      'Sent: ba',
      'Dự án/2025: nén',
    ])
    const one = found.find((m) => m.subject === 'một')!
    expect(one.at).to.equal('2024-03-01T02:03:04.000Z')
    expect(one.flags).to.have.members(['\\Seen', '\\Answered', '$Label1'])
    expect(found.find((m) => m.subject === 'ba')!.flags).to.have.members([
      '\\Seen',
      '\\Flagged',
      '\\Deleted',
      '\\Draft',
      '$Forwarded',
    ])
    expect(await s.ok('mail', 'show', an, 'INBOX', String(one.uid))).to.equal(letter('một').replaceAll('\n', '\r\n'))
    expect(JSON.parse((await s.congso(['import', 'maildir', root, '--account', an, '--json'])).out)).to.include({
      added: 0,
    })
    const under = await s.congso(['import', 'maildir', root, '--account', ha, '--folder', 'Cũ', '--json'])
    expect(JSON.parse(under.out)).to.include({ added: 4 })
    const { mailboxes } = await s.json<{ mailboxes: MailboxShown[] }>('mailbox', 'list', ha)
    expect(mailboxes.map((m) => m.path)).to.include.members(['Cũ', 'Cũ/Sent', 'Cũ/Dự án/2025'])
    const record = await s.json<RecordLine[]>('record', an)
    expect(record.map((l) => l.what)).to.include('mail.import')
    for (const [path, account] of [
      [s.data, an],
      [root, register],
      [root, 'khong.co@haiduong.gov.vn'],
    ] as const)
      expect((await s.congso(['import', 'maildir', path, '--account', account])).code).to.equal(1)
  }).timeout(120_000)

  it('takes what Python’s mailbox module wrote as mbox, and goes on after kill -9', async () => {
    const file = join(s.data, 'Báo cáo.mbox')
    execFileSync('python3', [
      '-c',
      `import mailbox, sys
box = mailbox.mbox(sys.argv[1])
for n in range(400):
    m = mailbox.mboxMessage("From: a@ngoai.vn\\nSubject: thu so %d\\n\\nFrom here on\\n>From there\\n\\n%s\\n" % (n % 399, "y" * 20000))
    m.set_from("a@ngoai.vn Fri Mar  1 02:03:04 2024")
    m.set_flags("RO" + ("F" if n == 7 else "") + ("A" if n == 8 else ""))
    box.add(m)
box.flush()`,
      file,
    ])
    const killed = s.congso(['import', 'mbox', file, '--account', an])
    using cli = s.directory('cli')
    await until('some to be there', async () => {
      const { account } = await cli['mailbox.list']({ address: an })
      return (account.messages ?? 0) > 0 || killed.child.exitCode !== null
    })
    killed.child.kill('SIGKILL')
    await killed
    expect(await s.json<Sum>('import', 'mbox', file, '--account', an)).to.include({ found: 400 })
    const { mailboxes } = await s.json<{ mailboxes: MailboxShown[] }>('mailbox', 'list', an)
    expect(mailboxes.find((m) => m.path === 'Báo cáo')).to.include({ messages: 400, unseen: 0 })
    const { found } = await s.json<{ found: FoundMail[] }>('mail', 'search', an, 'SUBJECT', 'thu so 7', 'FLAGGED')
    expect(found).to.have.length(1)
    expect(found[0]).to.include({ at: '2024-03-01T02:03:04.000Z', subject: 'thu so 7' })
    const text = await s.ok('mail', 'show', an, 'Báo cáo', String(found[0]!.uid))
    expect(text).to.match(/\r\n\r\nFrom here on\r\n>?From there\r\n/)
    expect(text).not.to.match(/^(X-)?Status:/im)
    const bad = join(s.data, 'x.mbox')
    writeFileSync(bad, 'không phải mbox\n')
    expect((await s.congso(['import', 'mbox', bad, '--account', an])).code).to.equal(1)
  }).timeout(120_000)

  it('takes what Dovecot wrote', async function () {
    if (!installed('doveadm')) this.skip()
    // Dovecot serves nobody as root, so the folder is one that another user may write in
    const root = mkdtempSync(join(tmpdir(), 'congso-dove-'))
    chmodSync(root, 0o777)
    const own =
      process.getuid!() === 0 ? { uid: 65534, gid: 65534 } : { uid: process.getuid!(), gid: process.getgid!() }
    const user = execFileSync('id', ['-un'], { encoding: 'utf8' }).trim()
    const conf = join(root, 'dovecot.conf')
    writeFileSync(
      conf,
      `base_dir = ${root}/run\nlog_path = ${root}/log\nmail_location = maildir:${root}/Maildir\nfirst_valid_uid = 0\nfirst_valid_gid = 0\nmail_uid = ${own.uid}\nmail_gid = ${own.gid}\nmail_home = ${root}\nssl = no\ndefault_internal_user = ${user}\ndefault_login_user = ${user}\n`,
    )
    const doveadm = (argv: string[], input = '') => {
      const ran = spawnSync('doveadm', ['-c', conf, ...argv], {
        input,
        encoding: 'utf8',
        env: { ...process.env, HOME: root, USER: user },
      })
      if (ran.status !== 0) throw new Error(`doveadm ${argv.join(' ')}: ${ran.stderr}`)
    }
    doveadm(['mailbox', 'create', 'Hồ sơ/2026'.replace('/', '.')])
    doveadm(['save', '-m', 'Hồ sơ.2026'], letter('từ Dovecot'))
    doveadm(['save', '-m', 'INBOX'], letter('thư đến'))
    doveadm(['flags', 'add', '\\Flagged $Việc'.replace('ệ', 'e'), 'mailbox', 'INBOX', 'all'])
    expect(await s.json<Sum>('import', 'maildir', join(root, 'Maildir'), '--account', an)).to.include({ added: 2 })
    const found = await all(an)
    expect(found.map((m) => m.folder)).to.have.members(['INBOX', 'Hồ sơ/2026'])
    expect(found.find((m) => m.folder === 'INBOX')!.flags).to.have.members(['\\Flagged', '$Viec'])
    rmSync(root, { recursive: true, force: true })
  }).timeout(60_000)
})
