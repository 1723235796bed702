/**
 * Both directions of a connection under DEFLATE (RFC 4978, raw RFC 1951 streams). What is inflated waits in the stream until
 * the session takes it and the socket is held back meanwhile, so 1 KB that would become 1 MB costs a few chunks here.
 */
import type { Socket } from 'node:net'
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from 'node:zlib'

/**
 * 8 KB of history and a small hash table: 131 KB of resident memory where zlib's defaults take 226 (measured, 1,000 streams),
 * and lists of mails still shrink to 6 %. Inflating wants the full window, since the client chooses it: 75 KB.
 */
const deflateWindowBits = 13
const deflateMemLevel = 6
/** Octets of one output buffer; each stream keeps one. */
const chunkSize = 8 * 1024

export type Compressed = {
  /** what the client says, inflated; `pause` holds the socket back in the end */
  inflate: InflateRaw
  /** what is said to the client: every write is flushed to it at once, since an answer that stays here is none */
  deflate: DeflateRaw
}

/**
 * Takes the socket's data over; `before` came with the command that asked for it, and is compressed already.
 * The socket's end and errors stay the caller's. The deflated stream's end ends the socket.
 */
export function compressed(socket: Socket, before: readonly Buffer[], heard: () => void): Compressed {
  const inflate = createInflateRaw({ chunkSize, finishFlush: constants.Z_SYNC_FLUSH })
  const deflate = createDeflateRaw({
    chunkSize,
    flush: constants.Z_SYNC_FLUSH,
    windowBits: deflateWindowBits,
    memLevel: deflateMemLevel,
  })
  const take = (chunk: Buffer) => {
    if (!inflate.writable) return
    if (!inflate.write(chunk)) socket.pause()
  }
  for (const chunk of before) take(chunk)
  inflate.on('drain', () => socket.resume())
  socket.on('data', (chunk: Buffer) => {
    heard()
    take(chunk)
  })
  socket.on('end', () => inflate.end())
  deflate.on('data', (chunk: Buffer) => {
    if (!socket.destroyed && !socket.write(chunk)) deflate.pause()
  })
  socket.on('drain', () => deflate.resume())
  deflate.on('end', () => socket.end())
  socket.on('close', () => {
    inflate.destroy()
    deflate.destroy()
  })
  return { inflate, deflate }
}
