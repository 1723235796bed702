import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadSettings, paths } from '#config/settings.ts'
import { leanEnv } from '#kit/process/lean.ts'
import { lockFolder } from '#kit/process/lock.ts'
import { openAccounts } from '#mailserver/accounts/open.ts'
import { parseInstant, parseSize, sizeText } from '#mailserver/admin/commands/command.ts'
import { startControl } from '#mailserver/control/start.ts'
import { Filters } from '#mailserver/sieve/deliver/filters.ts'
import { openStoreHost } from '#mailserver/store/open.ts'
import { Keeper } from '#mailserver/tls/keeper.ts'
import { selfSigned } from '#mailserver/tls/selfsigned.ts'

const root = join(import.meta.dirname, '../../..')
const ha = 'ha.tran@haiduong.gov.vn'

describe('administrator’s commands', () => {
  let data: string
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'congso-commands-'))
  })
  afterEach(() => rmSync(data, { recursive: true, force: true }))

  /** The command line as `npm run congso` runs it. */
  function congso(argv: readonly string[], input = ''): Promise<{ code: number; out: string; err: string }> {
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        ['congso.ts', '--data', data, ...argv],
        { cwd: root, env: { ...process.env, ...leanEnv(root) } },
        (error, out, err) => resolve({ code: error ? Number(error.code) : 0, out, err }),
      )
      child.stdin?.end(input)
    })
  }

  it('set up accounts while the suite is stopped, with exit codes that scripts can rely on', async () => {
    const steps: [argv: string[], input: string, code: number][] = [
      [['domain', 'add', 'haiduong.gov.vn'], '', 0],
      [['account', 'add', ha, '--name', 'Trần Thị Hà', '--password-stdin', '--quota', '500MB'], 'mật khẩu dài 1\n', 0],
      [['account', 'add', ha, '--name', 'Lần nữa'], '', 1],
      [['account', 'add', 'x@example.com', '--name', 'X'], '', 2],
      [['account', 'add', ha], '', 2],
      [['account', 'set', ha, '--quota', 'nhiều'], '', 2],
      [['account', 'frobnicate'], '', 2],
      [['queue', 'retry', '7'], '', 1],
    ]
    for (const [argv, input, code] of steps) {
      const got = await congso(argv, input)
      expect(got.code, `${argv.join(' ')}: ${got.err}`).to.equal(code)
    }
    const unready = await congso(['verify'])
    expect(unready.code).to.equal(1)
    expect(unready.err).to.match(/the suite does not run on .*: start it first/)
    const { out } = await congso(['account', 'list', '--json'])
    expect(JSON.parse(out)).to.have.length(1)
    expect(JSON.parse(out)[0]).to.include({ address: ha, name: 'Trần Thị Hà', quota: 500e6 })
    using accounts = openAccounts(paths(data).accounts)
    expect((await accounts.signIn(ha, 'mật khẩu dài 1', { ip: '127.0.0.1', scope: 'imap' })).account.address).to.equal(
      ha,
    )
  }).timeout(120_000)

  it('share a folder of an office for a time, and set what the server says of itself', async () => {
    const office = 'motcua.stttt@haiduong.gov.vn'
    {
      using accounts = openAccounts(paths(data).accounts)
      accounts.addDomain('haiduong.gov.vn')
      await accounts.addAccount({ address: ha, name: 'Trần Thị Hà' })
    }
    const ok = async (...argv: string[]) => {
      const { code, out, err } = await congso(argv)
      expect(code, `${argv.join(' ')}: ${err}`).to.equal(0)
      return out
    }
    await ok('account', 'add', office, '--kind', 'office', '--name', 'Bộ phận Một cửa')
    await ok('share', 'set', office, 'Archive', ha, '--rights', 'lr', '--from', '2026-01-01', '--to', '2099-01-01')
    const [share] = JSON.parse(await ok('share', 'list', office, '--json'))
    expect(share).to.include({ folder: 'Archive', with: ha, rights: 'lr', to: '2098-12-31T17:00:00.000Z' })
    expect(share.by).to.match(/@cli$/)
    expect(await ok('grant', 'add', ha, office, '--rights', 'manage')).to.contain('manage')
    expect((await congso(['grant', 'add', ha, office, '--rights', 'rule'])).code).to.equal(2)
    await ok('metadata', 'set', '/shared/comment', 'Thư tỉnh')
    expect((await congso(['metadata', 'set', '/shared/admin', 'Anh Tâm'])).code).to.equal(2)
    expect(await ok('metadata', 'list')).to.equal('/shared/comment  Thư tỉnh\n')
    await ok('metadata', 'set', '/shared/comment')
    expect(JSON.parse(await ok('metadata', 'list', '--json'))).to.deep.equal([])
  }).timeout(120_000)

  it('make, list and revoke app passwords, and show how a person comes in', async () => {
    const ok = async (...argv: string[]) => {
      const { code, out, err } = await congso(argv)
      expect(code, `${argv.join(' ')}: ${err}`).to.equal(0)
      return out.trim()
    }
    await ok('domain', 'add', 'haiduong.gov.vn')
    await ok('account', 'add', ha, '--name', 'Trần Thị Hà')
    const secret = await ok(
      'account',
      'app-password',
      'add',
      ha,
      '--name',
      'Máy quét',
      '--scope',
      'smtp',
      '--expires',
      '2099-01-01',
    )
    expect(secret).to.match(/^([a-z2-9]{4}-){5}[a-z2-9]{4}$/)
    {
      using accounts = openAccounts(paths(data).accounts)
      await accounts.signIn(ha, secret, { ip: '192.0.2.9', scope: 'smtp' })
    }
    const [row] = JSON.parse(await ok('account', 'app-password', 'list', ha, '--json'))
    expect(row).to.deep.include({ name: 'Máy quét', scopes: ['smtp'], expires: '2098-12-31T17:00:00.000Z' })
    expect(row.used).to.include({ ip: '192.0.2.9', scope: 'smtp' })
    expect(await ok('account', 'sign-ins', ha)).to.match(/ {2}smtp {2}app-password {2}192\.0\.2\.9$/)
    expect(await ok('account', 'second-factor', ha)).to.equal('off')
    await ok('account', 'app-password', 'revoke', ha, row.id)
    expect(await ok('account', 'app-password', 'list', ha)).to.equal('')
    for (const [argv, code] of [
      [['account', 'app-password', 'revoke', ha, row.id], 1],
      [['account', 'app-password', 'add', ha, '--name', 'x', '--scope', 'web'], 2],
      [['account', 'app-password', 'add', ha, '--name', 'x', '--expires', '2001-01-01'], 2],
      [['account', 'app-password', 'add', 'khong.co@haiduong.gov.vn', '--name', 'x'], 1],
      [['account', 'second-factor', ha, '--off'], 1],
    ] as const)
      expect((await congso(argv)).code, argv.join(' ')).to.equal(code)
    using accounts = openAccounts(paths(data).accounts)
    expect(accounts.appPasswordsOf(ha)).to.deep.equal([])
  }).timeout(120_000)

  it('go through the socket while the mail service runs', async () => {
    const { settings } = loadSettings({ data }, {})
    const at = paths(settings.data)
    using _lock = lockFolder(at.lock)
    using accounts = openAccounts(at.accounts)
    await using store = await openStoreHost({ dir: at.cell(1) })
    await using filters = new Filters({ accounts, store, hostname: 'mail.haiduong.gov.vn' })
    await using keeper = new Keeper({ settings, folder: at.tls })
    await using _control = await startControl({
      socket: at.control,
      secret: at.secret,
      accounts,
      store,
      filters,
      seal: async (raw) => raw,
      connections: () => 0,
      passkeySite: () => undefined,
      certificates: () => keeper,
      maxMessage: 1024,
      deletedDays: 14,
      now: Date.now,
    })
    expect((await congso(['domain', 'add', 'haiduong.gov.vn'])).code).to.equal(0)
    expect(accounts.isOurs('haiduong.gov.vn')).to.equal(true)
    expect((await congso(['office', 'list', '--json'])).out).to.equal('[]\n')

    // certificates: what does not belong together is refused in words, what does is served at once
    const one = selfSigned({ names: [settings.hostname], from: new Date(), days: 9 })
    const other = selfSigned({ names: [settings.hostname], from: new Date(), days: 9 })
    const [key, cert, wrong] = ['k.pem', 'c.pem', 'w.pem'].map((name) => join(data, name)) as [string, string, string]
    writeFileSync(key, one.key)
    writeFileSync(cert, one.certificate)
    writeFileSync(wrong, other.key)
    const refused = await congso(['tls', 'import', wrong, cert])
    expect(refused.code).to.equal(2)
    expect(refused.err).to.contain('Chứng thư không dùng được: the certificate is not the certificate of the key')
    expect(JSON.parse((await congso(['tls', 'status', '--json'])).out)[0].origin).to.equal('self-signed')
    expect((await congso(['tls', 'import', key, cert])).out).to.contain('files')
    expect(keeper.pairs[0]!.cert).to.equal(one.certificate)
  }).timeout(60_000)

  it('refuse a folder that another process holds and does not answer for', async () => {
    using _lock = lockFolder(paths(data).lock)
    const { code, err } = await congso(['domain', 'list'])
    expect(code).to.equal(1)
    expect(err).to.contain('is in use by process')
  }).timeout(30_000)

  const sizes: [text: string, octets: number | undefined][] = [
    ['1GB', 1e9],
    ['500 mb', 500e6],
    ['1.5GB', 1.5e9],
    ['0', 0],
    ['-1GB', undefined],
    ['1GBB', undefined],
    ['', undefined],
  ]
  for (const [text, octets] of sizes)
    it(`reads the size "${text}"`, () => {
      if (octets === undefined) expect(() => parseSize(text)).to.throw('1GB')
      else expect(parseSize(text)).to.equal(octets)
    })
  it('writes sizes short', () =>
    expect([undefined, 0, 999, 1500, 1e9].map(sizeText)).to.deep.equal(['-', '0B', '999B', '1.5KB', '1GB']))
  it('reads a day as midnight in Vietnam', () => {
    expect(parseInstant('2026-11-24')).to.equal('2026-11-23T17:00:00.000Z')
    expect(() => parseInstant('24/11/2026')).to.throw()
    expect(() => parseInstant('2026-11-24T08:00')).to.throw()
  })
})
