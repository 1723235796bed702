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
  /** of the other side, or our own words; absent: it lies in a mailbox here */
  reply?: string
  /** name of the server that gave the reply */
  host?: string
  /** as the sender first wrote it: "rfc822;ha@haiduong.gov.vn" (RFC 3461 §4.2) */
  orcpt?: string
}

export type ReportKind = keyof typeof subjects
const subjects = {
  failed: 'Không gửi được thư / Undelivered mail',
  delayed: 'Thư gửi chậm, vẫn đang thử lại / Delayed mail',
  delivered: 'Thư đã tới hộp thư người nhận / Delivered mail',
  expanded: 'Thư đã tới các thành viên của nhóm / Mail sent to the members of a group',
  relayed: 'Thư đã được máy chủ khác nhận / Relayed mail',
} as const

/** What is brought back at most when the sender asked for the whole message (RET=FULL). */
const MAX_ORIGINAL = 10 * 1024 * 1024

/**
 * @param given.kind failed: it will not arrive; delayed: still being tried, until `until`; delivered, expanded and relayed (to a
 * server that will send no report): the sender asked to be told (RFC 3461 §4.1, RFC 3464 §2.3.3)
 * @param given.full a report of failure brings back the whole message
 * @returns a complete message, the same octets for the same input
 */
export function statusReport(given: {
  hostname: string
  at: number
  to: string
  original: Uint8Array
  recipients: readonly Reported[]
  kind: ReportKind
  until?: number
  envid?: string | undefined
  full?: boolean
}): Buffer {
  const { hostname, recipients, kind } = given
  const full = given.full === true && kind === 'failed' && given.original.byteLength <= MAX_ORIGINAL
  const header = full ? octetsOf(given.original) : originalHeader(given.original)
  const id = createHash('sha256')
    .update(JSON.stringify([kind, given.at, given.to, recipients]))
    .update(header)
    .digest('hex')
    .slice(0, 32)
  const boundary = `=_report_${id}`
  const when = mailDate(given.at)
  const utf8 =
    [given.to, given.envid ?? '', ...recipients.flatMap((r) => [r.address, r.orcpt ?? ''])].some((a) => !isAscii(a)) ||
    originalHeader(given.original).some((octet) => octet > 127)
  const eightBit = header.some((octet) => octet > 127)
  const lines = [
    `From: =?utf-8?B?${base64('Hệ thống thư')}?= <postmaster@${hostname}>`,
    `To: <${plain(given.to)}>`,
    `Subject: ${encoded(subjects[kind])}`,
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
    ...(given.envid === undefined ? [] : [`Original-Envelope-Id: ${plain(given.envid)}`]),
    `Reporting-MTA: dns; ${hostname}`,
    `Arrival-Date: ${when}`,
    ...recipients.flatMap((r) => [
      '',
      ...(r.orcpt === undefined ? [] : [`Original-Recipient: ${plain(r.orcpt)}`]),
      `Final-Recipient: ${isAscii(r.address) ? 'rfc822' : 'utf-8'}; ${plain(r.address)}`,
      `Action: ${kind}`,
      `Status: ${r.status}`,
      ...(r.host ? [`Remote-MTA: dns; ${plain(r.host)}`] : []),
      ...(r.reply === undefined ? [] : [`Diagnostic-Code: smtp; ${plain(r.reply).slice(0, 900)}`]),
      ...(given.until === undefined
        ? []
        : [`Will-Retry-Until: ${new Date(given.until).toUTCString().replace('GMT', '+0000')}`]),
    ]),
    '',
    `--${boundary}`,
    `Content-Type: ${full ? `message/${utf8 ? 'global' : 'rfc822'}` : utf8 ? 'message/global-headers' : 'text/rfc822-headers'}`,
    ...(eightBit ? ['Content-Transfer-Encoding: 8bit'] : []),
    '',
    '',
  ]
  return Buffer.concat([Buffer.from(lines.join('\r\n')), header, Buffer.from(`\r\n--${boundary}--\r\n`)])
}

function words({ recipients, kind, until }: Parameters<typeof statusReport>[0]): string {
  const list = recipients
    .map(({ address, reply, host }) =>
      reply === undefined
        ? `  <${plain(address)}>`
        : `  <${plain(address)}>\n    ${plain(reply)}${host ? ` (${plain(host)})` : ''}`,
    )
    .join('\n')
  if (kind === 'delivered')
    return `Thư của quý vị đã nằm trong hộp thư của:\n\n${list}\n\nĐiều đó không có nghĩa là người nhận đã đọc thư.\n\n-- English --\nYour message is in the mailboxes of the recipients above. It does not mean that it was read.\n`
  if (kind === 'expanded')
    return `Thư của quý vị đã được chuyển tới các thành viên của:\n\n${list}\n\n-- English --\nYour message was sent on to the members of the groups above.\n`
  if (kind === 'relayed')
    return `Máy chủ của người nhận đã nhận thư của quý vị gửi tới:\n\n${list}\n\nMáy chủ đó không báo lại khi thư tới hộp thư.\n\n-- English --\nThe server of the recipients above has taken your message, and will not report whether it arrives.\n`
  if (kind === 'failed')
    return `Thư của quý vị không gửi được tới:\n\n${list}\n\nVui lòng kiểm tra lại địa chỉ, hoặc liên hệ người nhận bằng cách khác rồi gửi lại.\nPhần đầu của thư gốc ở cuối thư này.\n\n-- English --\nYour message could not be delivered to the recipients above. The reply of the other server is shown with each.\n`
  const end = until === undefined ? '' : new Date(until).toLocaleString('vi-VN', { timeZone: 'Asia/Ho_Chi_Minh' })
  return `Thư của quý vị chưa gửi được tới:\n\n${list}\n\nHệ thống vẫn tiếp tục thử đến ${end}. Quý vị không cần gửi lại.\n\n-- English --\nYour message has not been delivered yet. We keep trying; you need not send it again.\n`
}

const octetsOf = (raw: Uint8Array): Buffer => Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)

/** Up to the empty line, with CRLF, whole lines only. */
function originalHeader(raw: Uint8Array): Buffer {
  const octets = octetsOf(raw)
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
