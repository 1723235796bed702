/** Whether a letter may be answered by a machine (RFC 3834 §2, RFC 5230 §4.5 and §4.6). */
import { addressesIn, plainAddress, splitAddress } from './addresses.ts'
import type { Facts } from './facts.ts'
import type { Machine } from './machine.ts'

/** Local parts that are programs (RFC 5230 §4.6, RFC 3834 §2). */
const program =
  /^(mailer-daemon|listserv|majordomo|postmaster|no-?reply|do-?not-?reply|owner-.*|.*-(request|owner|bounces?|return))$/i

/** Fields whose mere presence says that no person waits for an answer. */
const listFields = [
  'list-id',
  'list-help',
  'list-subscribe',
  'list-unsubscribe',
  'list-post',
  'list-owner',
  'list-archive',
]

/** The owner's addresses, lower case. */
export function ownAddresses({ owner }: Facts, also: readonly string[]): Set<string> {
  return new Set([owner.address, ...owner.aliases, ...also].map((a) => a.trim().toLowerCase()))
}

/** RFC 5436 §2.7 and §5: nobody is told by a machine of what a machine sent, or of an act. */
export function mayNotify({ facts, header }: Machine): boolean {
  if (facts.from === '' || header.has('congso-kind')) return false
  return !header.raw('auto-submitted').some((v) => !/^no\b/i.test(v.trim()))
}

/** @param also :addresses @returns to whom, or undefined: no answer */
export function mayAnswer(m: Machine, also: readonly string[]): string | undefined {
  const { facts, header } = m
  const to = plainAddress(facts.from)
  if (to === undefined || program.test(splitAddress(to).local)) return undefined
  const own = ownAddresses(facts, also)
  if (own.has(to.toLowerCase())) return undefined
  if (listFields.some((f) => header.has(f))) return undefined
  if (header.raw('auto-submitted').some((v) => !/^no\b/i.test(v))) return undefined
  if (header.raw('precedence').some((v) => /^(bulk|junk|list)\b/i.test(v))) return undefined
  if (header.raw('x-auto-response-suppress').some((v) => /\b(all|oof|autoreply)\b/i.test(v))) return undefined
  if (header.raw('x-spam-flag').some((v) => /^yes/i.test(v))) return undefined
  if (header.raw('content-type').some((v) => /^multipart\/report\b/i.test(v))) return undefined
  // acts of registers and notices are answered by their verbs, not by "I am away"
  if (header.has('congso-kind')) return undefined
  const named = ['to', 'cc', 'bcc', 'resent-to', 'resent-cc', 'resent-bcc']
    .flatMap((f) => header.raw(f))
    .flatMap(addressesIn)
    .some(
      ({ local, domain }) =>
        own.has(`${local}@${domain}`.toLowerCase()) || own.has(`${local.split('+')[0]}@${domain}`.toLowerCase()),
    )
  return named ? to : undefined
}
