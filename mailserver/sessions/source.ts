/**
 * Octets from one client, taken in lines and counted pieces. The socket is told to pause while more than
 * `readAhead` octets wait here, so a client that talks faster than it listens costs a bounded amount.
 */
import { readAhead } from './limits.ts'

const LF = 10
const CR = 13

export class ByteSource {
  #chunks: Buffer[] = []
  #length = 0
  #ended = false
  #wake: (() => void) | undefined
  #flow: { pause(): void; resume(): void } | undefined
  #paused = false
  /** since when a line has begun that has not ended; undefined between lines, and while none is asked for */
  unfinishedSince: number | undefined

  /** The stream to hold back; replaced after STARTTLS. */
  attach(flow: { pause(): void; resume(): void }): void {
    this.#flow = flow
    this.#paused = false
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length > readAhead && !this.#paused) {
      this.#paused = true
      this.#flow?.pause()
    }
    this.#wake?.()
  }

  /** No more will come. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** RFC 9051 §11.1, RFC 2595 §4: what was sent in the clear before STARTTLS is thrown away. */
  discard(): void {
    this.#chunks = []
    this.#length = 0
  }

  /** Everything read ahead: it belongs to a layer that has begun since. */
  takeAll(): Buffer[] {
    const all = this.#chunks
    this.discard()
    return all
  }

  get waiting(): number {
    return this.#length
  }

  /** Whether `line` would not have to wait for the client. */
  get lineWaiting(): boolean {
    return this.#chunks.some((chunk) => chunk.includes(LF))
  }

  /**
   * One line without its CRLF (a bare LF is taken too); undefined when the client has gone.
   * 'too-long': `max` octets came without an end; they are still here, to be skipped.
   */
  async line(max: number): Promise<Buffer | 'too-long' | undefined> {
    let searched = 0
    let chunk = 0
    for (;;) {
      while (chunk < this.#chunks.length) {
        const here = this.#chunks[chunk]!
        const at = here.indexOf(LF)
        if (at !== -1) {
          this.unfinishedSince = undefined
          if (searched + at > max) return 'too-long'
          const line = this.#take(searched + at + 1)
          return line.subarray(0, line.length - (line.at(-2) === CR ? 2 : 1))
        }
        searched += here.length
        chunk++
      }
      if (searched > max) {
        this.unfinishedSince = undefined
        return 'too-long'
      }
      if (this.#length > 0) this.unfinishedSince ??= performance.now()
      if (!(await this.#more())) return undefined
    }
  }

  /** What is here of the next `count` octets; they stay. */
  peek(count: number): Buffer {
    const first = this.#chunks[0] ?? Buffer.alloc(0)
    return (first.length >= count ? first : Buffer.concat(this.#chunks)).subarray(0, count)
  }

  /** Exactly `count` octets, or undefined when the client went away before. */
  async exactly(count: number): Promise<Buffer | undefined> {
    const got: Buffer[] = []
    for (let missing = count; missing > 0; ) {
      if (this.#length === 0 && !(await this.#more())) return undefined
      const piece = this.#take(Math.min(missing, this.#length))
      missing -= piece.length
      got.push(piece)
    }
    return got.length === 1 ? got[0]! : Buffer.concat(got, count)
  }

  /** @returns false when the client went away before */
  async skip(count: number): Promise<boolean> {
    for (let missing = count; missing > 0; ) {
      if (this.#length === 0 && !(await this.#more())) return false
      missing -= this.#take(Math.min(missing, this.#length)).length
    }
    return true
  }

  /** Throws away up to and with the next line end. @returns octets skipped, or undefined past `max` or at the end */
  async skipLine(max: number): Promise<Buffer | undefined> {
    let skipped = 0
    let tail = Buffer.alloc(0)
    for (;;) {
      const line = await this.line(readAhead)
      if (line === undefined) return undefined
      if (line !== 'too-long') return Buffer.concat([tail, line]).subarray(-64)
      skipped += this.#length
      if (skipped > max) return undefined
      const gone = this.#take(this.#length - 64) // the end of the line may say that a literal follows
      tail = Buffer.from(gone.subarray(-64))
    }
  }

  #take(count: number): Buffer {
    const first = this.#chunks[0]!
    let taken: Buffer
    if (first.length > count) {
      taken = first.subarray(0, count)
      this.#chunks[0] = first.subarray(count)
    } else if (first.length === count) {
      taken = first
      this.#chunks.shift()
    } else {
      const all = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)
      taken = all.subarray(0, count)
      this.#chunks = count < all.length ? [all.subarray(count)] : []
    }
    this.#length -= count
    if (this.#paused && this.#length <= readAhead / 2) {
      this.#paused = false
      this.#flow?.resume()
    }
    return taken
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false
    const before = this.#length
    // A line longer than the read-ahead would wait for ever on a paused socket: it is bounded by `max` above.
    if (this.#paused) {
      this.#paused = false
      this.#flow?.resume()
    }
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = undefined
    return this.#length > before
  }
}
