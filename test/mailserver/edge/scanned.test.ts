import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadSettings, type Settings } from '#config/settings.ts'
import { type Edge, startEdge } from '#mailserver/edge/start.ts'
import { scanner } from '#mailserver/spam/available.ts'
import { startRspamd } from '#mailserver/spam/start.ts'
import { startControl } from '#test/mailserver/edge/support/control.ts'
import { freeBase, Sender } from '#test/mailserver/edge/support/smtp.ts'

const mail = (subject: string, body: string) =>
  `From: =?UTF-8?B?${Buffer.from('Nguyễn Văn An').toString('base64')}?= <an@example.com>\r\nTo: ha.tran@haiduong.gov.vn\r\nDate: Mon, 23 Nov 2026 10:00:00 +0700\r\nSubject: =?UTF-8?B?${Buffer.from(subject).toString('base64')}?=\r\nMessage-ID: <${Math.random()}@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${body}\r\n`
// https://spamassassin.apache.org/gtube/ — in two pieces, so that this file is not refused by scanners itself
const gtube = `XJS*C4JDBQADN1.NSBN3*2IDNEN*${'GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'}`
const to = ['ha.tran@haiduong.gov.vn']

describe('edge with rspamd', function () {
  this.timeout(180_000)
  let data: string
  let settings: Settings
  let control: Awaited<ReturnType<typeof startControl>>
  let edge: Edge
  let rspamd: AsyncDisposable | undefined

  before(async function () {
    const found = scanner({ rspamd: 'auto' })
    if (!found.on) {
      console.log(`      left out: ${found.why}`)
      this.skip()
    }
    data = mkdtempSync(join(tmpdir(), 'congso-scan-'))
    control = await startControl(data)
    const portBase = await freeBase([25, 333, 334])
    settings = loadSettings({ data, portBase: String(portBase) }, {}).settings
    const started = await startRspamd({ settings })
    if ('off' in started) throw new Error(started.off)
    rspamd = started
    edge = await startEdge({ settings })
  })
  after(async () => {
    await edge?.[Symbol.asyncDispose]()
    await rspamd?.[Symbol.asyncDispose]()
    await control?.[Symbol.asyncDispose]()
    if (data) rmSync(data, { recursive: true, force: true })
  })
  beforeEach(() => {
    control.state.handed.length = 0
  })
  const send = async (message: string) => (await Sender.send(edge.port, { to, message })).at(-1)!
  const status = () =>
    /^X-Spam-Status: (.*(?:\r\n\t.*)*)/.exec(Buffer.from(control.state.handed[0]!.raw).toString())![1]!

  it('refuses GTUBE at the door', async () => {
    expect(await send(mail('thử', gtube))).to.match(/^550 .*(spam|Gtube)/i)
    expect(control.state.handed).to.have.length(0)
  })

  it('reads a letter to its end that goes through a file', async () => {
    const large = (last: string) =>
      `From: An <an@example.com>\r\nTo: ha.tran@haiduong.gov.vn\r\nDate: Mon, 23 Nov 2026 10:00:00 +0700\r\nSubject: x\r\nMessage-ID: <${Math.random()}@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/octet-stream; name=a.dat\r\nContent-Disposition: attachment; filename=a.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n${`${'QUJD'.repeat(19)}\r\n`.repeat(30_000)}--b\r\nContent-Type: text/plain\r\n\r\n${last}\r\n--b--\r\n`
    expect(await send(large('Kinh gui So'))).to.match(/^250/)
    expect(await send(large(gtube))).to.match(/^550 /)
    expect(control.state.handed).to.have.length(1)
  })

  const proper = [
    ['Báo cáo quý 3 — Phòng Kế toán', 'Kính gửi Sở, xin gửi báo cáo quý 3 của đơn vị. Đề nghị xem xét.'],
    [
      'Đề nghị cấp giấy phép xuất bản bản tin',
      'Công ty chúng tôi đề nghị Sở Thông tin và Truyền thông hướng dẫn thủ tục. Trân trọng cảm ơn.',
    ],
    ['V/v mời họp giao ban tháng 11', 'Kính mời đồng chí dự họp lúc 8 giờ ngày 25/11/2026 tại phòng họp tầng 3.'],
  ] as const
  for (const [subject, body] of proper)
    it(`lets a Vietnamese letter pass: ${subject}`, async () => {
      expect(await send(mail(subject, body))).to.match(/^250/)
      expect(control.state.handed[0]!.spam).to.equal(false)
      expect(status()).to.match(/^No, score=-?[\d.]+ required=/)
      expect(Number(/score=(-?[\d.]+)/.exec(status())![1])).to.be.lessThan(4)
    })

  it('marks what scores above the line for Junk', async () => {
    const bad =
      'From: "Bank" <x@example.com>\r\nTo: undisclosed-recipients:;\r\nSubject: FREE WINNER!!!\r\nReply-To: <y@freemail.example>\r\nContent-Type: text/html\r\n\r\n<html><a href="http://1.2.3.4/login.php">http://vietcombank.com.vn</a></html>\r\n'
    expect(await send(bad)).to.match(/^250/)
    expect(control.state.handed[0]!.spam, status()).to.equal(true)
    expect(status()).to.match(/^Yes, /)
  })

  it('says "later" when the scanner is gone, and takes nothing unscanned', async () => {
    await rspamd![Symbol.asyncDispose]()
    rspamd = undefined
    expect(await send(mail('x', 'y'))).to.match(/^450/)
    expect(control.state.handed).to.have.length(0)
  })
})
