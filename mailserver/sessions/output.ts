/**
 * What goes to one client. Small answers are gathered into writes of `writeChunk`; when the socket's own
 * buffer is full, `drained` waits until the client has read, so that a slow reader holds one chunk here
 * and no more. Text is written as UTF-8.
 */
import type { Writable } from 'node:stream'
import { writeChunk } from './limits.ts'

/** The client has gone; the session ends without more words. */
export class ClientGone extends Error {
  override name = 'ClientGone'
}

export class Output {
  #socket: Writable
  #pending = ''
  /** before `#pending`, not yet handed to the socket */
  #pieces: Uint8Array[] = []
  #waiting = 0
  #full = false
  #gone = false
  #wake: (() => void) | undefined
  /** octets sent since the start, for the log */
  octets = 0
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
  }

  /** A line, with its CRLF. */
  line(text: string): void {
    this.#pending += `${text}\r\n`
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
      if (!this.#socket.write(piece)) this.#full = true
    }
    if (pieces.length > 1) this.#socket.uncork()
  }

  /** Octets behind everything pending, which must not change any more; waits until the client has taken enough. @throws ClientGone */
  async octetsOf(piece: Uint8Array): Promise<void> {
    this.#take()
    this.#pieces.push(piece)
    this.#waiting += piece.length
    await this.drained()
  }

  #take(): void {
    if (this.#pending === '') return
    const octets = Buffer.from(this.#pending, 'utf8')
    this.#pending = ''
    this.#pieces.push(octets)
    this.#waiting += octets.length
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
