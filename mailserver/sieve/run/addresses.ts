/** Addresses in header fields and in the envelope, and their parts (RFC 5228 §2.7.4, RFC 5233). */

import { readEnvelopeAddresses } from '#mailserver/mime/addresses.ts'
import { guessBinary } from '#mailserver/mime/charset.ts'
import type { Args } from '../check/definition.ts'

export type Mailbox = { local: string; domain: string }

/** @param value of an address field, one character an octet; groups give their members */
export function addressesIn(value: string): Mailbox[] {
  const found: Mailbox[] = []
  for (const a of readEnvelopeAddresses(value))
    if (!('group' in a)) found.push({ local: guessBinary(a.mailbox), domain: guessBinary(a.host) })
  return found
}

export function splitAddress(address: string): Mailbox {
  const at = address.lastIndexOf('@')
  return at < 0 ? { local: address, domain: '' } : { local: address.slice(0, at), domain: address.slice(at + 1) }
}

const whole = ({ local, domain }: Mailbox): string => (domain === '' ? local : `${local}@${domain}`)

/** The part that the tags name; undefined where there is none (no detail): such an address matches nothing. */
export function partOf(args: Args, address: Mailbox): string | undefined {
  const { tags } = args
  if (tags.has('localpart')) return address.local
  if (tags.has('domain')) return address.domain
  const plus = address.local.indexOf('+')
  if (tags.has('user')) return plus < 0 ? address.local : address.local.slice(0, plus)
  if (tags.has('detail')) return plus < 0 ? undefined : address.local.slice(plus + 1)
  return whole(address)
}

/** One address that mail can be sent to: no list, no name, nothing that ends a line. @returns it, or undefined */
export function plainAddress(text: string): string | undefined {
  const trimmed = text.trim()
  const inner = /^<([^<>]*)>$/.exec(trimmed)?.[1] ?? trimmed
  if (inner.length > 320 || /[\p{Cc}\s<>(),;:"\\[\]]/u.test(inner)) return undefined
  return /^[^@]{1,64}@[^@.]+(?:\.[^@.]+)*$/u.test(inner) ? inner : undefined
}
