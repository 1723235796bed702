/** Passwords in a directory of the province: a private OpenLDAP, and every listener that signs people in. */
import { connect } from 'node:net'
import { expect } from 'chai'
import { LdapDirectory, ldapSettings } from '#mailserver/accounts/ldap.ts'
import { openAccounts } from '#mailserver/accounts/open.ts'
import { type Administered, an, domain, ha, startAdministered } from '#test/mailserver/admin/service.ts'
import { Client } from '#test/mailserver/imap/fixture.ts'
import { run } from '#test/programs.ts'
import { emptyBook, refusalOf } from './book.ts'
import { base, reader, type Slapd, startSlapd } from './slapd.ts'

const secret = 'Hoa phượng 2026!'
const at = { ip: '192.0.2.1', scope: 'imap' } as const
const noSettings = {
  ldapUrl: '',
  ldapStartTls: 'off',
  ldapCa: '',
  ldapBindDn: '',
  ldapBindPassword: '',
  ldapBase: base,
  ldapFilter: '(mail={address})',
} as const

describe('passwords in an LDAP directory', () => {
  let slapd: Slapd
  before(async function () {
    const started = await startSlapd()
    if (!started) return this.skip()
    slapd = started
    await slapd.add({
      uid: 'mai',
      mail: `mai.le@${domain}`,
      name: 'Lê Thị Mai',
      password: secret,
      title: 'Chuyên viên',
    })
    await slapd.add({ uid: 'hai', mail: [`hai@${domain}`, `chung@${domain}`], name: 'Đỗ Hải', password: secret })
    await slapd.add({ uid: 'ba', mail: `chung@${domain}`, name: 'Vũ Ba', password: secret })
    await slapd.add({ uid: 'ngoai', mail: 'ngoai@noikhac.vn', name: 'Người Ngoài', password: secret })
  })
  after(() => slapd?.[Symbol.dispose]())

  const settings = (more: Partial<Parameters<typeof ldapSettings>[0]> = {}) =>
    ldapSettings({
      ...noSettings,
      ldapUrl: slapd.url,
      ldapStartTls: 'on',
      ldapCa: slapd.ca,
      ldapBindDn: reader.dn,
      ldapBindPassword: reader.password,
      ...more,
    })!

  it('says whether a password is right, and whose entry it is must be certain', async () => {
    const directory = new LdapDirectory(settings())
    expect(await directory.fits(`mai.le@${domain}`, secret)).to.equal(true)
    for (const [address, password] of [
      [`mai.le@${domain}`, 'sai'],
      [`mai.le@${domain}`, ''],
      [`khong.co@${domain}`, secret],
      [`chung@${domain}`, secret], // two have it
      ['*', secret],
      [`mai*@${domain}`, secret],
      [`mai.le@${domain})(uid=*`, secret],
      [`*)(|(uid=mai)`, secret],
    ] as const)
      expect(await directory.fits(address, password), `${address} ${password}`).to.equal(false)
    const byName = new LdapDirectory(settings({ ldapFilter: '(uid={local})' }))
    expect(await byName.fits(`mai@${domain}`, secret)).to.equal(true)
  })

  it('does not trust a server that it does not know, and asks the next one', async () => {
    const wrong = [
      settings({ ldapCa: '' }),
      settings({ ldapBindPassword: 'sai' }),
      settings({ ldapUrl: 'ldap://127.0.0.1:1' }),
    ]
    for (const each of wrong) {
      const refusal = await refusalOf(new LdapDirectory(each).fits(`mai.le@${domain}`, secret))
      expect(refusal.status).to.equal(503)
    }
    const second = new LdapDirectory(settings({ ldapUrl: `ldap://127.0.0.1:1, ${slapd.url}` }))
    expect(await second.fits(`mai.le@${domain}`, secret)).to.equal(true)
  })

  it('is set wholly, or said what is missing', () => {
    expect(ldapSettings(noSettings)).to.equal(undefined)
    expect(() => settings({ ldapUrl: 'dc1.example' })).to.throw('CONGSO_LDAP_URL')
    expect(() => settings({ ldapBase: '' })).to.throw('CONGSO_LDAP_BASE')
    expect(() => settings({ ldapFilter: '(mail=*)' })).to.throw('CONGSO_LDAP_FILTER')
  })

  it('keeps nothing of the password: neither a hash nor keys for SCRAM', async () => {
    using empty = emptyBook()
    using book = openAccounts(empty.path, { now: () => empty.clock.now, judge: new LdapDirectory(settings()) })
    const address = `mai.le@${domain}`
    await book.addAccount({ address, name: 'Lê Thị Mai', passwordHash: '{LDAP}', from: '2026-01-01' })
    const session = await book.signIn(address, secret, at)
    expect(session.account.passwordFrom).to.equal('ldap')
    expect(book.stillGood(session)).to.equal(true)
    expect((await refusalOf(book.signIn(address, 'sai', at))).status).to.equal(401)
    expect(() => book.scram(address, at).prove(() => true)).to.throw()
    expect(book.offersScram).to.equal(false)
    await slapd.setPassword('mai', 'một mật khẩu mới')
    empty.clock.now += 10 * 60_000
    expect((await refusalOf(book.signIn(address, secret, at))).status, 'the old one').to.equal(401)
    expect((await book.signIn(address, 'một mật khẩu mới', at)).account.address).to.equal(address)
    await slapd.setPassword('mai', secret)
    // without the directory nobody is let in, and nobody is told that the password is wrong
    expect((await refusalOf(empty.book.signIn(address, secret, at))).status).to.equal(503)
  })

  describe('in the mail service', () => {
    let s: Administered
    before(async () => {
      s = await startAdministered({
        ldapUrl: slapd.url,
        ldapStartTls: 'on',
        ldapCa: slapd.ca,
        ldapBase: base,
        ldapBindDn: reader.dn,
        ldapBindPassword: reader.password,
      })
    })
    after(() => s?.[Symbol.asyncDispose]())
    const env = () => ({
      CONGSO_LDAP_URL: slapd.url,
      CONGSO_LDAP_STARTTLS: 'on',
      CONGSO_LDAP_CA: slapd.ca,
      CONGSO_LDAP_BASE: base,
      CONGSO_LDAP_BIND_DN: reader.dn,
      CONGSO_LDAP_BIND_PASSWORD: reader.password,
    })
    const congso = (argv: string[], input = '') => s.congso(argv, { env: env(), input })
    const imap = async (address: string, password: string): Promise<string> => {
      const client = new Client(connect(s.ports.imap, '127.0.0.1'))
      await client.until('\r\n')
      const answer = await client.command(`LOGIN ${address} "${password}"`)
      client.destroy()
      return answer
    }

    it('names its people, gives those of our domains a mailbox, and lets them in everywhere', async () => {
      expect((await congso(['ldap', 'check', '--json'])).out).to.include('"people": 4')
      expect(await congso(['ldap', 'check', `mai.le@${domain}`], `${secret}\n`)).to.include({ code: 0, out: 'right\n' })
      expect(await congso(['ldap', 'check', `mai.le@${domain}`], 'sai\n')).to.include({ code: 1, out: 'wrong\n' })
      const dry = JSON.parse((await congso(['ldap', 'import', '--dry-run', '--json'])).out) as { added: string[] }
      expect(dry.added).to.have.members([`mai.le@${domain}`, `hai@${domain}`, `chung@${domain}`])
      expect((await congso(['ldap', 'import'])).out).to.match(/^3 added, 0 were there already/)
      expect((await congso(['ldap', 'import'])).out).to.match(/^0 added, 3 were there already/)

      expect(await imap(`mai.le@${domain}`, secret)).to.match(/^OK/m)
      expect(await imap(`mai.le@${domain}`, 'sai')).to.match(/^NO \[AUTHENTICATIONFAILED\]/m)
      expect(await imap(an, secret), 'an account with a password of its own').to.match(/^OK/m)
      const python = `
import base64, smtplib
m = smtplib.SMTP('127.0.0.1', ${s.ports.submission})
m.ehlo()
print(m.esmtp_features['auth'])
print(m.docmd('AUTH', 'PLAIN ' + base64.b64encode('\\0mai.le@${domain}\\0${secret}'.encode()).decode())[0])
`
      const { stdout: out } = await run('python3', ['-c', python])
      expect(out).to.include('235').and.not.include('SCRAM')
      using desk = s.directory('desk')
      const { person } = await desk['auth.signIn']({
        address: `mai.le@${domain}`,
        password: secret,
        ip: '192.0.2.7',
        client: 'x',
      })
      expect(person).to.include({ name: 'Lê Thị Mai', title: 'Chuyên viên', passwordFrom: 'ldap' })
    }).timeout(120_000)

    it('those who leave it are switched off when the administrator says so', async () => {
      await slapd.add({ uid: 'tam', mail: `tam@${domain}`, name: 'Tạm', password: secret })
      await congso(['ldap', 'import'])
      await slapd.remove('tam')
      expect((await congso(['ldap', 'import'])).out).to.include(`1 are not in it any more: tam@${domain}`)
      expect((await congso(['ldap', 'import', '--disable'])).out).to.include('switched off')
      const list = await s.json<{ address: string; disabled: boolean }[]>('account', 'list')
      expect(list.filter((a) => a.disabled).map((a) => a.address)).to.deep.equal([`tam@${domain}`])
    }).timeout(120_000)

    it('an account goes over to it and back', async () => {
      await slapd.add({ uid: 'ha', mail: ha, name: 'Hà', password: 'trong danh bạ' })
      expect((await congso(['account', 'set', ha, '--password-from-ldap'])).code).to.equal(0)
      expect(await imap(ha, secret)).to.match(/^NO/m)
      expect(await imap(ha, 'trong danh bạ')).to.match(/^OK/m)
      await congso(['account', 'set', ha, '--password-stdin'], `${secret}\n`)
      expect(await imap(ha, secret)).to.match(/^OK/m)
    }).timeout(120_000)

    it('while it does not answer nobody is told that the password is wrong, and others come in', async () => {
      await slapd.stop()
      expect(await imap(`hai@${domain}`, secret)).to.match(/^NO \[UNAVAILABLE\]/m)
      expect(await imap(an, secret)).to.match(/^OK/m)
      expect((await congso(['ldap', 'check'])).code).to.equal(1)
      const client = new Client(connect(s.ports.submission, '127.0.0.1'))
      await client.until('\r\n')
      client.write(`EHLO x\r\nAUTH PLAIN ${Buffer.from(`\0hai@${domain}\0${secret}`).toString('base64')}\r\n`)
      await client.until('454 4.7.0')
      client.destroy()
    }).timeout(120_000)
  })
})
