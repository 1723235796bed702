/**
 * Addresses as this service compares them: NFC, lower case, no display name. The local part may be UTF-8 (RFC 6531);
 * a domain is kept in its Unicode form in lower case.
 */

/** RFC 5321 §4.5.3.1: 64 octets before the @, 255 after it. */
const localLimit = 64
const domainLimit = 255

export type AddressParts = { local: string; detail?: string; domain: string }

/** Folded form, for comparing and as key. Pure; anything may be given, for example an address that is not one. */
export function fold(address: string): string {
  return address.normalize('NFC').toLowerCase().trim()
}

/** @returns undefined when the text is not one address that can be delivered */
export function splitAddress(address: string): AddressParts | undefined {
  const folded = fold(address)
  const at = folded.lastIndexOf('@')
  if (at <= 0 || at === folded.length - 1) return undefined
  const local = folded.slice(0, at)
  const domain = folded.slice(at + 1)
  if (Buffer.byteLength(local) > localLimit || Buffer.byteLength(domain) > domainLimit) return undefined
  // RFC 5322 atext, and anything beyond ASCII that is a letter, mark or number; quoted local parts are never ours
  if (!/^[a-z0-9!#$%&'*+/=?^_`{|}~\p{L}\p{M}\p{N}-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~\p{L}\p{M}\p{N}-]+)*$/u.test(local))
    return undefined
  if (!isDomain(domain)) return undefined
  const plus = local.indexOf('+')
  return plus > 0 ? { local: local.slice(0, plus), detail: local.slice(plus + 1), domain } : { local, domain }
}

export function isDomain(domain: string): boolean {
  return /^[\p{L}\p{N}]([\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?(\.[\p{L}\p{N}]([\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?)*$/u.test(
    domain,
  )
}

/** The part after the last @, folded; "" when there is none. */
export function domainOf(address: string): string {
  const folded = fold(address)
  return folded.slice(folded.lastIndexOf('@') + 1 || folded.length)
}
