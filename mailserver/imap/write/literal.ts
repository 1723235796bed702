import type { Output } from '#mailserver/sessions/output.ts'

/**
 * A literal (RFC 9051 §4.3): its length, then its octets as the client takes them. NUL may stand in a binary one only; in
 * others 0x80 takes its place, as Dovecot does: lengths and offsets stay. BINARY gives the octets as they are.
 *
 * @throws Error when the pieces have another length
 */
export async function writeLiteral(
  out: Output,
  length: number,
  pieces: Iterable<Uint8Array>,
  binary = false,
): Promise<void> {
  out.text(`${binary ? '~' : ''}{${length}}\r\n`)
  let sent = 0
  const each = pieces[Symbol.iterator]() as Iterator<Uint8Array, unknown, boolean>
  for (let next = each.next(false); !next.done; next = each.next(out.settled)) {
    const piece = next.value
    sent += piece.length
    if (sent > length) {
      each.return?.()
      break
    }
    await out.octetsOf(binary || !hasNul(piece) ? piece : withoutNul(piece))
  }
  if (sent !== length) throw new Error(`a literal of ${length} octets had ${sent}`)
}

/** As a Buffer, whose search is not a loop over each octet. */
const hasNul = (piece: Uint8Array): boolean => Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).includes(0)

const withoutNul = (piece: Uint8Array): Uint8Array => piece.map((c) => (c === 0 ? 0x80 : c))
