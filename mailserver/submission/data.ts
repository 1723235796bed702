/** A message as our listeners take it from DATA: whole, its octets copied once. Where it ends: dataend.ts. */
import { DataEnd } from './dataend.ts'
import { SmtpReply } from './recipients.ts'

/** What a client may make us take by its word alone. */
const MOST_AT_ONCE = 1024 * 1024
/** What all messages under way hold together, until each is answered; one that finds no room is to be sent again. */
const MOST_IN_ALL = 384 * 1024 * 1024
/** Ordinary letters are taken all the same: 500 connections with one of these hold 128 MB. */
const ALWAYS = 256 * 1024
let heldInAll = 0

const noRoom = () =>
  new SmtpReply(452, '4.3.1 Too much mail at once, try later / Qua nhieu thu mot luc, vui long gui lai sau')

/** One message on its way in. smtp-server is shown it as the stream that it made before; only `whole` gives octets. */
export class Data {
  byteLength = 0
  sizeExceeded = false
  destroyed = false
  writableEnded = false
  /** nothing for smtp-server to wait for, or to drain, once there is an answer */
  readonly readable = false
  readonly readableEnded = true
  /** undefined: larger than allowed; the rest was dropped as it came. Rejects with a reply 452 when there was no room. */
  readonly whole: Promise<Buffer<ArrayBuffer> | undefined>
  readonly #most: number
  readonly #settle: { resolve(raw: Buffer<ArrayBuffer> | undefined): void; reject(err: Error): void }
  #octets = Buffer.alloc(0)
  readonly #announced: number
  readonly #end = new DataEnd('kept')
  /** of all that may be held, so much is ours */
  #held = 0
  #noRoom = false

  /**
   * @param most octets
   * @param announced SIZE of MAIL (RFC 1870), 0 when the client did not say
   */
  constructor(most: number, announced = 0) {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer<ArrayBuffer> | undefined>()
    this.#most = most
    this.#announced = announced
    this.whole = promise
    this.#settle = { resolve, reject }
  }

  /** @returns what follows the end of the message; undefined: it goes on */
  feed(chunk: Buffer): Buffer | undefined {
    const seen = this.#end.feed(chunk, (octets) => this.#take(octets))
    return typeof seen === 'string' ? undefined : seen.rest
  }

  /** The message is whole. */
  end(): void {
    this.writableEnded = true
    if (this.#noRoom && !this.sizeExceeded) this.#settle.reject(noRoom())
    else this.#settle.resolve(this.sizeExceeded ? undefined : this.#octets.subarray(0, this.byteLength))
    this.#octets = Buffer.alloc(0)
  }

  /** Its sender has an answer: what it held is free for others. */
  answered(): void {
    heldInAll -= this.#held
    this.#held = 0
  }

  /** The client has gone in the middle of it. */
  destroy(err?: Error): void {
    this.destroyed = true
    this.#octets = Buffer.alloc(0)
    this.answered()
    this.#settle.reject(err ?? new Error('the message was broken off'))
  }

  /** smtp-server tells of an error only who listens */
  listenerCount(): number {
    return 1
  }

  #take(octets: Buffer): void {
    const at = this.byteLength
    this.byteLength += octets.length
    if (this.byteLength > this.#most) {
      this.sizeExceeded = true
      this.#drop()
      return
    }
    if (this.#noRoom) return
    if (this.byteLength > this.#octets.length && !this.#grow()) this.#drop()
    else octets.copy(this.#octets, at)
  }

  /**
   * Chunks are copied as they come: those that lived until the last one is there would be collected with the old objects only.
   * @returns false: others hold too much
   */
  #grow(): boolean {
    const first = Math.min(this.#announced, MOST_AT_ONCE)
    const length = Math.max(this.byteLength, first, Math.min(this.#most, 2 * this.#octets.length))
    const more = length - this.#held
    if (length > ALWAYS && heldInAll + more > MOST_IN_ALL) {
      this.#noRoom = true
      return false
    }
    this.#held += more
    heldInAll += more
    const larger = Buffer.allocUnsafeSlow(length)
    this.#octets.copy(larger)
    this.#octets = larger
    return true
  }

  #drop(): void {
    this.#octets = Buffer.alloc(0)
    this.answered()
  }
}

/**
 * Gives the memory of a message back at once, when nobody has it any more: what waits for a commit is old to the garbage collector, which
 * would go through all that is old for every 64 MB of it.
 */
export const release = (raw: Buffer<ArrayBuffer>): void => void raw.buffer.transfer(0)
