/**
 * What goes to one client. Small answers are gathered into writes of `writeChunk`; when the socket's own
 * buffer is full, `drained` waits until the client has read, so that a slow reader holds one chunk here
 * and no more. Text is written as UTF-8.
 */
import type { Writable } from 'node:stream'
import { writeChunk } from './limits.ts'

/** Characters of text that are made octets together. */
const textAtOnce = 4 * 1024

/** The client has gone; the session ends without more words. */
export class ClientGone extends Error {
  override name = 'ClientGone'
}

export class Output {
  #socket: Writable
  /** text that is not yet octets */
  #pending = ''
  /** octets before `#pending`, not yet handed to the socket: whole pieces, then what of the chunk is filled */
  #pieces: Uint8Array[] = []
  #chunk: Buffer | undefined
  #filled = 0
  #waiting = 0
  #full = false
  #gone = false
  #wake: (() => void) | undefined
  /** octets sent since the start, for the log */
  octets = 0
  /** since when the client has taken nothing of what waits for it; undefined while nothing waits */
  stuckSince: number | undefined
  /** when the client last took what had been waiting */
  lastProgress = Number.NEGATIVE_INFINITY

  constructor(socket: Writable) {
    this.#socket = socket
    this.attach(socket)
  }

  /** Also after STARTTLS, with the secured stream. */
  attach(socket: Writable): void {
    this.#socket = socket
    socket.on('drain', () => {
      this.#full = false
      this.stuckSince = undefined
      this.lastProgress = performance.now()
      this.#wake?.()
    })
  }

  /** The socket has closed: whoever waits is told. */
  end(): void {
    this.#gone = true
    this.#wake?.()
  }

  /** Adds text without waiting; call `drained` at least once for every few kilobytes. */
  text(text: string): void {
    this.#pending += text
    if (this.#pending.length >= textAtOnce) this.#fill()
  }

  /** A line, with its CRLF. */
  line(text: string): void {
    this.text(`${text}\r\n`)
  }

  /** Much is pending, or the client does not read: time for `drained`. */
  get mustDrain(): boolean {
    return this.#pending.length + this.#waiting >= writeChunk || this.#full || this.#gone
  }

  /** Nothing waits on our side: all pieces that were given are with the client's kernel, or were copied. */
  get settled(): boolean {
    return this.#waiting === 0 && this.#pending === '' && this.#socket.writableLength === 0
  }

  /** Waits when much is pending or the client does not read. @throws ClientGone */
  async drained(): Promise<void> {
    if (this.#pending.length + this.#waiting >= writeChunk) this.flush()
    await this.#room()
  }

  /** Hands everything pending to the socket, in one write. */
  flush(): void {
    this.#take()
    if (this.#pieces.length === 0) return
    const pieces = this.#pieces
    this.#pieces = []
    this.#waiting = 0
    if (this.#gone) return
    if (pieces.length > 1) this.#socket.cork()
    for (const piece of pieces) {
      this.octets += piece.length
      if (this.#socket.write(piece)) continue
      this.#full = true
      this.stuckSince ??= performance.now()
    }
    if (pieces.length > 1) this.#socket.uncork()
  }

  /** Octets behind everything pending, which must not change any more; waits until the client has taken enough. @throws ClientGone */
  async octetsOf(piece: Uint8Array): Promise<void> {
    this.#take()
    this.#push(piece)
    await this.drained()
  }

  /** Long answers become octets a few lines at a time: as one long text they would be carried along by every collection of garbage. */
  #fill(): void {
    const text = this.#pending
    this.#pending = ''
    if (!this.#chunk && text.length < textAtOnce) {
      this.#push(Buffer.from(text))
      return
    }
    const most = text.length * 3 // UTF-16 units as UTF-8
    if (this.#chunk && this.#filled + most > this.#chunk.length) this.#endChunk()
    this.#chunk ??= Buffer.allocUnsafeSlow(Math.max(this.#waiting ? writeChunk : writeChunk / 4, most))
    const octets = this.#chunk.write(text, this.#filled)
    this.#filled += octets
    this.#waiting += octets
  }

  #endChunk(): void {
    if (this.#chunk) this.#pieces.push(this.#chunk.subarray(0, this.#filled))
    this.#chunk = undefined
    this.#filled = 0
  }

  #push(octets: Uint8Array): void {
    this.#pieces.push(octets)
    this.#waiting += octets.length
  }

  #take(): void {
    if (this.#pending !== '') this.#fill()
    this.#endChunk()
  }

  async #room(): Promise<void> {
    while (this.#full && !this.#gone) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    if (this.#gone) throw new ClientGone()
  }
}
