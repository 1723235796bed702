/**
 * The header of a message that a person or service sends: checked, and completed. Pure. What an official act depends on
 * (who speaks, for whom) is decided here from the sign-in, never from what the message says of itself.
 */
import { domainOf, readAddresses } from '#kit/mail/addresses.ts'
import { MAX_HEADER_OCTETS, sealedFields } from '#kit/message/contract.ts'
import type { Field } from '#kit/message/header.ts'
import { single, values } from '#kit/message/header.ts'
import { Refusal } from '#kit/refusal.ts'
import { encodedWords } from '#mailserver/mime/encodedwords.ts'

/** Dropped: for the server only, secret, or a claim that only a receiving server may make. */
const dropped = new Set([
  'bcc',
  'resent-bcc',
  'return-path',
  'delivered-to',
  'x-original-to',
  'x-congso-save-sent',
  'dkim-signature',
  'arc-seal',
  'arc-message-signature',
  'arc-authentication-results',
  'authentication-results',
  'received-spf',
  'x-spam-flag',
  'x-undelivered-to',
  'delivery-failure',
  'sender',
])
/** RFC 5322 §3.6: at most once; the seal cannot cover a second one. */
const once = new Set([...sealedFields.map((name) => name.toLowerCase()), 'bcc'])

export type Block = { name: string; octets: Buffer; value: string }
export type Letter = { blocks: readonly Block[]; body: Buffer }
/** `for`: whom the person speaks for, when not for herself; `grant`: by which right */
export type Speaker = { address: string; name: string; for?: 'office' | 'person'; grant?: string }

/**
 * Takes header and body apart; bare CR and bare LF become CRLF first, since two servers disagree about them and what the
 * seal covers must be what the other side reads (RFC 5321 §2.3.8).
 *
 * @throws Refusal 422 with English and Vietnamese for the reply
 */
export function readLetter(given: Buffer): Letter {
  const raw = withCrlf(given)
  const end = raw.subarray(0, 2).equals(crlf) ? 0 : raw.indexOf('\r\n\r\n')
  const headerEnd = end < 0 ? raw.length : end === 0 ? 0 : end + 2
  if (headerEnd > MAX_HEADER_OCTETS)
    throw refuse('5.6.0', 'Header too large', 'Phan dau thu qua lon', `header of ${headerEnd} octets`)
  const blocks: Block[] = []
  for (let at = 0; at < headerEnd; ) {
    let next = lineEnd(raw, at, headerEnd)
    while (next < headerEnd && (raw[next] === 32 || raw[next] === 9)) next = lineEnd(raw, next, headerEnd)
    const octets = raw.subarray(at, next)
    const m = /^([!-9;-~]+):(.*)$/s.exec(octets.toString('utf8').replaceAll(/\r\n/g, ''))
    if (!m || octets.includes(0))
      throw refuse(
        '5.6.0',
        'Malformed header field',
        'Phan dau thu sai dinh dang',
        `not a field: ${octets.toString('latin1', 0, 60)}`,
      )
    blocks.push({ name: m[1]!.toLowerCase(), octets, value: m[2]!.trim() })
    at = next
  }
  if (blocks.length === 0) throw refuse('5.6.0', 'Message has no header', 'Thu khong co phan dau', 'no header')
  for (const { name } of blocks)
    if ((once.has(name) || name.startsWith('congso-')) && blocks.filter((b) => b.name === name).length > 1)
      throw refuse('5.6.0', `Field ${name} appears twice`, `Truong ${name} co hai lan`, `${name} twice`)
  return { blocks, body: end < 0 ? Buffer.alloc(0) : raw.subarray(end === 0 ? 2 : end + 4) }
}

/** @returns the one address in From. @throws Refusal when it is not exactly one */
export function fromOf({ blocks }: Letter): string {
  const all = readAddresses(single(fields(blocks), 'From') ?? '')
  const only = all[0]?.address ?? ''
  if (all.length !== 1 || !only.includes('@'))
    throw refuse(
      '5.6.0',
      'From must be exactly one address',
      'Truong From phai co dung mot dia chi',
      `From has ${all.length} addresses`,
    )
  return only
}

export function messageIdOf({ blocks }: Letter): string | undefined {
  const value = values(fields(blocks), 'Message-ID')[0]
  return value === undefined ? undefined : (/<([^<>\s]+)>/.exec(value)?.[1] ?? value)
}

export function wantsSentCopy({ blocks }: Letter): boolean {
  return blocks.some((b) => b.name === 'x-congso-save-sent' && b.value.toLowerCase() === 'yes')
}

/**
 * The message as it is sealed: Received on top, Sender when the person speaks for an office or another person, Date and Message-ID when missing.
 */
export function complete(
  letter: Letter,
  given: { speaker: Speaker; person: { address: string; name: string }; received: string; date: string; newId: string },
): { raw: Buffer; messageId: string } {
  const kept = letter.blocks.filter((b) => !dropped.has(b.name))
  const has = (name: string) => kept.some((b) => b.name === name)
  const added = [`Received: ${given.received}`]
  const messageId = messageIdOf(letter) ?? `${given.newId}@${domainOf(given.speaker.address)}`
  if (given.speaker.for) added.push(`Sender: ${phrase(given.person.name)} <${given.person.address}>`)
  if (!has('date')) added.push(`Date: ${given.date}`)
  if (!has('message-id')) added.push(`Message-ID: <${messageId}>`)
  const last = kept.at(-1)?.octets
  const parts = [Buffer.from(`${added.join('\r\n')}\r\n`), ...kept.map((b) => b.octets)]
  if (last && !last.subarray(-2).equals(crlf)) parts.push(crlf)
  return { raw: Buffer.concat([...parts, crlf, letter.body]), messageId }
}

const crlf = Buffer.from('\r\n')

/** A refusal whose `why` is the text of the SMTP reply: enhanced code, English, Vietnamese without marks (replies are ASCII). */
export function refuse(code: string, english: string, vietnamese: string, cause: string): Refusal {
  return new Refusal(422, vietnamese, `${code} ${english} / ${vietnamese}`, { cause: new Error(cause) })
}

function fields(blocks: readonly Block[]): Field[] {
  return blocks.map(({ name, value }) => ({ name, value }))
}

/** RFC 2047 in UTF-8 when it has marks, else quoted. */
function phrase(name: string): string {
  if (/^[\x20-\x7e]*$/.test(name)) return `"${name.replaceAll(/["\\]/g, '\\$&')}"`
  return encodedWords(name.normalize('NFC').replaceAll(/\p{Cc}/gu, ' ')).join(' ')
}

function lineEnd(raw: Buffer, from: number, to: number): number {
  const lf = raw.indexOf(10, from)
  return lf < 0 || lf >= to ? to : lf + 1
}

function withCrlf(raw: Buffer): Buffer {
  let bare = 0
  for (let at = 0; at < raw.length; at++) {
    const c = raw[at]
    if (c === 10 && raw[at - 1] !== 13) bare++
    else if (c === 13 && raw[at + 1] !== 10) bare++
  }
  if (bare === 0) return raw
  const out = Buffer.allocUnsafe(raw.length + bare)
  let n = 0
  for (let at = 0; at < raw.length; at++) {
    const c = raw[at]!
    if (c === 10 && raw[at - 1] !== 13) out[n++] = 13
    out[n++] = c
    if (c === 13 && raw[at + 1] !== 10) out[n++] = 10
  }
  return out
}
