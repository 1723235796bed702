/** A notification as a message (RFC 5436 §2.7): marked so that nothing answers it, and nothing notifies of it. */
import { createHash } from 'node:crypto'
import { mailDate } from '#kit/mail/date.ts'
import type { Notice } from '../run/facts.ts'
import { encodedText } from '../run/field.ts'
import { phrase, textEntity, type Written } from './reply.ts'

const importance = { 1: ['High', '1 (Highest)'], 2: ['Normal', '3 (Normal)'], 3: ['Low', '5 (Lowest)'] } as const

/** @param domain of the sender; @returns the same octets for the same input */
export function writeNotice(
  notice: Notice,
  { domain, owner, at }: { domain: string; owner: string; at: number },
): Written {
  const { from, to, cc, subject, body } = notice
  const id = createHash('sha256')
    .update(JSON.stringify([notice.key, at, subject, body]))
    .digest('hex')
    .slice(0, 32)
  const [level, priority] = importance[notice.importance]
  const list = (all: readonly string[]) => all.map((address) => `<${address}>`).join(',\r\n ')
  const head = [
    `From: ${from.name ? `${phrase(from.name)} <${from.address}>` : from.address}`,
    ...(to.length > 0 ? [`To: ${list(to)}`] : []),
    ...(cc.length > 0 ? [`Cc: ${list(cc)}`] : []),
    ...(to.length + cc.length === 0 ? ['To: undisclosed-recipients:;'] : []),
    `Subject: ${encodedText(subject)}`,
    `Date: ${mailDate(at)}`,
    `Message-ID: <${id}@${domain}>`,
    // RFC 5436 §2.7.1
    `Auto-Submitted: auto-notified; owner-email="${owner.replaceAll(/["\\]/g, '\\$&')}"`,
    `Importance: ${level}`,
    `X-Priority: ${priority}`,
    'MIME-Version: 1.0',
  ]
  return { raw: Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n`), textEntity(body)]) }
}
