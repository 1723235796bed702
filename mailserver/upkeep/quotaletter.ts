/** The letter that tells an owner that her mailbox fills up: how full, what will happen, what takes the room, what to do. Pure. */
import { compose } from '#kit/mail/compose.ts'
import { figures, size } from '#kit/vi/words.ts'
import type { Limits, Usage } from '#mailserver/store/limits.ts'
import type { Mailbox } from '#mailserver/store/port.ts'

/** Those in which tidying helps; a mailbox may have thousands. */
const foldersShown = 10

const names: Record<string, string> = {
  '\\Drafts': 'Thư nháp',
  '\\Sent': 'Đã gửi',
  '\\Archive': 'Lưu trữ',
  '\\Junk': 'Thư rác',
  '\\Trash': 'Thùng rác',
}
const nameOf = ({ path, specialUse }: Mailbox): string =>
  path === 'INBOX' ? 'Hộp thư đến' : specialUse ? names[specialUse]! : path

export type QuotaLetter = {
  hostname: string
  domain: string
  owner: string
  /** per cent that was reached */
  level: number
  used: Usage
  limits: Limits
  folders: readonly Mailbox[]
  /** which of the account's warnings it is; with the owner it makes the Message-ID */
  number: number
  at: number
}

/** @returns a complete message, not sealed; the same octets for the same input */
export function quotaLetter({
  hostname,
  domain,
  owner,
  level,
  used,
  limits,
  folders,
  number,
  at,
}: QuotaLetter): Promise<Buffer> {
  const { quota, mostMessages } = limits
  const amounts = [
    ...(quota === undefined ? [] : [`${size(used.octets)} trên ${size(quota)}`]),
    ...(mostMessages === undefined ? [] : [`${figures(used.messages)} thư trên ${figures(mostMessages)} thư`]),
  ]
  const big = [...folders]
    .filter((f) => f.messages > 0)
    .sort((a, b) => b.size - a.size || a.path.localeCompare(b.path, 'vi'))
    .slice(0, foldersShown)
  const urgent = level >= 95
  const text = [
    `Hộp thư ${owner} đã dùng ${amounts.join(', ')}${urgent ? '. Hộp thư sắp đầy.' : `, tức là quá ${level} %.`}`,
    '',
    'Khi đầy, thư của mọi người gửi đến sẽ bị từ chối và trả lại cho người gửi.',
    'Văn bản và thông báo hồ sơ của cơ quan vẫn được nhận.',
    '',
    'Các thư mục chiếm nhiều chỗ nhất:',
    '',
    ...big.map((f) => `    ${size(f.size).padStart(9)}   ${nameOf(f)} (${figures(f.messages)} thư)`),
    '',
    'Nên làm:',
    '',
    '  1. Xóa hẳn thư trong Thùng rác và Thư rác: thư ở đó vẫn chiếm chỗ.',
    '  2. Trong các thư mục nêu trên, xóa thư cũ có tệp lớn; tệp cần giữ thì tải về máy trước.',
    `  3. Vẫn không đủ chỗ thì viết thư cho quantri@${domain} để xin thêm dung lượng.`,
    '',
    'Mỗi mức chỉ được báo một lần; sẽ báo lại nếu sau khi dọn, hộp thư lại đầy lên.',
    '',
    '-- English --',
    `Your mailbox has passed ${level} % of what it may hold. When it is full, letters are refused and go back to their`,
    'senders; official documents still arrive. Empty Trash and Junk, delete old letters with large files, or ask',
    `quantri@${domain} for more room.`,
  ].join('\n')
  const subject = urgent
    ? `Hộp thư sắp đầy (quá ${level} %): cần dọn ngay / Mailbox almost full`
    : `Hộp thư đã dùng quá ${level} %: nên dọn bớt / Mailbox ${level} % full`
  return compose({
    from: { name: 'Hệ thống thư', address: `postmaster@${domain}` },
    to: [{ address: owner }],
    subject,
    messageId: `quota-${number}-${Buffer.from(owner).toString('hex').slice(0, 80)}@${hostname}`,
    date: new Date(at),
    headers: [{ name: 'Auto-Submitted', value: 'auto-generated' }],
    text,
  })
}
