/** What a message with UTF-8 in its header is for a client that did not say UTF8 (RFC 6856 §2.1): RFC 6857's form of it. */
import { downgrade, type Edit, headersOf, isAscii } from '#mailserver/mime/downgrade.ts'
import { MAX_HEADER_OCTETS } from '#mailserver/mime/limits.ts'
import type { StoreReader } from '#mailserver/store/port.ts'
import { Refused, sentences } from '../reply.ts'

/** `longer`: by how many octets that makes what is sent */
export type Surrogate = { edits: Edit[]; longer: number }

/**
 * @param turn lets others run
 * @throws Refused [UTF8] (§5) for headers so large that nobody reads them
 */
export async function surrogate(read: StoreReader, message: number, turn: () => Promise<void>): Promise<Surrogate> {
  const found: Surrogate = { edits: [], longer: 0 }
  const spans = headersOf(read.structure(message))
  let next = 0
  let header: Uint8Array[] = []
  let start = 0
  let sum = 0
  for (const piece of read.octets(message, 0, spans.at(-1)?.to ?? 0)) {
    const end = start + piece.length
    for (let span = spans[next]; span && span.from < end; span = spans[next]) {
      const octets = piece.subarray(Math.max(0, span.from - start), span.to - start)
      if (span.to - span.from <= MAX_HEADER_OCTETS) header.push(octets)
      else if (!isAscii(octets)) throw new Refused(sentences.needsUtf8, 'UTF8')
      if (span.to > end) break
      const whole = Buffer.concat(header)
      header = []
      next++
      for (const edit of downgrade(whole, span.from)) {
        found.edits.push(edit)
        found.longer += edit.octets.length - sentLength(whole.subarray(edit.from - span.from, edit.to - span.from))
        sum += edit.to - edit.from
        if (sum > MAX_HEADER_OCTETS) throw new Refused(sentences.needsUtf8, 'UTF8')
      }
    }
    start = end
    await turn()
  }
  return found
}

/** Every line ends with CRLF then. */
function sentLength(octets: Buffer): number {
  let bare = 0
  for (let at = octets.indexOf(10); at !== -1; at = octets.indexOf(10, at + 1)) if (octets[at - 1] !== 13) bare++
  return octets.length + bare
}
