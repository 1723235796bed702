/** A UID as an address or a form names it (RFC 9051 §2.3.1.1: from 1 to 2^32 − 1). @returns undefined for anything else */
export function readUid(text: unknown): number | undefined {
  const uid = typeof text === 'string' && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0
  return uid > 0 && uid <= 0xffff_ffff ? uid : undefined
}
