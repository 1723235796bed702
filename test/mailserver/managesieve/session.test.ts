import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { connect as secure } from 'node:tls'
import { expect } from 'chai'
import { MAX_SCRIPT_OCTETS } from '#mailserver/sieve/limits.ts'
import {
  an,
  domain,
  type Fixture,
  ha,
  office,
  password,
  register,
  startFixture,
} from '#test/mailserver/imap/fixture.ts'
import { run } from '#test/programs.ts'

const b64 = (text: string) => Buffer.from(text).toString('base64')
const plain = (address: string, secret = password) => b64(`\0${address}\0${secret}`)

/** Says commands, and gives back everything up to the line that answers, literals with it. */
class Talk {
  socket: Socket
  #octets = Buffer.alloc(0)
  #wake: (() => void) | undefined
  ended = false
  constructor(socket: Socket) {
    this.socket = socket
    this.wire(socket)
  }
  wire(socket: Socket): void {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#octets = Buffer.concat([this.#octets, chunk])
      this.#wake?.()
    })
    const end = () => {
      this.ended = true
      this.#wake?.()
    }
    socket.on('close', end)
    socket.on('error', end)
  }
  static async open(port: number): Promise<Talk> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const talk = new Talk(socket)
    await talk.reply()
    return talk
  }
  async #take(count: number): Promise<string> {
    while (this.#octets.length < count && !this.ended) await this.#more()
    const taken = this.#octets.subarray(0, count)
    this.#octets = this.#octets.subarray(count)
    return taken.toString()
  }
  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
  /** one line, and the literal that it announces with what follows */
  async line(): Promise<string> {
    while (!this.#octets.includes('\n') && !this.ended) await this.#more()
    const end = this.#octets.indexOf('\n')
    const line = await this.#take(end < 0 ? this.#octets.length : end + 1)
    const literal = /\{(\d+)\}\r\n$/.exec(line)
    return literal ? line + (await this.#take(Number(literal[1]))) + (await this.line()) : line
  }
  async reply(): Promise<string> {
    let all = ''
    for (;;) {
      const line = await this.line()
      all += line
      if (/^(OK|NO|BYE)\b/.test(line) || line === '') return all
    }
  }
  async say(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`)
    return this.reply()
  }
  put(command: string, script: string): Promise<string> {
    return this.say(`${command} {${Buffer.byteLength(script)}+}\r\n${script}`)
  }
}

describe('ManageSieve', () => {
  let f: Fixture
  const open: Talk[] = []
  before(async () => {
    f = await startFixture()
  })
  after(async () => {
    for (const t of open) t.socket.destroy()
    await f[Symbol.asyncDispose]()
  })
  const talk = async () => {
    const t = await Talk.open(f.imap.ports.sieve)
    open.push(t)
    return t
  }
  const as = async (address: string) => {
    const t = await talk()
    expect(await t.say(`AUTHENTICATE "PLAIN" "${plain(address)}"`)).to.equal('OK\r\n')
    return t
  }

  it('says what it can do', async () => {
    const t = await talk()
    const said = await t.say('capability')
    expect(said)
      .to.match(/^"IMPLEMENTATION" "Cong So"\r$/m)
      .and.match(/^"SASL" ".*PLAIN.*"\r$/m)
    expect(said)
      .to.match(/^"SIEVE" ".*fileinto.*vacation.*"\r$/m)
      .and.match(/^"STARTTLS"\r$/m)
      .and.match(/^"VERSION" "1.0"\r$/m)
    expect(said).to.not.contain('OWNER')
    expect(await (await as(an)).say('CAPABILITY')).to.contain(`"OWNER" "${an}"`)
  })

  it('keeps, lists, gives, renames, activates and deletes scripts', async () => {
    const t = await as(an)
    expect(await t.say('LISTSCRIPTS')).to.equal('OK\r\n')
    expect(await t.put('PUTSCRIPT "một"', 'keep;\r\n# é')).to.equal('OK\r\n')
    expect(await t.say('PutScript "hai" "discard;"')).to.equal('OK\r\n')
    expect(await t.say('SETACTIVE "một"')).to.equal('OK\r\n')
    expect(await t.say('LISTSCRIPTS')).to.equal('"hai"\r\n"một" ACTIVE\r\nOK\r\n')
    expect(await t.say('GETSCRIPT "một"')).to.equal('{11}\r\nkeep;\r\n# é\r\nOK\r\n')
    expect(await t.say('RENAMESCRIPT "một" "hai"')).to.match(/^NO \(ALREADYEXISTS\)/)
    expect(await t.say('RENAMESCRIPT "một" "ba"')).to.equal('OK\r\n')
    expect(await t.say('DELETESCRIPT "ba"')).to.match(/^NO \(ACTIVE\)/)
    expect(f.accounts.scripts.active(f.id(an))).to.include({ name: 'ba', text: 'keep;\r\n# é', by: an })
    expect(await t.say('SETACTIVE ""')).to.equal('OK\r\n')
    expect(await t.say('DELETESCRIPT {2+}\r\nba')).to.equal('OK\r\n')
    for (const command of ['GETSCRIPT', 'DELETESCRIPT', 'SETACTIVE', 'RENAMESCRIPT "x"'])
      expect(await t.say(`${command} "none"`)).to.match(/^NO \(NONEXISTENT\)/)
    expect(await (await as(ha)).say('LISTSCRIPTS'), 'another person sees none').to.equal('OK\r\n')
  })

  it('refuses a script that is wrong, with line and column', async () => {
    const t = await as(an)
    expect(await t.put('PUTSCRIPT "bad"', 'keep;\r\nfoo;')).to.equal(
      'NO "dòng 2, cột 1: không có lệnh \\"foo\\" / line 2, column 1: there is no command \\"foo\\""\r\n',
    )
    expect(await t.put('CHECKSCRIPT', 'foo;\r\nbar;')).to.match(/^NO \{\d+\}\r\n.*line 1.*\r\n.*line 2/)
    expect(await t.put('CHECKSCRIPT', 'require "fileinto"; fileinto "x";')).to.equal('OK\r\n')
    t.socket.write(Buffer.concat([Buffer.from('CHECKSCRIPT {7+}\r\nkeep;#'), Buffer.from([0xff]), Buffer.from('\r\n')]))
    expect(await t.reply()).to.match(/^NO .*not UTF-8/)
    expect(await t.say('LISTSCRIPTS')).to.not.contain('bad')
  })

  it('says how much room there is', async () => {
    const t = await as(ha)
    expect(await t.say('HAVESPACE "x" 100')).to.equal('OK\r\n')
    expect(await t.say('HAVESPACE "x" 99999999')).to.match(/^NO \(QUOTA\/MAXSIZE\)/)
    expect(await t.put('PUTSCRIPT "big"', '#'.repeat(MAX_SCRIPT_OCTETS + 5))).to.match(/^NO \(QUOTA\/MAXSIZE\)/)
    for (let i = 0; i < 32; i++) expect(await t.say(`PUTSCRIPT "s${i}" "keep;"`)).to.equal('OK\r\n')
    expect(await t.say('PUTSCRIPT "one-more" "keep;"')).to.match(/^NO \(QUOTA\/MAXSCRIPTS\)/)
    expect(await t.say('PUTSCRIPT "s5" "stop;"')).to.equal('OK\r\n')
    const large = `#${'x'.repeat(120_000)}`
    for (let i = 0; i < 8; i++) expect(await t.put(`PUTSCRIPT "s${i}"`, large)).to.equal('OK\r\n')
    expect(await t.put('PUTSCRIPT "s9"', large)).to.match(/^NO \(QUOTA\)/)
  })

  it('who manages an office edits its scripts by naming it, and nobody else does', async () => {
    const for_ = (who: string, as: string) => b64(`${as}\0${who}\0${password}`)
    const say = async (who: string, as: string) => (await talk()).say(`AUTHENTICATE "PLAIN" "${for_(who, as)}"`)
    expect(await say(ha, office)).to.match(/^NO "Không được đăng nhập thay/)
    f.accounts.addGrant({ person: ha, office, rights: ['read', 'act', 'send'], from: '2026-01-01T00:00:00Z' })
    expect(await say(ha, office)).to.match(/^NO "Không được đăng nhập thay/)
    const { grant } = f.accounts.addGrant({ person: ha, office, rights: ['manage'], from: '2026-01-01T00:00:00Z' })
    const t = await talk()
    expect(await t.say(`AUTHENTICATE "PLAIN" "${for_(ha, office.toUpperCase())}"`)).to.equal('OK\r\n')
    expect(await t.say('CAPABILITY')).to.contain(`"OWNER" "${office}"`)
    expect(await t.say('PUTSCRIPT "tet" "keep;"')).to.equal('OK\r\n')
    expect(await t.say('SETACTIVE "tet"')).to.equal('OK\r\n')
    expect(f.accounts.scripts.active(f.id(office))).to.include({ name: 'tet', text: 'keep;', by: ha })
    expect(f.accounts.record({ account: office, limit: 1 })[0]).to.include({ by: ha, what: 'script made active' })
    expect(f.accounts.scripts.list(f.id(ha)).map((s) => s.name)).not.to.include('tet')
    expect(await say(ha, ha)).to.equal('OK\r\n')
    for (const [who, as] of [
      [an, office],
      [ha, an],
      [ha, register],
      [ha, `khong.co@${domain}`],
      [ha, 'x'.repeat(2000)],
    ] as const)
      expect(await say(who, as), as).to.match(/^NO "Không được đăng nhập thay/)
    // a wrong password is told first: who does not know it learns nothing of offices
    expect(await (await talk()).say(`AUTHENTICATE "PLAIN" "${b64(`${office}\0${an}\0sai`)}"`)).to.match(/^NO "Địa chỉ/)
    f.accounts.endGrant(grant, new Date().toISOString())
    expect(await t.say('PUTSCRIPT "tet" "discard;"')).to.match(/^BYE/)
    expect(f.accounts.scripts.active(f.id(office))).to.include({ text: 'keep;' })
  })

  it('an idle session for an office ends with the right', async () => {
    const { grant } = f.accounts.addGrant({ person: ha, office, rights: ['manage'], from: '2026-01-01T00:00:00Z' })
    const t = await talk()
    expect(await t.say(`AUTHENTICATE "PLAIN" "${b64(`${office}\0${ha}\0${password}`)}"`)).to.equal('OK\r\n')
    f.accounts.endGrant(grant, new Date().toISOString())
    await f.imap.sweep()
    expect(await t.reply()).to.match(/^BYE/)
  })

  it('signs in by PLAIN with and without a first response, and says no without telling too much', async () => {
    const t = await talk()
    t.socket.write('AUTHENTICATE "PLAIN"\r\n')
    expect(await t.line()).to.equal('""\r\n')
    expect(await t.say(`"${plain(an)}"`)).to.equal('OK\r\n')
    expect(await t.say('NOOP "x y"')).to.equal('OK (TAG "x y") "Done"\r\n')
    expect(await t.say('UNAUTHENTICATE')).to.equal('OK\r\n')
    expect(await t.say('LISTSCRIPTS')).to.match(/^NO /)
    expect(await t.say(`AUTHENTICATE "PLAIN" "${plain(an, 'wrong')}"`)).to.match(/^NO "Địa chỉ hoặc mật khẩu/)
    expect(await t.say('AUTHENTICATE "NONE"')).to.match(/^NO/)
    expect(await t.say(`AUTHENTICATE "PLAIN" {${plain(an).length}+}\r\n${plain(an)}`)).to.equal('OK\r\n')
    expect(await t.say('LOGOUT')).to.match(/^OK/)
    await once(t.socket, 'close')
  })

  it('STARTTLS: capabilities again; what was sent before the handshake is not run', async () => {
    const t = await talk()
    t.socket.write('STARTTLS\r\nLOGOUT\r\n')
    expect(await t.reply()).to.match(/^OK "Begin/)
    const plainSocket = t.socket
    plainSocket.removeAllListeners('data')
    const secured = secure({ socket: plainSocket, rejectUnauthorized: false })
    t.wire(secured)
    await once(secured, 'secureConnect')
    expect(await t.reply())
      .to.contain('"SASL"')
      .and.not.contain('STARTTLS')
    expect(await t.say(`AUTHENTICATE "PLAIN" "${plain(an)}"`)).to.equal('OK\r\n')
  })

  it('hostile clients: bounded, answered or ended', async () => {
    const t = await as(an)
    for (const line of [
      '',
      '"x"',
      'GETSCRIPT',
      'GETSCRIPT "a" "b"',
      'GETSCRIPT "\\x"',
      'NOOP 5',
      'PUTSCRIPT "a" 7',
      'X'.repeat(500),
      'HAVESPACE "a" "b"',
      'GETSCRIPT "a\\',
      'PUTSCRIPT {3+}\r\na\0b "keep;"',
      'PUTSCRIPT "" "keep;"',
    ])
      expect(await t.say(line), JSON.stringify(line)).to.match(/^NO/)
    expect(await t.say('NOOP')).to.match(/^OK/)
    expect(await t.say(`NOOP "${'x'.repeat(20_000)}"`)).to.match(/^BYE/)
    const huge = await as(an)
    const inAuth = await talk()
    inAuth.socket.write(`AUTHENTICATE "SCRAM-SHA-256"\r\n`)
    await inAuth.line()
    // found by fuzzing: it was answered as a fault of the server's
    expect(await inAuth.say(`"${'x'.repeat(20_000)}"`)).to.match(/^BYE/)
    expect(await huge.say('PUTSCRIPT "a" {999999999999+}')).to.match(/^BYE/)
    const stranger = await talk()
    expect(await stranger.say(`PUTSCRIPT "a" {20000+}\r\n${'x'.repeat(20_000)}`)).to.match(/^NO/)
    const many = await talk()
    for (let i = 0; i < 30 && !many.ended; i++) many.socket.write('NONSENSE\r\n')
    await once(many.socket, 'close')
  })

  it('sieve-connect, as people use it', async function () {
    if (spawnSync('sieve-connect', ['--version']).error) this.skip()
    const script = join(f.dir, 'mine.sieve')
    writeFileSync(script, 'require "fileinto";\nif header :contains "subject" "x" { fileinto "Work"; }\n')
    const base = [
      '-s',
      'localhost',
      '-p',
      String(f.imap.ports.sieve),
      '-u',
      an,
      '--authmech',
      'PLAIN',
      '--notlsverify',
      '--passwordfd',
      '0',
    ]
    const go = (...args: string[]) => {
      const ran = run('sieve-connect', [...base, ...args])
      ran.child.stdin!.end(`${password}\n`)
      return ran
    }
    await go('--upload', '--localsieve', script, '--remotesieve', 'mine')
    await go('--activate', '--remotesieve', 'mine')
    const { stdout } = await go('--list')
    expect(stdout).to.match(/"mine" ACTIVE/)
    await go('--download', '--localsieve', `${script}.back`, '--remotesieve', 'mine')
    expect(readFileSync(`${script}.back`, 'utf8')).to.equal(readFileSync(script, 'utf8'))
    await go('--deactivate')
    await go('--delete', '--remotesieve', 'mine')
    expect(f.accounts.scripts.get(f.id(an), 'mine')).to.equal(undefined)
    f.accounts.addGrant({ person: an, office, rights: ['manage'], from: '2026-01-01T00:00:00Z' })
    await go('--authzid', office, '--upload', '--localsieve', script, '--remotesieve', 'tet')
    await go('--authzid', office, '--activate', '--remotesieve', 'tet')
    expect(f.accounts.scripts.active(f.id(office))).to.include({ name: 'tet', by: an })
  }).timeout(60_000)
})
