import { hash } from 'node:crypto'

const known = new WeakMap<Uint8Array, Uint8Array>()

/** SHA-256 of a message's octets, which nobody changes once they are there: worked out once for each, however many ask. */
export function octetHash(raw: Uint8Array): Uint8Array {
  let found = known.get(raw)
  if (!found) {
    found = hash('sha256', raw, 'buffer')
    known.set(raw, found)
  }
  return found
}
