import { randomUUID } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { SPOOL_AFTER } from '#mailserver/edge/policy/spool.ts'

/** Pieces below this are copied together: a sender may bring a megabyte in pieces of one octet, each an object of its own. */
const SMALL = 4096
/** Octets of one write to the file. */
const TOGETHER = 64 * 1024
/** What all letters under way hold in memory together, however small each is; beyond it they go to the disk earlier. */
const HELD_IN_ALL = 96 * 1024 * 1024
let heldInAll = 0

/**
 * A letter on its way in: in memory while it is small, then in a file of the spool folder. Neither outlives the answer. What cannot be
 * kept, because it is too large or the disk takes no more, is counted and dropped.
 */
export class Letter implements AsyncDisposable {
  readonly #folder: string
  readonly #most: number
  #pieces: Buffer[] = []
  #held = 0
  #small: Buffer | undefined
  #smallUsed = 0
  #file: { path: string; handle: FileHandle } | undefined
  #spooling: Promise<void> = Promise.resolve()
  #size = 0
  #trouble: unknown
  #ended = false

  /** @param given.most octets; a larger one is dropped */
  constructor(given: { folder: string; most: number }) {
    this.#folder = given.folder
    this.#most = given.most
  }

  /** octets that came, kept or not */
  get size(): number {
    return this.#size
  }

  get tooLarge(): boolean {
    return this.#size > this.#most
  }

  /** why the file could not be written, or undefined */
  get trouble(): unknown {
    return this.#trouble
  }

  /** @returns a promise when the next octets are to wait; it does not reject */
  take(octets: Buffer): Promise<void> | undefined {
    this.#size += octets.length
    if (this.#ended || this.#trouble !== undefined) return undefined
    if (this.tooLarge) {
      this.#forget()
      return undefined
    }
    if (octets.length < SMALL) this.#together(octets)
    else {
      this.#closeSmall()
      this.#pieces.push(octets)
    }
    this.#hold(octets.length)
    const crowded = heldInAll > HELD_IN_ALL && this.#held > TOGETHER
    return this.#held > (this.#file ? TOGETHER : SPOOL_AFTER) || crowded ? this.#spool() : undefined
  }

  /** The first octets of the letter, which is complete: a piece that has an empty line in it, or the first `most`. @throws Error of the disk */
  async top(most: number): Promise<Buffer> {
    this.#mustBeKept()
    if (this.#file || this.#trouble !== undefined) return this.#fromFile(0, most)
    const [first] = this.#inMemory(0)
    if (first && first.length <= most && first.includes('\r\n\r\n')) return first
    this.#pieces = [Buffer.concat(this.#pieces, this.#held)]
    return this.#pieces[0]!.subarray(0, most)
  }

  /** All from an octet on, for who holds the letter in memory. @throws Error of the disk */
  async rest(from: number): Promise<readonly Buffer[]> {
    this.#mustBeKept()
    if (this.#file || this.#trouble !== undefined) return [await this.#fromFile(from, this.#size)]
    return this.#inMemory(from)
  }

  /** All from an octet on, one piece after the other. @throws Error of the disk */
  async *pieces(from: number): AsyncGenerator<Buffer> {
    if (!this.#file) yield* await this.rest(from)
    else for (let at = from; at < this.#size; at += TOGETHER) yield await this.#fromFile(at, at + TOGETHER)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true
    this.#forget()
    await this.#spooling
    const file = this.#file
    this.#file = undefined
    if (!file) return
    await file.handle.close()
    await unlink(file.path)
  }

  /** Half a letter must not be taken for a whole one. */
  #mustBeKept(): void {
    if (this.#ended) throw new Error('the letter was dropped')
  }

  #inMemory(from: number): Buffer[] {
    this.#closeSmall()
    let skip = from
    return this.#pieces.flatMap((piece) => {
      const part = piece.subarray(skip)
      skip = Math.max(0, skip - piece.length)
      return part.length === 0 ? [] : [part]
    })
  }

  async #fromFile(from: number, to: number): Promise<Buffer> {
    await this.#spool()
    this.#mustBeKept()
    if (this.#trouble !== undefined) throw this.#trouble
    const read = Buffer.allocUnsafeSlow(Math.max(0, Math.min(to, this.#size) - from))
    for (let at = 0; at < read.length; ) {
      const { bytesRead } = await this.#file!.handle.read(read, at, read.length - at, from + at)
      if (bytesRead === 0) throw new Error('the spool file is shorter than what was written')
      at += bytesRead
    }
    return read
  }

  #together(octets: Buffer): void {
    if (this.#small && this.#smallUsed + octets.length > this.#small.length) this.#closeSmall()
    this.#small ??= Buffer.allocUnsafeSlow(2 * SMALL)
    this.#smallUsed += octets.copy(this.#small, this.#smallUsed)
  }

  #closeSmall(): void {
    if (this.#small) this.#pieces.push(this.#small.subarray(0, this.#smallUsed))
    this.#small = undefined
    this.#smallUsed = 0
  }

  #hold(octets: number): void {
    this.#held += octets
    heldInAll += octets
  }

  #forget(): void {
    this.#pieces = []
    this.#small = undefined
    this.#smallUsed = 0
    this.#hold(-this.#held)
  }

  #spool(): Promise<void> {
    this.#closeSmall()
    const pieces = this.#pieces
    const held = this.#held
    this.#pieces = []
    this.#held = 0
    this.#spooling = this.#spooling
      .then(() => this.#write(pieces))
      .finally(() => {
        heldInAll -= held
      })
    return this.#spooling
  }

  async #write(pieces: readonly Buffer[]): Promise<void> {
    if (this.#trouble !== undefined || this.#ended) return
    try {
      if (!this.#file) {
        const path = `${this.#folder}/${randomUUID()}`
        this.#file = { path, handle: await open(path, 'wx+', 0o600) }
      }
      for (const piece of pieces)
        for (let at = 0; at < piece.length; ) at += (await this.#file.handle.write(piece, at)).bytesWritten
    } catch (err) {
      this.#trouble = err
    }
  }
}
