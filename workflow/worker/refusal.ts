/** The answer to a command that was refused, and the help for a reply that was not understood. */
import { createHash } from 'node:crypto'
import type { Address, Agency, Instant, OutgoingNotice } from '#kit/directory/calls.ts'
import { letterBodies } from '#kit/message/markup.ts'
import { writeNotice } from '#kit/message/write.ts'
import { moment } from '#kit/vi/dates.ts'

export type Refused = {
  /** Message-ID of the command */
  command: string
  kind: string
  case: string
  subject: string
  advice: string
  fields?: Record<string, string>
  /** what changed since its author looked */
  changes?: readonly string[]
  /** lines by which the letter may be answered, when the reply was not understood */
  examples?: readonly string[]
  /** where the same letter can be answered again */
  replyTo?: Address
}

export async function writeRefusal(
  refused: Refused,
  given: { to: Address; register: Address; agency: Agency; now: Instant; deskOrigin: string },
): Promise<OutgoingNotice> {
  const { register, agency, now } = given
  const changes = refused.changes?.length ? [`Đã thay đổi: ${refused.changes.join('; ')}.`] : []
  const raw = await writeNotice(
    {
      from: { name: agency.name, address: register },
      to: [{ address: given.to }],
      ...(refused.replyTo ? { replyTo: refused.replyTo } : {}),
      subject: `Chưa thực hiện: ${refused.subject}`.slice(0, 300),
      messageId: refusalId(refused.command, register),
      inReplyTo: refused.command,
      references: [refused.command],
      date: new Date(now),
    },
    letterBodies({
      agency: agency.name,
      paragraphs: [`Yêu cầu gửi đến sổ chưa được thực hiện. ${refused.advice}`, ...changes],
      facts: [
        ['Nhận lúc', moment(now)],
        ...Object.values(refused.fields ?? {}).map((why) => ['Cần sửa', why] as const),
      ],
      ...(refused.examples?.length ? { answers: refused.examples } : {}),
      ...(refused.case
        ? { link: { href: `${given.deskOrigin}/ho-so/${encodeURIComponent(refused.case)}`, label: 'Mở hồ sơ' } }
        : {}),
    }),
    {
      ledger: register,
      seq: 0,
      at: now,
      kind: refused.kind,
      v: 1,
      case: refused.case,
      data: { refused: refused.advice, fields: refused.fields ?? {}, command: refused.command },
      asks: [],
    },
    [],
    { reply: true },
  )
  return { from: register, to: [given.to], raw }
}

/** Instead of a sixth answer within the hour: one task for the clerk, who can call the sender. */
export async function writeTask(
  refused: Refused,
  given: { sender: Address; clerk: Address; register: Address; agency: Agency; now: Instant },
): Promise<OutgoingNotice> {
  const { register, agency, now } = given
  const raw = await writeNotice(
    {
      from: { name: agency.name, address: register },
      to: [{ address: given.clerk }],
      subject: `Nhiều yêu cầu không thực hiện được từ ${given.sender}`,
      messageId: refusalId(refused.command, register),
      date: new Date(now),
    },
    letterBodies({
      agency: agency.name,
      paragraphs: [
        `${given.sender} gửi hơn 5 yêu cầu không thực hiện được trong một giờ. Hệ thống thôi trả lời; liên hệ để hướng dẫn.`,
        `Yêu cầu mới nhất: ${refused.subject}. ${refused.advice}`,
      ],
    }),
    {
      ledger: register,
      seq: 0,
      at: now,
      kind: refused.kind,
      v: 1,
      case: refused.case,
      data: { task: given.sender, command: refused.command },
      asks: [],
    },
  )
  return { from: register, to: [given.clerk], raw }
}

function refusalId(command: string, register: Address): string {
  const at = register.lastIndexOf('@')
  const digest = createHash('sha256').update(command).digest('hex').slice(0, 24)
  return `${register.slice(0, at)}.refused.${digest}${register.slice(at)}`
}
