import { readAddresses } from '#kit/mail/addresses.ts'
import type { File, Mail } from '#kit/mail/compose.ts'
import type { MailAccount } from '#kit/mail/imap.ts'
import { Refusal } from '#kit/refusal.ts'
import { readingOf } from '#webmail/read/parts.ts'
import { readUid } from '#webmail/uid.ts'

/** RFC 5321 §4.5.3.1.8 asks servers for 100 recipients; ours takes 200. */
export const mostRecipients = 200
/** Our submission takes 50 MB; base64 makes a third more of every file. */
export const mostFileBytes = 25 * 1024 * 1024
export const mostBytes = 35 * 1024 * 1024
export const mostFiles = 30

/** What the writing page holds, as typed. */
export type Draft = {
  from: string
  to: string
  cc: string
  bcc: string
  subject: string
  text: string
  /** files of other messages that go along: "<folder>|<uid>|<part>" */
  carried: string[]
  inReplyTo: string
  references: string
  /** makes the Message-ID: the same form sent twice is one message */
  nonce: string
  /** uid of the draft in the drafts folder that this one replaces */
  replaces: string
}
export type CarriedFile = { key: string; name: string; size: number; type: string }

export type Recipients = { to: string[]; cc: string[]; bcc: string[] }

/**
 * Reads the three address lines.
 * @throws Refusal 422 with what is wrong beside its field
 */
export function readRecipients(draft: Draft): Recipients {
  const fields: Record<string, string> = {}
  const read = (name: 'to' | 'cc' | 'bcc') => {
    const people = readAddresses(draft[name].replaceAll(/[;\n]/g, ',')).filter((a) => a.address || a.name)
    const wrong = people.find((a) => !/^[^\s@<>,]+@[^\s@<>,]+\.[^\s@<>,]+$/u.test(a.address))
    if (wrong) fields[name] = `“${wrong.address || wrong.name}” chưa phải địa chỉ thư. Ghi dạng ten@donvi.vn.`
    return people.map((a) => a.address)
  }
  const all = { to: read('to'), cc: read('cc'), bcc: read('bcc') }
  const count = all.to.length + all.cc.length + all.bcc.length
  if (count === 0) fields['to'] ??= 'Chưa ghi người nhận.'
  if (count > mostRecipients) fields['to'] = `Gửi nhiều nhất ${mostRecipients} người một thư. Đang có ${count} người.`
  if (Object.keys(fields).length > 0) throw new Refusal(422, 'Có chỗ cần sửa trước khi gửi.', 'recipients', { fields })
  return all
}

/** The draft as octets-to-be. Bcc is in the envelope alone when sent, and in the field when kept as a draft. */
export function mailOf(given: {
  draft: Draft
  recipients: Recipients
  fromName: string
  sender?: { name: string; address: string }
  files: readonly File[]
  messageId: string
  date: Date
  keptAsDraft: boolean
}): Mail {
  const { draft, recipients } = given
  const list = (addresses: string[]) => addresses.map((address) => ({ address }))
  return {
    from: { name: given.fromName, address: draft.from },
    ...(given.sender ? { sender: given.sender } : {}),
    to: list(recipients.to),
    cc: list(recipients.cc),
    subject: draft.subject,
    messageId: given.messageId,
    ...(draft.inReplyTo ? { inReplyTo: draft.inReplyTo } : {}),
    ...(draft.references ? { references: draft.references.split(' ').filter(Boolean) } : {}),
    date: given.date,
    headers: [
      ...(given.keptAsDraft && recipients.bcc.length > 0 ? [{ name: 'Bcc', value: recipients.bcc.join(', ') }] : []),
      ...(given.keptAsDraft ? [] : [{ name: 'X-CongSo-Save-Sent', value: 'yes' }]),
    ],
    text: draft.text,
    files: given.files,
  }
}

/** The files of a message that may go along with another, as the page lists them. */
export async function carriedFiles(account: MailAccount, folder: string, uid: number): Promise<CarriedFile[]> {
  const m = await account.summary({ folder, uid, structure: true })
  if (!m.structure) return []
  return readingOf(m.structure).attachments.map((a) => ({
    key: `${folder}|${uid}|${a.part}`,
    name: a.name,
    size: a.size,
    type: a.type,
  }))
}

/** Fetches chosen files again from where they lie. @throws Refusal 413 when they are too many or too large together */
export async function fetchCarried(account: MailAccount, keys: readonly string[]): Promise<File[]> {
  if (keys.length > mostFiles)
    throw new Refusal(413, `Kèm nhiều nhất ${mostFiles} tệp một thư.`, 'too many carried files')
  const files: File[] = []
  let octets = 0
  for (const key of keys) {
    const [folder, uid, part] = key.split('|')
    const source = { folder: folder ?? '', uid: readUid(uid) ?? 0 }
    if (source.uid === 0 || !part)
      throw new Refusal(422, 'Tệp kèm theo không đọc được. Chọn lại tệp.', `carried file ${key.slice(0, 100)}`)
    const known = (await carriedFiles(account, source.folder, source.uid)).find((f) => f.key === key)
    if (!known)
      throw new Refusal(422, 'Tệp kèm theo không còn trong thư gốc. Chọn lại tệp.', `no part ${key.slice(0, 100)}`)
    const content = await account.part({ ...source, part })
    octets += content.length
    if (octets > mostBytes)
      throw new Refusal(413, 'Các tệp cộng lại lớn hơn 35 MB. Bớt tệp rồi gửi lại.', 'carried files too large')
    files.push({ name: known.name, type: known.type, content })
  }
  return files
}
