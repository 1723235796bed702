import addressparser from 'nodemailer/lib/addressparser'

export type MailAddress = { name?: string; address: string }

/** A field that lists more people than this is not written by a person (a province has about 5,000 officials). */
const MAX_FIELD_OCTETS = 256 * 1024

/**
 * Reads the value of an address field (RFC 5322 §3.4), encoded words not undone. Groups are flattened; an entry
 * without an address is kept with an empty one, so that a caller who counts is not misled.
 */
export function readAddresses(value: string): MailAddress[] {
  if (value.length > MAX_FIELD_OCTETS) throw new RangeError(`address field of ${value.length} characters`)
  return addressparser(value, { flatten: true }).map((a) => ({ name: a.name ?? '', address: a.address ?? '' }))
}

/** For comparing: NFC, lower case. Our server treats local parts without regard to case. */
export function sameForm(address: string): string {
  return address.trim().normalize('NFC').toLowerCase()
}

/** The part after the last @, lower case; empty when there is none. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@')
  return at < 0 ? '' : address.slice(at + 1).toLowerCase()
}
