/** Programs written elsewhere, against our service: what they cannot do, our officials cannot do. */
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ImapFlow } from 'imapflow'
import { installed, run } from '#test/programs.ts'
import { until } from '#test/until.ts'
import { an, type Fixture, ha, mail, office, password, startFixture } from './fixture.ts'

describe('IMAP: clients written elsewhere', () => {
  let f: Fixture
  before(async () => {
    f = await startFixture()
    f.accounts.addGrant({ person: an, office, rights: ['read', 'act'], from: '2026-01-01T00:00:00Z' })
    for (let i = 0; i < 30; i++) await f.deliver(an, mail(`Thư số ${i}`, `Nội dung ${i}`))
    await f.deliver(office, mail('Gửi một cửa'))
  })
  after(() => f[Symbol.asyncDispose]())

  const flow = (secure: boolean) =>
    new ImapFlow({
      host: 'localhost',
      port: secure ? f.imap.ports.imaps! : f.imap.ports.imap,
      secure,
      auth: { user: an, pass: password },
      tls: { ca: [f.tls.cert] },
      logger: false,
    })

  for (const secure of [true, false])
    it(`imapflow, ${secure ? 'TLS' : 'STARTTLS'}`, async () => {
      const client = flow(secure)
      await client.connect()
      expect(client.secureConnection).to.equal(true)
      expect((client as unknown as { _deflate?: object })._deflate, 'it compresses wherever it may').to.be.an('object')
      const folders = await client.list({ statusQuery: { messages: true, unseen: true } })
      expect(folders.map((each) => each.path)).to.include.members(['INBOX', 'Sent', 'Chung/motcua.stttt/INBOX'])
      expect(folders.find((each) => each.path === 'Sent')!.specialUse).to.equal('\\Sent')
      expect(folders.find((each) => each.path === 'Chung/motcua.stttt/INBOX')!.status!.messages).to.equal(1)
      const lock = await client.getMailboxLock('INBOX')
      try {
        const all = await client.fetchAll('1:*', {
          uid: true,
          flags: true,
          envelope: true,
          bodyStructure: true,
          internalDate: true,
          size: true,
          emailId: true,
          headers: ['subject'],
        } as never)
        expect(all).to.have.length(30)
        expect(all[0]!.envelope!.from![0]!.address).to.equal('ha@ngoai.vn')
        expect(all[0]!.bodyStructure!.type).to.equal('text/plain')
        const one = await client.fetchOne('30', { source: true })
        expect(one && one.source!.toString()).to.contain('Nội dung 29')
        const { content = [] } = await client.download('1', '1')
        let text = ''
        for await (const chunk of content) text += chunk
        expect(text).to.contain('Nội dung 0')
        expect(await client.search({ subject: 'Thư số 12' })).to.deep.equal([13])
        expect(await client.messageFlagsAdd('1', ['\\Flagged', 'work'])).to.equal(true)
        const { uid } = (await client.append('INBOX', mail('Thêm từ imapflow'), ['\\Seen'])) as { uid: number }
        expect(uid).to.be.above(30)
        const moved = await client.messageMove(String(uid), 'Archive', { uid: true })
        expect(moved && moved.uidMap!.size).to.equal(1)
        expect(await client.getQuota('INBOX')).to.have.property('storage')
      } finally {
        lock.release()
      }
      await client.mailboxCreate('Hồ sơ/2026')
      await client.mailboxRename('Hồ sơ/2026', 'Hồ sơ/2027')
      await client.mailboxDelete('Hồ sơ/2027')
      await client.logout()
    })

  it('imapflow in IDLE hears of new mail and flag changes', async () => {
    const client = flow(true)
    await client.connect()
    await client.mailboxOpen('Chung/motcua.stttt/INBOX')
    const heard: string[] = []
    client.on('exists', ({ count }: { count: number }) => heard.push(`exists ${count}`))
    client.on('flags', ({ flags }: { flags: Set<string> }) => heard.push(`flags ${[...flags]}`))
    client.on('expunge', ({ seq }: { seq: number }) => heard.push(`expunge ${seq}`))
    void client.idle()
    await f.deliver(office, mail('Mới'))
    await until('EXISTS', () => heard.includes('exists 2'))
    const other = flow(true)
    await other.connect()
    await other.mailboxOpen('Chung/motcua.stttt/INBOX')
    await other.messageFlagsAdd('2', ['\\Flagged'])
    await until('FLAGS', () => heard.includes('flags \\Flagged'))
    await other.messageDelete('2')
    await until('EXPUNGE', () => heard.includes('expunge 2'))
    await other.logout()
    await client.logout()
  })

  it("Python's imaplib with UTF-8 names, METADATA and zlib under COMPRESS", async function () {
    if (!installed('python3')) return this.skip()
    const script = `
import imaplib, ssl, zlib
imaplib.Commands['GETMETADATA'] = imaplib.Commands['SETMETADATA'] = imaplib.Commands['COMPRESS'] = ('AUTH', 'SELECTED')
c = imaplib.IMAP4('127.0.0.1', ${f.imap.ports.imap})
c.starttls(ssl._create_unverified_context())
c.authenticate('PLAIN', lambda _: '\\0${an}\\0${password}'.encode())
assert c.enable('UTF8=ACCEPT')[0] == 'OK'
assert c.create('"Công văn đến"')[0] == 'OK'
assert any('"Công văn đến"'.encode() in x for x in c.list()[1]), c.list()
assert c.select('"Công văn đến"')[0] == 'OK'
assert c.select('INBOX')[0] == 'OK'
typ, data = c.search(None, 'SUBJECT', '"số 7"')
assert typ == 'OK' and len(data[0].split()) == 1, data
assert c._simple_command('SETMETADATA', 'INBOX', '(/private/comment "x")')[0] == 'OK'
typ, data = c._simple_command('GETMETADATA', 'INBOX', '/private/comment')
assert typ == 'OK'
assert c._untagged_response(typ, data, 'METADATA')[1] == [b'"INBOX" (/private/comment "x")']
assert c._simple_command('COMPRESS', 'DEFLATE')[0] == 'OK'
out, back, rest = zlib.compressobj(9, zlib.DEFLATED, -15), zlib.decompressobj(-15), b''
c.sock.sendall(out.compress(b'x1 STATUS INBOX (MESSAGES)\\r\\n') + out.flush(zlib.Z_SYNC_FLUSH))
while b'x1 OK' not in rest: rest += back.decompress(c.sock.recv(4096))
assert b'* STATUS "INBOX" (MESSAGES' in rest, rest
print('done')
`
    const { stdout } = await run('python3', ['-c', script])
    expect(stdout.trim()).to.equal('done')
  })
  it("Python's imaplib", async function () {
    if (!installed('python3')) return this.skip()
    const script = `
import imaplib, ssl
context = ssl._create_unverified_context()
c = imaplib.IMAP4('127.0.0.1', ${f.imap.ports.imap})
assert 'STARTTLS' in c.capabilities
c.starttls(context)
c.authenticate('PLAIN', lambda _: '\\0${an}\\0${password}'.encode())
assert c.enable('QRESYNC')[0] == 'OK'
assert c.select('INBOX')[0] == 'OK'
typ, data = c.search('UTF-8', 'SUBJECT', '"s\\u1ed1 7"'.encode()) if False else c.search(None, 'FROM', '"ngoai.vn"')
assert typ == 'OK' and len(data[0].split()) >= 30, data
c.literal = 'số 7'.encode()
typ, data = c.search('UTF-8', 'SUBJECT')
assert typ == 'OK' and len(data[0].split()) == 1, data
typ, data = c.sort('(REVERSE DATE SUBJECT)', 'UTF-8', 'FROM', '"ngoai.vn"')
assert typ == 'OK' and len(data[0].split()) >= 30, data
typ, data = c.uid('SORT', '(SUBJECT)', 'UTF-8', 'UID', '1:5')
assert typ == 'OK' and sorted(data[0].split()) == [b'1', b'2', b'3', b'4', b'5'], data
typ, data = c.thread('REFERENCES', 'UTF-8', 'ALL')
assert typ == 'OK' and data[0].count(b'(') == data[0].count(b')') > 0, data
typ, data = c.fetch('1:3', '(UID FLAGS BODY.PEEK[HEADER])')
assert typ == 'OK' and len([x for x in data if isinstance(x, tuple)]) == 3, data
assert c.store('2', '+FLAGS', '(\\\\Seen $Label1)')[0] == 'OK'
assert c.append('Drafts', '\\\\Draft', imaplib.Time2Internaldate(0), b'Subject: x\\r\\n\\r\\ny\\r\\n')[0] == 'OK'
assert c.uid('COPY', '1', 'Archive')[0] == 'OK'
assert c.create('"Th&AbA-"')[0] == 'OK'
assert c.subscribe('"Th&AbA-"')[0] == 'OK'
assert c.lsub()[0] == 'OK'
assert c.rename('"Th&AbA-"', 'Cu')[0] == 'OK'
assert c.delete('Cu')[0] == 'OK'
assert c.status('INBOX', '(MESSAGES UIDNEXT UIDVALIDITY UNSEEN RECENT)')[0] == 'OK'
assert c.getquotaroot('INBOX')[0] == 'OK'
assert c.namespace()[0] == 'OK'
assert b' ACL RIGHTS=kxte ' in c.capability()[1][0], c.capability()
assert c.create('Chung-viec')[0] == 'OK'
assert c.setacl('Chung-viec', '${ha}', 'lrs')[0] == 'OK'
typ, data = c.getacl('Chung-viec')
assert typ == 'OK' and b'"${ha}" "lrs"' in data[0], data
typ, data = c.myrights('Chung-viec')
assert typ == 'OK' and b'lrswipkxtea' in data[0], data
g = imaplib.IMAP4('127.0.0.1', ${f.imap.ports.imap})
g.starttls(context)
g.authenticate('PLAIN', lambda _: '\\0${ha}\\0${password}'.encode())
shared = '"Ng&AbAe3Q-i kh&AOE-c/${an}/Chung-viec"'
assert any(shared.encode() in x for x in g.list()[1]), g.list()
assert g.myrights(shared)[1][0].endswith(b'"lrs"')
assert g.select(shared)[0] == 'OK'
assert c.deleteacl('Chung-viec', '${ha}')[0] == 'OK'
assert g.noop()[0] == 'OK'
assert g.search(None, 'ALL')[0] == 'NO'
g.logout()
assert c.delete('Chung-viec')[0] == 'OK'
assert c.close()[0] == 'OK'
c.logout()
print('done')
`
    const { stdout } = await run('python3', ['-c', script])
    expect(stdout.trim()).to.equal('done')
  })

  it('openssl s_client, STARTTLS', async function () {
    if (!installed('openssl')) return this.skip()
    const args = ['s_client', '-starttls', 'imap', '-connect', `127.0.0.1:${f.imap.ports.imap}`, '-quiet', '-crlf']
    const child = execFile('openssl', args)
    let said = ''
    child.stdout!.on('data', (chunk: string) => (said += chunk))
    child.stdin!.write('a CAPABILITY\nb LOGOUT\n')
    await until('the answers under TLS', () => /^b OK/m.test(said))
    child.kill()
    expect(said).to.match(/\* CAPABILITY IMAP4rev1/)
    expect(said).not.to.contain('STARTTLS')
  })

  it('curl', async function () {
    if (!installed('curl')) return this.skip()
    const base = ['-sS', '--cacert', join(f.dir, 'ca.pem'), '-u', `${an}:${password}`]
    writeFileSync(join(f.dir, 'ca.pem'), f.tls.cert)
    await f.store.write('setAcl', {
      mailbox: f.store.read.mailbox(f.id(ha), 'Archive')!.id,
      identifier: an,
      negative: false,
      change: { op: 'set', rights: 'lr' },
      by: ha,
      at: Date.now(),
    })
    const { stdout: acl } = await run('curl', [
      ...base,
      '-X',
      `MYRIGHTS "Ng&AbAe3Q-i kh&AOE-c/${ha}/Archive"`,
      `imaps://localhost:${f.imap.ports.imaps}/`,
    ])
    expect(acl).to.match(/"lr"/)
    const { stdout: list } = await run('curl', [...base, `imaps://localhost:${f.imap.ports.imaps}/`])
    expect(list).to.contain('"Archive"')
    const { stdout: one } = await run('curl', [
      ...base,
      '--ssl-reqd',
      `imap://localhost:${f.imap.ports.imap}/INBOX;UID=3`,
    ])
    expect(one).to.contain('Nội dung 2')
    writeFileSync(join(f.dir, 'up.eml'), mail('Tải lên bằng curl'))
    await run('curl', [...base, '-T', join(f.dir, 'up.eml'), `imaps://localhost:${f.imap.ports.imaps}/Archive`])
    const { stdout: found } = await run('curl', [
      ...base,
      `imaps://localhost:${f.imap.ports.imaps}/Archive?SUBJECT%20curl`,
    ])
    expect(found).to.match(/\* SEARCH \d+|ESEARCH/)
  })

  it('mbsync, both ways', async function () {
    if (!installed('mbsync')) return this.skip()
    const dir = join(f.dir, 'mbsync')
    mkdirSync(join(dir, 'mail'), { recursive: true })
    writeFileSync(join(dir, 'cert.pem'), f.tls.cert)
    writeFileSync(
      join(dir, 'rc'),
      `IMAPAccount s\nHost localhost\nPort ${f.imap.ports.imaps}\nUser ${ha}\nPass "${password}"\nSSLType IMAPS\nCertificateFile ${dir}/cert.pem\n\nIMAPStore far\nAccount s\n\nMaildirStore near\nPath ${dir}/mail/\nInbox ${dir}/mail/INBOX\nSubFolders Verbatim\n\nChannel c\nFar :far:\nNear :near:\nPatterns *\nCreate Both\nExpunge Both\nSync All\nSyncState *\n`,
    )
    for (const subject of ['Một', 'Hai']) await f.deliver(ha, mail(subject))
    await run('mbsync', ['-c', join(dir, 'rc'), '-a'])
    const files = readdirSync(join(dir, 'mail/INBOX/new'))
    expect(files).to.have.length(2)
    expect(readFileSync(join(dir, 'mail/INBOX/new', files[0]!), 'utf8')).to.match(/Subject: (Một|Hai)/)
    writeFileSync(join(dir, 'mail/INBOX/cur/1.local:2,FS'), mail('Từ máy trạm').replaceAll('\r\n', '\n'))
    await run('mbsync', ['-c', join(dir, 'rc'), '-a'])
    const c = await f.as(ha)
    await c.ok('SELECT INBOX')
    expect(await c.ok('FETCH 3 FLAGS')).to.match(/\\Seen \\Flagged/)
    await c.ok('STORE 1 +FLAGS (\\Deleted)')
    await c.ok('EXPUNGE')
    await run('mbsync', ['-c', join(dir, 'rc'), '-a'])
    expect([...readdirSync(join(dir, 'mail/INBOX/new')), ...readdirSync(join(dir, 'mail/INBOX/cur'))]).to.have.length(2)
  })

  it('mutt', async function () {
    if (!installed('mutt') || !installed('script')) return this.skip()
    const rc = join(f.dir, 'muttrc')
    const cert = join(f.dir, 'mutt.pem')
    writeFileSync(cert, f.tls.cert)
    writeFileSync(
      rc,
      [
        `set folder="imaps://localhost:${f.imap.ports.imaps}/"`,
        `set imap_user="${an}"`,
        `set imap_pass="${password}"`,
        'set spoolfile=+INBOX',
        `set certificate_file=${cert}`,
        'set quit=yes sleep_time=0 confirmappend=no confirmcreate=no delete=yes wait_key=no',
        // Copies what it finds, and leaves.
        'push "<tag-pattern>~s \\"Thư số 1$\\"<enter><tag-prefix-cond><copy-message>=Archive/mutt<enter><end-cond><quit>"',
        '',
      ].join('\n'),
    )
    await run('script', ['-qec', `mutt -F ${rc}`, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', LC_ALL: 'C.UTF-8', HOME: f.dir },
      timeout: 20_000,
    })
    const c = await f.as(an)
    expect(await c.ok('STATUS Archive/mutt (MESSAGES)')).to.contain('MESSAGES 1')
  })

  it('mutt in a folder that another person shares, which may be read and not changed', async function () {
    if (!installed('mutt') || !installed('script')) return this.skip()
    const owner = await f.as(ha)
    await owner.ok('CREATE BaoCao')
    await owner.append('BaoCao', mail('Mot'))
    await owner.ok(`SETACL BaoCao ${an} lr`)
    const [rc, cert] = [join(f.dir, 'muttrc2'), join(f.dir, 'mutt.pem')]
    writeFileSync(cert, f.tls.cert)
    writeFileSync(
      rc,
      [
        `set folder="imaps://localhost:${f.imap.ports.imaps}/"`,
        `set imap_user="${an}"`,
        `set imap_pass="${password}"`,
        'set charset=utf-8',
        // by default mutt takes the dots of an address for separators (docs/decisions/sharing.md)
        'set imap_delim_chars="/"',
        `set spoolfile="+Người khác/${ha}/BaoCao"`,
        `set certificate_file=${cert}`,
        'set quit=yes sleep_time=0 confirmappend=no confirmcreate=no delete=yes wait_key=no',
        'push "<copy-message>=Archive/chia-se<enter><quit>"',
        '',
      ].join('\n'),
    )
    await run('script', ['-qec', `mutt -F ${rc}`, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', LC_ALL: 'C.UTF-8', HOME: f.dir },
      timeout: 20_000,
    })
    const c = await f.as(an)
    expect(await c.ok('STATUS Archive/chia-se (MESSAGES)')).to.contain('MESSAGES 1')
    expect(await owner.ok('STATUS BaoCao (UNSEEN)')).to.contain('UNSEEN 1')
  })
})
