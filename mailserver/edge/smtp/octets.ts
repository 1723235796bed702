import { SMTPStream } from 'smtp-server/lib/smtp-stream.js'

const CR = 0x0d
const LF = 0x0a
const DOT = 0x2e

/** RFC 5321 §4.5.3.1.4 asks for 512 octets and more for extensions; the longest address has 254. */
const MAX_COMMAND = 2048
/** What a client may have sent behind the end of its message while it waits for the answer; more is a flood. */
const MAX_EARLY = 8192
/** Room for one read of a socket, and for so much behind it that `MAX_EARLY` is noticed. */
const HIGH_WATER = 128 * 1024

/** Takes what comes between DATA and its end. */
export type Taker = {
  /** Dots of RFC 5321 §4.5.2 are taken off. A promise, which must not reject: no more comes before it is settled. */
  take(octets: Buffer): Promise<void> | undefined
  /** CRLF . CRLF came. Nothing is read any more until `resume`. */
  ended(): void
  /** A line feed without its carriage return came. Nothing is read any more. */
  bareLineFeed(): void
}

type Done = (err?: Error | null) => void

/**
 * smtp-server's reader of commands, with a reader of our own for DATA. What one server takes for the end of a message and another does
 * not is how mail is smuggled past the one that has checked it, so:
 *
 * - DATA ends at CRLF . CRLF alone (RFC 5321 §4.1.1.4), and a line feed that stands by itself is refused (§2.3.8);
 * - commands that came before the answer to DATA are not run, but for one QUIT, which programs do send with the end (RFC 2920 §4).
 *
 * What goes wrong here is an 'error' of this stream: `tooLong` for a line, anything else is a fault of ours.
 */
export class Octets extends SMTPStream {
  #taker: Taker | undefined
  #lineStart = true
  #lastCr = false
  /** "." or "." CR at the end of a chunk, of which is not known yet what it is */
  #held: Buffer | undefined
  /** octets of the chunk that is being read, as it came; 0 between chunks */
  #current = 0
  /** what came behind the end of the message in the same chunk */
  #rest: { octets: Buffer; done: Done } | undefined
  /** octets that came too early and are not run */
  #early = 0
  readonly #refuse: (commands: number) => void

  /** @param refuse is told how many commands came too early */
  constructor(refuse: (commands: number) => void) {
    super({ maxCommandLength: MAX_COMMAND, highWaterMark: HIGH_WATER })
    this.#refuse = refuse
  }

  static tooLong(err: Error): boolean {
    return err.message === 'Command line too long'
  }

  /** From now on, the message. */
  startData(taker: Taker): void {
    this.#taker = taker
    this.#lineStart = true
    this.#lastCr = false
    this._dataMode = true
  }

  /** To be called when the answer to DATA was sent. @returns false: the client has sent so much meanwhile that it is not to be served */
  resume(): boolean {
    const rest = this.#rest
    if (!rest) return true
    this.#rest = undefined
    this.#early = rest.octets.length + this.writableLength - this.#current
    if (this.#early > MAX_EARLY) return false
    this.#read(rest.octets, 'buffer', rest.done)
    return true
  }

  override _write(chunk: Buffer, encoding: BufferEncoding | 'buffer', next: Done): void {
    let after = next
    // otherwise smtp-server goes on with the rest of the same chunk
    if (this.#current === 0) {
      this.#current = chunk.length
      after = (err) => {
        this.#current = 0
        next(err)
      }
    }
    this.#read(chunk, encoding, after)
  }

  #read(chunk: Buffer, encoding: BufferEncoding | 'buffer', next: Done): void {
    try {
      if (this.#early > 0 && !this.isClosed) this.#readEarly(chunk, encoding, next)
      else super._write(chunk, encoding, next)
    } catch (err) {
      next(err as Error) // thrown on, it would end the process, and every connection with it
    }
  }

  #readEarly(chunk: Buffer, encoding: BufferEncoding | 'buffer', next: Done): void {
    const alone = chunk.length === this.#early
    this.#early = Math.max(0, this.#early - chunk.length)
    const text = chunk.toString('latin1')
    if (alone && /^QUIT\r\n$/i.test(text)) super._write(chunk, encoding, next)
    else {
      this.#refuse(text.split('\n').length - 1)
      next()
    }
  }

  override _feedDataStream(given: Buffer, done: Done): void {
    const chunk = this.#held ? Buffer.concat([this.#held, given]) : given
    this.#held = undefined
    let waits: Promise<void> | undefined
    let go: () => void = done
    const taker = this.#taker
    if (taker) {
      const seen = this.#seek(chunk, (from, to) => {
        if (to > from) waits = taker.take(chunk.subarray(from, to)) ?? waits
      })
      if (seen !== 'more') {
        this.#taker = undefined
        if (seen === 'bareLineFeed') taker.bareLineFeed()
        else {
          this._dataMode = false
          this.#rest = { octets: chunk.subarray(seen.end), done }
          go = () => taker.ended()
        }
      }
    }
    if (waits) void waits.then(go)
    else go()
  }

  /**
   * Looks for the end of the message.
   * @param take is given the parts of the chunk that belong to it
   * @returns `end`: where what is behind it begins
   */
  #seek(chunk: Buffer, take: (from: number, to: number) => void): 'more' | 'bareLineFeed' | { end: number } {
    let from = 0 // the first octet that is not taken yet
    let at = 0
    let lineStart = this.#lineStart
    while (at < chunk.length) {
      if (lineStart && chunk[at] === DOT) {
        take(from, at)
        from = at
        const behind = chunk.length - at - 1
        if (behind === 0 || (behind === 1 && chunk[at + 1] === CR)) break
        if (chunk[at + 1] === CR && chunk[at + 2] === LF) return { end: at + 3 }
        from = ++at
      }
      const lf = chunk.indexOf(LF, at)
      lineStart = lf >= 0
      if (!lineStart) at = chunk.length
      else if (lf === 0 ? this.#lastCr : chunk[lf - 1] === CR) at = lf + 1
      else return 'bareLineFeed'
    }
    if (at < chunk.length) this.#held = chunk.subarray(from)
    else take(from, at)
    this.#lineStart = lineStart
    this.#lastCr = chunk[chunk.length - 1] === CR
    return 'more'
  }
}
