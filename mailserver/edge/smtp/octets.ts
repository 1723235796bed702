import { SMTPStream } from 'smtp-server/lib/smtp-stream.js'
import { DataEnd } from '#mailserver/submission/dataend.ts'

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
 * smtp-server's reader of commands, with a reader of our own for DATA (submission/dataend.ts). Nothing must be smuggled past who checks
 * mail, so line feeds by themselves are refused, and commands that came before the answer to DATA are not run, but for one QUIT, which
 * programs do send with the end (RFC 2920 §4).
 *
 * What goes wrong here is an 'error' of this stream: `tooLong` for a line, anything else is a fault of ours.
 */
export class Octets extends SMTPStream {
  #taker: Taker | undefined
  #end = new DataEnd('refused')
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
    this.#end = new DataEnd('refused')
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

  override _feedDataStream(chunk: Buffer, done: Done): void {
    let waits: Promise<void> | undefined
    let go: () => void = done
    const taker = this.#taker
    if (taker) {
      const seen = this.#end.feed(chunk, (octets) => {
        waits = taker.take(octets) ?? waits
      })
      if (seen !== 'more') {
        this.#taker = undefined
        if (seen === 'bareLineFeed') taker.bareLineFeed()
        else {
          this._dataMode = false
          this.#rest = { octets: seen.rest, done }
          go = () => taker.ended()
        }
      }
    }
    if (waits) void waits.then(go)
    else go()
  }
}
