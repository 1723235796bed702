/** What mail programs are told, read with parsers that nobody here wrote: Python's xml.etree and plistlib. */
import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import { openDatabase } from '#kit/store/open.ts'
import { createApp } from '#kit/web/app.ts'
import { deskFrame } from '#kit/web/desk.ts'
import { openSessions } from '#kit/web/session.ts'
import { autoconfigRouter } from '#mailserver/autoconfig/router.ts'
import { mailServices } from '#mailserver/autoconfig/services.ts'
import { passwords, province, startService } from '#test/mailserver/control/service.ts'

const ha = 'ha.tran@haiduong.gov.vn'

/** every element with its text, as `path text` */
const readXml = `
import sys, json, xml.etree.ElementTree as E
out = []
def walk(e, path):
    path = path + '/' + e.tag.split('}')[-1]
    out.append([path, (e.text or '').strip(), dict(e.attrib)])
    for c in e: walk(c, path)
walk(E.fromstring(sys.stdin.buffer.read()), '')
print(json.dumps(out))`
const readPlist = 'import sys, json, plistlib; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))'
const python = (program: string, input: string) =>
  JSON.parse(execFileSync('python3', ['-c', program], { input }).toString())

describe('settings for mail programs', () => {
  const parts = new AsyncDisposableStack()
  let origin: string
  let cookie: string

  before(async () => {
    const service = parts.use(await startService())
    service.clock.now = Date.now()
    await service.as('cli').provision({ province, passwords })
    const directory = service.as('desk')
    const db = parts.adopt(openDatabase(':memory:'), (open) => open.close())
    const sessions = openSessions(db)
    const signedIn = await directory['auth.signIn']({
      address: ha,
      password: passwords[ha]!,
      ip: '127.0.0.1',
      client: 'test',
    })
    cookie = `congso=${sessions.begin({ ...signedIn, ip: '127.0.0.1', agent: 'test' })}`
    const app = createApp({ name: 'desk', layout: 'desk', signIn: (res) => res.redirect(303, '/dang-nhap') })
    app.use(deskFrame({ sessions, apps: [], secure: false }))
    app.use(
      autoconfigRouter({
        directory,
        services: mailServices({
          mode: 'production',
          listen: '0.0.0.0',
          hostname: 'mail.haiduong.gov.vn',
          portBase: 8000,
          publicPorts: 'standard',
        }),
        organisation: 'Tỉnh Hải Dương & các <sở>',
        origin: 'https://congso.haiduong.gov.vn',
      }),
    )
    origin = parts.use(await app.listen('127.0.0.1', 0)).origin
  })
  after(() => parts.disposeAsync())

  const servers = (rows: [string, string, Record<string, string>][], way: string) => {
    const found: Record<string, string>[] = []
    for (const [path, text, attributes] of rows)
      if (path.endsWith(`/${way}`)) found.push({ ...attributes })
      else if (path.includes(`/${way}/`)) found.at(-1)![path.split('/').at(-1)!] = text
    return found
  }

  it('are what Thunderbird asks for, at both of its addresses, without a session', async () => {
    for (const path of [
      '/mail/config-v1.1.xml?emailaddress=ai.do%40haiduong.gov.vn',
      '/.well-known/autoconfig/mail/config-v1.1.xml',
    ]) {
      const response = await fetch(origin + path)
      expect(response.status, path).to.equal(200)
      expect(response.headers.get('content-type')).to.contain('xml')
      const rows = python(readXml, await response.text())
      expect(rows[0][2]).to.deep.equal({ version: '1.1' })
      expect(rows.find(([at]: [string]) => at.endsWith('/domain'))[1]).to.equal('haiduong.gov.vn')
      expect(rows.find(([at]: [string]) => at.endsWith('/displayName'))[1]).to.contain('Tỉnh Hải Dương & các <sở>')
      const [first] = servers(rows, 'incomingServer')
      expect(first).to.deep.equal({
        type: 'imap',
        hostname: 'mail.haiduong.gov.vn',
        port: '993',
        socketType: 'SSL',
        username: '%EMAILADDRESS%',
        authentication: 'password-cleartext',
      })
      expect(servers(rows, 'incomingServer').map((s) => `${s['type']} ${s['port']}`)).to.deep.equal([
        'imap 993',
        'imap 143',
        'pop3 995',
        'pop3 110',
      ])
      expect(servers(rows, 'outgoingServer').map((s) => `${s['port']} ${s['socketType']}`)).to.deep.equal([
        '465 SSL',
        '587 STARTTLS',
      ])
    }
  })

  it('of another domain are not told', async () => {
    for (const address of ['ai@example.com', 'ai@haiduong.gov.vn.example.com', '@', '<x>@"'])
      expect(
        (await fetch(`${origin}/mail/config-v1.1.xml?emailaddress=${encodeURIComponent(address)}`)).status,
        address,
      ).to.equal(404)
  })

  const ask = (body: string, path = '/autodiscover/autodiscover.xml') =>
    fetch(origin + path, { method: 'POST', headers: { 'content-type': 'text/xml' }, body })
  const outlook = (address: string) =>
    `<?xml version="1.0"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request><EMailAddress>${address}</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>`

  it('are what Outlook asks for, in either case of its path', async () => {
    for (const path of ['/autodiscover/autodiscover.xml', '/Autodiscover/Autodiscover.xml']) {
      const rows = python(readXml, await (await ask(outlook('ai.do@haiduong.gov.vn'), path)).text())
      const found = servers(rows, 'Protocol')
      expect(found.map((s) => `${s['Type']} ${s['Server']} ${s['Port']} ${s['SSL']} ${s['LoginName']}`)).to.deep.equal([
        'IMAP mail.haiduong.gov.vn 993 on ai.do@haiduong.gov.vn',
        'POP3 mail.haiduong.gov.vn 995 on ai.do@haiduong.gov.vn',
        'SMTP mail.haiduong.gov.vn 465 on ai.do@haiduong.gov.vn',
      ])
    }
  })

  it('are an error that Outlook understands when it asks wrongly, and large requests are not read', async () => {
    for (const [body, code] of [
      ['', '600'],
      ['<EMailAddress>', '600'],
      [outlook('&x;'.repeat(200)), '600'],
      [outlook('ai@example.com'), '500'],
      [outlook('a@b"onload=@haiduong.gov.vn.vn'), '500'],
    ] as const) {
      const rows = python(readXml, await (await ask(body)).text())
      expect(rows.find(([at]: [string]) => at.endsWith('/ErrorCode'))[1], body).to.equal(code)
    }
    expect((await ask(outlook('x'.repeat(100_000)))).status).to.equal(413)
  })

  it('are a profile for Apple’s programs, for who is signed in', async () => {
    const path = '/toi/chuong-trinh-thu/cong-so.mobileconfig'
    expect((await fetch(origin + path, { redirect: 'manual' })).status).to.equal(303)
    const response = await fetch(origin + path, { headers: { cookie } })
    expect(response.headers.get('content-type')).to.contain('application/x-apple-aspen-config')
    const text = await response.text()
    const profile = python(readPlist, text)
    const [mail] = profile.PayloadContent
    expect(profile.PayloadOrganization).to.equal('Tỉnh Hải Dương & các <sở>')
    expect(mail).to.include({
      EmailAddress: ha,
      IncomingMailServerHostName: 'mail.haiduong.gov.vn',
      IncomingMailServerPortNumber: 993,
      IncomingMailServerUseSSL: true,
      OutgoingMailServerPortNumber: 465,
      OutgoingMailServerUsername: ha,
    })
    expect(profile.PayloadUUID)
      .to.match(/^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/)
      .and.not.equal(mail.PayloadUUID)
    expect(await (await fetch(origin + path, { headers: { cookie } })).text(), 'again').to.equal(text)
  })

  it('are a page with what is to be typed', async () => {
    const text = await (await fetch(`${origin}/toi/chuong-trinh-thu`, { headers: { cookie } })).text()
    for (const said of ['mail.haiduong.gov.vn', '993', '465', ha, 'SSL/TLS', 'cong-so.mobileconfig', 'qr-code'])
      expect(text).to.contain(said)
    expect(text).not.to.contain('mật khẩu ứng dụng')
  })
})
