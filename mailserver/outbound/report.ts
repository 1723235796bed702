/**
 * Delivery status notifications (RFC 3464, RFC 6522): text for people in Vietnamese and English, a part for programs, and
 * the header of the message that did not arrive. From the null sender, and marked, so that nothing answers it.
 */

import { createHash } from 'node:crypto'
import { mailDate } from '#kit/mail/date.ts'

/** Enough for any header; the body stays where it is: a report is not for forwarding a 50 MB scan once more. */
const MAX_ORIGINAL_HEADER = 64 * 1024

export type Reported = {
  address: string
  /** RFC 3463, for example "5.1.1" */
  status: string
  /** of the other side, or our own words */
  reply: string
  /** name of the server that gave the reply */
  host?: string
}

/**
 * @param given.kind failed: it will not arrive; delayed: still being tried, until `until`
 * @returns a complete message, the same octets for the same input
 */
export function failureReport(given: {
  hostname: string
  at: number
  to: string
  original: Uint8Array
  recipients: readonly Reported[]
  kind: 'failed' | 'delayed'
  until?: number
}): Buffer {
  const { hostname, recipients, kind } = given
  const header = originalHeader(given.original)
  const id = createHash('sha256')
    .update(JSON.stringify([kind, given.at, given.to, recipients]))
    .update(header)
    .digest('hex')
    .slice(0, 32)
  const boundary = `=_report_${id}`
  const failed = kind === 'failed'
  const subject = failed ? 'Không gửi được thư / Undelivered mail' : 'Thư gửi chậm, vẫn đang thử lại / Delayed mail'
  const when = mailDate(given.at)
  const utf8 =
    [given.to, ...recipients.map((r) => r.address)].some((a) => !isAscii(a)) || !isAscii(header.toString('utf8'))
  const lines = [
    `From: =?utf-8?B?${base64('Hệ thống thư')}?= <postmaster@${hostname}>`,
    `To: <${plain(given.to)}>`,
    `Subject: ${encoded(subject)}`,
    `Date: ${when}`,
    `Message-ID: <${id}@${hostname}>`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...wrapped(words(given)),
    `--${boundary}`,
    `Content-Type: message/${utf8 ? 'global-delivery-status' : 'delivery-status'}`,
    ...(utf8 ? ['Content-Transfer-Encoding: 8bit'] : []),
    '',
    `Reporting-MTA: dns; ${hostname}`,
    `Arrival-Date: ${when}`,
    ...recipients.flatMap((r) => [
      '',
      `Final-Recipient: ${isAscii(r.address) ? 'rfc822' : 'utf-8'}; ${plain(r.address)}`,
      `Action: ${kind}`,
      `Status: ${r.status}`,
      ...(r.host ? [`Remote-MTA: dns; ${plain(r.host)}`] : []),
      `Diagnostic-Code: smtp; ${plain(r.reply).slice(0, 900)}`,
      ...(given.until === undefined
        ? []
        : [`Will-Retry-Until: ${new Date(given.until).toUTCString().replace('GMT', '+0000')}`]),
    ]),
    '',
    `--${boundary}`,
    `Content-Type: ${utf8 ? 'message/global-headers' : 'text/rfc822-headers'}`,
    ...(utf8 ? ['Content-Transfer-Encoding: 8bit'] : []),
    '',
    '',
  ]
  return Buffer.concat([Buffer.from(lines.join('\r\n')), header, Buffer.from(`\r\n--${boundary}--\r\n`)])
}

function words({ recipients, kind, until }: Parameters<typeof failureReport>[0]): string {
  const list = recipients
    .map((r) => `  <${plain(r.address)}>\n    ${plain(r.reply)}${r.host ? ` (${plain(r.host)})` : ''}`)
    .join('\n')
  if (kind === 'failed')
    return `Thư của quý vị không gửi được tới:\n\n${list}\n\nVui lòng kiểm tra lại địa chỉ, hoặc liên hệ người nhận bằng cách khác rồi gửi lại.\nPhần đầu của thư gốc ở cuối thư này.\n\n-- English --\nYour message could not be delivered to the recipients above. The reply of the other server is shown with each.\n`
  const end = until === undefined ? '' : new Date(until).toLocaleString('vi-VN', { timeZone: 'Asia/Ho_Chi_Minh' })
  return `Thư của quý vị chưa gửi được tới:\n\n${list}\n\nHệ thống vẫn tiếp tục thử đến ${end}. Quý vị không cần gửi lại.\n\n-- English --\nYour message has not been delivered yet. We keep trying; you need not send it again.\n`
}

/** Up to the empty line, with CRLF, whole lines only. */
function originalHeader(raw: Uint8Array): Buffer {
  const octets = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const end = octets.indexOf('\r\n\r\n')
  const header = octets.subarray(0, end < 0 ? octets.length : end + 2)
  if (header.length <= MAX_ORIGINAL_HEADER) return header
  const cut = header.lastIndexOf('\r\n', MAX_ORIGINAL_HEADER)
  return header.subarray(0, cut < 0 ? 0 : cut + 2)
}

function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}<>]+/gu, ' ').trim()
}

function encoded(text: string): string {
  return text
    .split(/(?<=\/ )/)
    .map((part) => `=?utf-8?B?${base64(part)}?=`)
    .join('\r\n ')
}

function wrapped(text: string): string[] {
  return base64(text.replaceAll('\n', '\r\n')).match(/.{1,76}/g) ?? []
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text)
}
