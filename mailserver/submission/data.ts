/**
 * DATA (RFC 5321 §4.1.1.4) as our listeners take it: the whole message, without the dots that its sender added (§4.5.2). smtp-server
 * looks at each octet, copies each chunk and hands it on through a stream, which was a fifth of the main thread's time for a letter;
 * here lines that begin with a dot are looked for, and the octets are copied once. What counts as the end is the same as
 * there: a dot between two CRLF, never one beside a bare LF.
 */

const LF = 10
const CR = 13
const DOT = 46
/** What a client may make us take by its word alone. */
const MOST_AT_ONCE = 1024 * 1024
const lineWithDot = Buffer.from('\n.')

/** One message on its way in. smtp-server is shown it as the stream that it made before; only `whole` gives octets. */
export class Data {
  byteLength = 0
  sizeExceeded = false
  destroyed = false
  writableEnded = false
  /** nothing for smtp-server to wait for, or to drain, once there is an answer */
  readonly readable = false
  readonly readableEnded = true
  /** undefined: larger than allowed; the rest was dropped as it came */
  readonly whole: Promise<Buffer<ArrayBuffer> | undefined>
  readonly #most: number
  readonly #settle: { resolve(raw: Buffer<ArrayBuffer> | undefined): void; reject(err: Error): void }
  #octets = Buffer.alloc(0)
  readonly #announced: number
  /** the end of the last chunk, where it may be the beginning of an end or of a line with a dot */
  #open: Buffer | undefined
  #atStart = true

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

  /**
   * Takes what belongs to the message. The chunk is its own from now on, and moved together where dots go.
   * @returns what follows the end of the message; undefined: it goes on
   */
  feed(given: Buffer): Buffer | undefined {
    const chunk = this.#open ? Buffer.concat([this.#open, given]) : given
    this.#open = undefined
    let kept = 0 // what is before this is the message's
    let from = 0 // what is from here on was not looked at
    const keep = (to: number): void => {
      if (kept !== from) chunk.copyWithin(kept, from, to)
      kept += to - from
      from = to
    }
    if (this.#atStart && chunk[0] === DOT) {
      if (chunk[1] === CR && chunk[2] === LF) return chunk.subarray(3)
      if (chunk[1] === DOT) from = 1
    }
    const next = (at: number): number => chunk.indexOf(lineWithDot, at) + 1
    for (let dot = next(from); dot > 0; dot = next(dot + 1)) {
      if (chunk[dot + 1] === DOT) {
        keep(dot)
        from = dot + 1
      } else if (chunk[dot - 2] === CR && chunk[dot + 1] === CR && chunk[dot + 2] === LF) {
        keep(dot)
        this.#take(chunk.subarray(0, kept))
        return chunk.subarray(dot + 3)
      }
    }
    const end = chunk.length - undecided(chunk, this.#atStart && from === 0)
    keep(end)
    if (end < chunk.length) this.#open = chunk.subarray(end)
    if (from > 0) this.#atStart = false
    this.#take(chunk.subarray(0, kept))
    return undefined
  }

  /** The message is whole. */
  end(): void {
    this.writableEnded = true
    this.#settle.resolve(this.sizeExceeded ? undefined : this.#octets.subarray(0, this.byteLength))
    this.#octets = Buffer.alloc(0)
  }

  /** The client has gone in the middle of it. */
  destroy(err?: Error): void {
    this.destroyed = true
    this.#octets = Buffer.alloc(0)
    this.#settle.reject(err ?? new Error('the message was broken off'))
  }

  /** smtp-server tells of an error only who listens */
  listenerCount(): number {
    return 1
  }

  #take(octets: Buffer): void {
    if (octets.length === 0) return
    this.#atStart = false
    const at = this.byteLength
    this.byteLength += octets.length
    if (this.byteLength > this.#most) {
      this.sizeExceeded = true
      this.#octets = Buffer.alloc(0)
      return
    }
    if (this.byteLength > this.#octets.length) this.#grow()
    octets.copy(this.#octets, at)
  }

  /** Chunks are copied as they come: those that lived until the last one is there would be collected with the old objects only. */
  #grow(): void {
    const first = Math.min(this.#announced, MOST_AT_ONCE)
    const larger = Buffer.allocUnsafeSlow(
      Math.max(this.byteLength, first, Math.min(this.#most, 2 * this.#octets.length)),
    )
    this.#octets.copy(larger)
    this.#octets = larger
  }
}

/** How many octets at the end must be seen again with what follows, to know whether a line begins there with a dot or the message ends. */
function undecided(chunk: Buffer, atStart: boolean): number {
  const [d, c, b, a] = [1, 2, 3, 4].map((back) => chunk[chunk.length - back])
  if (d === LF) return c === CR ? 2 : 1
  if (d === DOT) return c === LF ? (b === CR ? 3 : 2) : atStart && chunk.length === 1 ? 1 : 0
  if (d !== CR) return 0
  if (c === DOT && b === LF && a === CR) return 4
  return c === DOT && atStart && chunk.length === 2 ? 2 : 1
}

/**
 * Gives the memory of a message back at once, when nobody has it any more: what waits for a commit is old to the garbage collector, which
 * would go through all that is old for every 64 MB of it.
 */
export const release = (raw: Buffer<ArrayBuffer>): void => void raw.buffer.transfer(0)
