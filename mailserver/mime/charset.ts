/**
 * Octets to Unicode, for reading and searching: never throws, always NFC. windows-1258 writes tones as combining
 * marks, macOS writes file names in NFD; TCVN3 (domain.md §8.3) is declared as Latin-1 by the programs that send it.
 */
import { fromTcvn3, looksTcvn3 } from '#kit/vi/tcvn3.ts'
import { fromVni, looksVni } from '#kit/vi/vni.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })
const latin = /^(us-ascii|ascii|iso-?8859-?1|latin-?1|windows-1252|cp-?1252|x-user-defined)$/
const tcvn = /^(x-viet-)?tcvn/
const decoders = new Map<string, TextDecoder | undefined>()

/**
 * @param charset as declared, in any case; empty or unknown: decided by the octets
 */
export function decodeCharset(octets: Uint8Array, charset: string): string {
  const name = charset.trim().toLowerCase()
  if (tcvn.test(name)) return fromTcvn3(latin1(octets)).normalize('NFC')
  if (name === '' || latin.test(name)) return guess(octets)
  if (/^utf-?8$/.test(name)) return guess(octets)
  const decoder = decoderOf(name)
  return decoder ? decoder.decode(octets).normalize('NFC') : guess(octets)
}

/** Octets without a true label: UTF-8 when they are that, else TCVN3 or VNI when they read so, else windows-1258. */
export function guess(octets: Uint8Array): string {
  try {
    return utf8.decode(octets).normalize('NFC')
  } catch {
    // not UTF-8: one octet a letter
  }
  const text = latin1(octets)
  if (looksTcvn3(text)) return fromTcvn3(text).normalize('NFC')
  if (looksVni(text)) return fromVni(text)
  return decoderOf('windows-1258')!.decode(octets).normalize('NFC')
}

/** A string of one character an octet, as headers are kept while they are taken apart. */
export function guessBinary(binary: string): string {
  return /^[\x00-\x7f]*$/.test(binary) ? binary : guess(Buffer.from(binary, 'latin1'))
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1')
}

function decoderOf(name: string): TextDecoder | undefined {
  if (decoders.has(name)) return decoders.get(name)
  let decoder: TextDecoder | undefined
  try {
    decoder = new TextDecoder(name)
  } catch {
    decoder = undefined // RangeError: a name that the WHATWG list does not have
  }
  // Names come from outside: remember only what exists, so that inventing names fills no memory.
  if (decoder) decoders.set(name, decoder)
  return decoder
}
