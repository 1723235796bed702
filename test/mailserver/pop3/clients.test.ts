/** Programs written elsewhere, against our POP3 service: what they cannot do, our officials cannot do. */
import { execFile } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { installed, run } from '#test/programs.ts'
import { until } from '#test/until.ts'
import { an, type Fixture, mail, password, pop, startFixture } from './fixture.ts'

/** "Thư số 1" to "Thư số 4" for programs that do not say UTF8 */
const asciiSubject = /^Subject: =\?utf-8\?B\?VGjGsCBz4buRI.*\?=\r?$/gm

describe('POP3: clients written elsewhere', () => {
  let f: Fixture
  beforeEach(async () => {
    f = await startFixture()
    for (let i = 1; i <= 3; i++) await f.deliver(an, mail(`Thư số ${i}`, `Nội dung ${i}\r\n.một dấu chấm\r\n.\r\nhết`))
    writeFileSync(join(f.dir, 'ca.pem'), f.tls.cert)
  })
  afterEach(() => f[Symbol.asyncDispose]())
  const left = async () => {
    const c = await pop(f, an)
    const [, messages] = (await c.good('STAT')).split(' ')
    await c.good('QUIT')
    return Number(messages)
  }

  for (const tls of ['STLS', 'TLS'])
    it(`Python's poplib, ${tls}`, async function () {
      if (!installed('python3')) return this.skip()
      const script = `
import poplib, ssl
context = ssl.create_default_context(cafile='${join(f.dir, 'ca.pem')}')
if '${tls}' == 'TLS':
    c = poplib.POP3_SSL('localhost', ${f.imap.ports.pop3s}, context=context)
else:
    c = poplib.POP3('localhost', ${f.imap.ports.pop3})
    assert 'STLS' in c.capa()
    c.stls(context)
assert 'STLS' not in c.capa() and 'UIDL' in c.capa()
c.utf8()
c.user('${an}')
c.pass_('${password}')
assert 'IMPLEMENTATION' in c.capa()
count, size = c.stat()
assert count == 3, count
sizes = [int(line.split()[1]) for line in c.list()[1]]
assert sum(sizes) == size, (sizes, size)
ids = [line.split()[1] for line in c.uidl()[1]]
assert len(set(ids)) == 3 and all(len(i) <= 70 for i in ids), ids
for n in (1, 2, 3):
    _, lines, _ = c.retr(n)
    assert sum(len(line) + 2 for line in lines) == sizes[n - 1], n
    assert f'Subject: Thư số {n}'.encode() in lines, lines
    assert lines[-3:] == ['.một dấu chấm'.encode(), b'.', 'hết'.encode()], lines
_, lines, _ = c.top(1, 1)
assert lines[-1] == 'Nội dung 1'.encode(), lines
c.dele(1)
c.rset()
c.dele(2)
c.noop()
c.quit()
print('done')
`
      const { stdout } = await run('python3', ['-c', script])
      expect(stdout.trim()).to.equal('done')
      expect(await left()).to.equal(2)
    })

  it('curl', async function () {
    if (!installed('curl')) return this.skip()
    const base = ['-sS', '--cacert', join(f.dir, 'ca.pem'), '-u', `${an}:${password}`]
    const { stdout: list } = await run('curl', [...base, `pop3s://localhost:${f.imap.ports.pop3s}/`])
    expect(list).to.match(/^1 \d+\r?\n2 \d+\r?\n3 \d+\r?\n$/)
    const plain = `pop3://localhost:${f.imap.ports.pop3}`
    const { stdout: one } = await run('curl', [...base, '--ssl-reqd', `${plain}/2`])
    expect(one).to.contain('Nội dung 2\r\n.một dấu chấm\r\n.\r\nhết\r\n')
    for (const mechanism of ['PLAIN', 'LOGIN']) {
      const { stdout } = await run('curl', [
        ...base,
        '--ssl-reqd',
        '--login-options',
        `AUTH=${mechanism}`,
        '-l',
        `${plain}/`,
      ])
      expect(stdout, mechanism).to.match(/^1 \d+\r?\n/)
    }
    const wrong = await run('curl', ['-sS', '-u', `${an}:sai`, `${plain}/`]).catch((err: { code: number }) => err)
    expect('code' in wrong && wrong.code).to.equal(67) // "the remote server denied curl to log in"
  })

  it('fetchmail, twice: what it kept it does not fetch again', async function () {
    if (!installed('fetchmail')) return this.skip()
    const into = join(f.dir, 'fetched')
    const rc = join(f.dir, 'fetchmailrc')
    writeFileSync(
      rc,
      `set no bouncemail
poll localhost protocol pop3 port ${f.imap.ports.pop3} uidl
  user "${an}" password "${password}" sslproto tls1.2+ sslcertck sslcertfile "${join(f.dir, 'ca.pem')}" sslcommonname "localhost"
  keep mda "cat >> ${into}"
`,
    )
    chmodSync(rc, 0o600)
    const fetch = () =>
      run('fetchmail', ['-f', rc, '-i', join(f.dir, 'ids'), '--pidfile', join(f.dir, 'pid'), '-v'], {
        env: { ...process.env, HOME: f.dir, LC_ALL: 'C.UTF-8' },
        timeout: 30_000,
      }).then(
        () => 0,
        (err: { code: number; stdout: string; stderr: string }) => {
          if (err.code !== 1) throw new Error(`${err.stdout}\n${err.stderr}`) // 1: nothing new
          return 1
        },
      )
    expect(await fetch()).to.equal(0)
    expect(readFileSync(into, 'utf8').match(asciiSubject)).to.have.length(3)
    expect(await fetch()).to.equal(1)
    await f.deliver(an, mail('Thư số 4'))
    expect(await fetch()).to.equal(0)
    expect(readFileSync(into, 'utf8').match(asciiSubject)).to.have.length(4)
  })

  it('getmail, which takes what it fetched', async function () {
    if (!installed('getmail')) return this.skip()
    const into = join(f.dir, 'got')
    const rc = join(f.dir, 'getmailrc')
    writeFileSync(
      rc,
      `[retriever]
type = SimplePOP3SSLRetriever
server = localhost
port = ${f.imap.ports.pop3s}
username = ${an}
password = ${password}
ca_certs = ${join(f.dir, 'ca.pem')}
[destination]
type = MDA_external
path = /bin/sh
arguments = ("-c", "cat >> ${into}")
allow_root_commands = true
[options]
delete = true
read_all = false
`,
    )
    chmodSync(rc, 0o600)
    await run('getmail', ['--getmaildir', f.dir, '--rcfile', rc], {
      env: { ...process.env, HOME: f.dir, LC_ALL: 'C.UTF-8' },
      timeout: 30_000,
    })
    const got = readFileSync(into, 'utf8')
    expect(got.match(asciiSubject)).to.have.length(3)
    expect(got.match(/^\.một dấu chấm\r?\n\.\r?\nhết/gm)).to.have.length(3)
    expect(await left()).to.equal(0)
  })

  it('mutt reads, and deletes at its end', async function () {
    if (!installed('mutt') || !installed('script')) return this.skip()
    const rc = join(f.dir, 'muttrc')
    writeFileSync(
      rc,
      [
        `set spoolfile="pops://localhost:${f.imap.ports.pop3s}/"`,
        `set pop_user="${an}" pop_pass="${password}" pop_delete=yes`,
        `set certificate_file=${join(f.dir, 'ca.pem')} ssl_force_tls=yes`,
        `set folder=${f.dir} move=no record="" confirmcreate=no`,
        'set quit=yes sleep_time=0 delete=yes wait_key=no',
        `set message_cachedir=${join(f.dir, 'cache')}`,
        'push "<first-entry><display-message><exit><delete-message><quit>"',
        '',
      ].join('\n'),
    )
    const { stdout } = await run('script', ['-qec', `mutt -F ${rc}`, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', LC_ALL: 'C.UTF-8', HOME: f.dir },
      timeout: 20_000,
    }).catch((err: { stdout: string }) => err)
    expect(await left(), stdout).to.equal(2)
  })

  it('openssl s_client, STLS', async function () {
    if (!installed('openssl')) return this.skip()
    const args = ['s_client', '-starttls', 'pop3', '-connect', `127.0.0.1:${f.imap.ports.pop3}`, '-quiet', '-crlf']
    const child = execFile('openssl', args)
    let said = ''
    child.stdout!.on('data', (chunk: string) => (said += chunk))
    child.stdin!.write('CAPA\nQUIT\n')
    await until('the answers under TLS', () => /^\+OK goodbye/m.test(said))
    child.kill()
    expect(said).to.contain('UIDL').and.not.to.contain('STLS')
  })
})
