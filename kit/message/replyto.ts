/**
 * The sub-address under which a message may be answered: so.stttt+<seq>-<n>@…, seq of the event that asked, n the
 * letter among those of the event. No secret: the ledger knows who was asked, for which acts, until when.
 */
import type { Address } from '#kit/directory/calls.ts'

/** RFC 5321 §4.5.3.1.1 */
const MAX_LOCAL_OCTETS = 64

/** @throws RangeError when the local part would be longer than 64 octets: the register's name is too long */
export function replyTo({ register, seq, n }: { register: Address; seq: number; n: number }): Address {
  const at = register.lastIndexOf('@')
  const local = `${register.slice(0, at)}+${seq}-${n}`
  if (Buffer.byteLength(local) > MAX_LOCAL_OCTETS)
    throw new RangeError(`${local} has more than ${MAX_LOCAL_OCTETS} octets`)
  return local + register.slice(at)
}

/** @returns undefined when the address is not one that `replyTo` makes */
export function readReplyTo(address: Address): { register: Address; seq: number; n: number } | undefined {
  const m = /^([^+@\s]{1,60})\+([1-9]\d{0,14})-(0|[1-9]\d{0,3})@([^@\s]+)$/.exec(address.trim())
  return m ? { register: `${m[1]}@${m[4]}`.toLowerCase(), seq: Number(m[2]), n: Number(m[3]) } : undefined
}
