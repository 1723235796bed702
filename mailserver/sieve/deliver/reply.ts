/** The automatic reply as a message (RFC 5230 §5, RFC 3834 §3): from the owner, to the sender, marked so that nothing answers it. */

import { createHash } from 'node:crypto'
import { mailDate } from '#kit/mail/date.ts'
import type { Reply } from '../run/facts.ts'
import { encodedText } from '../run/field.ts'

export type Written = { raw: Buffer }

/** @param domain of the sender; @returns the same octets for the same input */
export function writeReply(reply: Reply, { domain, at }: { domain: string; at: number }): Written {
  const { from, to, subject, inReplyTo, references } = reply
  const id = createHash('sha256')
    .update(JSON.stringify([reply.key, to, at, inReplyTo]))
    .digest('hex')
    .slice(0, 32)
  const head = [
    `From: ${from.name ? `${phrase(from.name)} <${from.address}>` : from.address}`,
    `To: <${to}>`,
    `Subject: ${encodedText(subject)}`,
    `Date: ${mailDate(at)}`,
    `Message-ID: <${id}@${domain}>`,
    ...(inReplyTo ? [`In-Reply-To: ${inReplyTo}`] : []),
    ...(references ? [`References: ${references.split(' ').join('\r\n ')}`] : []),
    'Auto-Submitted: auto-replied',
    'X-Auto-Response-Suppress: All',
    'MIME-Version: 1.0',
  ]
  const entity = reply.mime ? mimeEntity(reply.body) : textEntity(reply.body)
  return { raw: Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n`), entity]) }
}

export function textEntity(text: string): Buffer {
  const lines =
    Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'))
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  return Buffer.from(
    `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines.join('\r\n')}\r\n`,
  )
}

/**
 * :mime gives an entity with its own header (RFC 5230 §4.7). Of that, the Content-* fields count: whatever else stands there
 * would be a second Subject or Bcc.
 */
function mimeEntity(body: string): Buffer {
  const text = body.replaceAll(/\r?\n/g, '\r\n')
  const end = text.startsWith('\r\n') ? 0 : text.indexOf('\r\n\r\n')
  if (end < 0) return textEntity(body)
  const fields = text
    .slice(0, end)
    .split(/\r\n(?![ \t])/)
    .filter((f) => /^Content-[A-Za-z-]+[ \t]*:/i.test(f) && !/[^\x09\x0a\x0d\x20-\x7e]/.test(f))
  const content = text.slice(end).replace(/^\r\n\r\n|^\r\n/, '')
  const encoded = fields.some((f) => /^content-transfer-encoding/i.test(f)) ? [] : ['Content-Transfer-Encoding: 8bit']
  return Buffer.from(`${[...fields, ...encoded].join('\r\n')}\r\n\r\n${content}\r\n`)
}

export const phrase = (name: string): string =>
  /^[A-Za-z0-9 ]+$/.test(name)
    ? name
    : /^[\x20-\x7e]*$/.test(name)
      ? `"${name.replaceAll(/["\\]/g, '\\$&')}"`
      : encodedText(name)
