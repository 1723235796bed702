import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadSettings } from '#config/settings.ts'
import { type Edge, startEdge } from '#mailserver/edge/start.ts'
import { startControl } from '#test/mailserver/edge/support/control.ts'
import { freeBase } from '#test/mailserver/edge/support/smtp.ts'
import { installed, run } from '#test/programs.ts'

const from = 'an@example.com'
const to = 'ha.tran@haiduong.gov.vn'

describe('edge: programs that others wrote', function () {
  this.timeout(60_000)
  let data: string
  let control: Awaited<ReturnType<typeof startControl>>
  let edge: Edge
  before(async () => {
    data = mkdtempSync(join(tmpdir(), 'congso-edge-'))
    control = await startControl(data)
    edge = await startEdge({
      settings: loadSettings({ data, portBase: String(await freeBase([25])), rspamd: 'off' }, {}).settings,
    })
  })
  after(async () => {
    await edge[Symbol.asyncDispose]()
    await control[Symbol.asyncDispose]()
    rmSync(data, { recursive: true, force: true })
  })
  beforeEach(() => {
    control.state.handed.length = 0
  })
  const protocols = () => control.state.handed.map((h) => /with (\S+)\r\n/.exec(Buffer.from(h.raw).toString())![1])
  const server = () => `127.0.0.1:${edge.port}`

  /** @param used what Received is to say */
  function program(name: string, used: readonly string[], send: () => Promise<unknown>): void {
    it(`${name} sends`, async function () {
      if (!installed(name)) this.skip()
      await send()
      expect(protocols()).to.deep.equal(used)
      for (const handed of control.state.handed) {
        expect(handed.to).to.deep.equal([to])
        expect(handed.from).to.equal(from)
      }
    })
  }

  program('swaks', ['ESMTP', 'ESMTPS', 'ESMTP', 'SMTP'], async () => {
    const usual = ['--server', server(), '--from', from, '--to', to]
    await run('swaks', usual)
    await run('swaks', [...usual, '--tls'])
    await run('swaks', [...usual, '--pipeline', '--body', '.\n..\n.x'])
    await run('swaks', [...usual, '--protocol', 'SMTP'])
    const body = Buffer.from(control.state.handed[2]!.raw).toString()
    expect(body).to.match(/\r\n\r\n\.\r\n\.\.\r\n\.x\r\n/)
  })

  program('curl', ['ESMTP', 'ESMTPS'], async () => {
    const file = join(data, 'letter.eml')
    writeFileSync(file, `From: ${from}\r\nTo: ${to}\r\nMessage-ID: <c@example.com>\r\n\r\n.\r\nXin chào\r\n`)
    const usual = ['-sS', '-k', '--mail-from', from, '--mail-rcpt', to, '--upload-file', file]
    await run('curl', [...usual, `smtp://${server()}`])
    await run('curl', [...usual, '--ssl-reqd', `smtp://${server()}`])
  })

  program('python3', ['ESMTP', 'UTF8SMTPS'], async () => {
    await run('python3', [
      '-c',
      `
import smtplib, ssl
from email.message import EmailMessage
m = EmailMessage(); m['From'] = 'Nguyễn Văn An <${from}>'; m['To'] = '${to}'; m['Subject'] = 'Giấy mời họp'
m.set_content('Kính mời đồng chí dự họp.'); m.add_attachment(b'%PDF-1.4' * 200000, maintype='application', subtype='pdf', filename='giấy mời.pdf')
with smtplib.SMTP('127.0.0.1', ${edge.port}) as s:
    s.send_message(m)
with smtplib.SMTP('127.0.0.1', ${edge.port}) as s:
    s.starttls(context=ssl._create_unverified_context()); s.ehlo()
    s.sendmail('${from}', ['${to}'], 'From: ${from}\\r\\n\\r\\nXin chào\\r\\n'.encode(), ['SMTPUTF8', 'BODY=8BITMIME'])
`,
    ])
    expect(control.state.handed[0]!.raw.length).to.be.greaterThan(2_000_000)
  })

  program('openssl', ['ESMTPS', 'ESMTPS'], async () => {
    const lines = [
      'EHLO a.example.com',
      `MAIL FROM:<${from}>`,
      `RCPT TO:<${to}>`,
      'DATA',
      'Subject: x',
      '',
      'y',
      '.',
      'QUIT',
    ]
    for (const version of ['-tls1_2', '-tls1_3']) {
      const file = join(data, 'commands')
      // one by one, as a person would type: s_client does not wait for replies by itself
      writeFileSync(file, lines.map((line) => `printf '%s\\r\\n' '${line}'; sleep 0.1`).join('\n'))
      const client = `openssl s_client -connect ${server()} -starttls smtp -crlf -quiet ${version}`
      const { stdout } = await run('sh', [
        '-c',
        `(sh ${file}; sleep 0.3) | tr -d '\\r' | ${client} 2>/dev/null || true`,
      ])
      expect(stdout).to.match(/^250 2\.0\.0 Taken/m)
    }
  })

  it('openssl finds nothing below TLS 1.2', async function () {
    if (!installed('openssl')) this.skip()
    const { stdout } = await run('sh', [
      '-c',
      `echo QUIT | openssl s_client -connect ${server()} -starttls smtp -tls1_1 -cipher 'ALL:@SECLEVEL=0' 2>&1 || true`,
    ])
    expect(stdout).to.match(/Cipher is \(NONE\)|alert protocol version/)
  })

  program('smtp-source', Array(50).fill('SMTP'), () =>
    run('smtp-source', ['-s', '10', '-m', '50', '-l', '20000', '-f', from, '-t', to, server()]),
  )
})
