import type { Output } from '#mailserver/sessions/output.ts'

/** A literal (RFC 9051 §4.3): its length, then its octets as the client takes them. @throws Error when the pieces have another length */
export async function writeLiteral(
  out: Output,
  length: number,
  pieces: Iterable<Uint8Array>,
  binary = false,
): Promise<void> {
  out.text(`${binary ? '~' : ''}{${length}}\r\n`)
  let sent = 0
  for (const piece of pieces) {
    sent += piece.length
    if (sent > length) break
    await out.octetsOf(piece)
  }
  if (sent !== length) throw new Error(`a literal of ${length} octets had ${sent}`)
}
