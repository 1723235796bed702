/** Messages of one folder as the control API gives them: rows first, then the octets of those that are wanted, one message in memory. */
import { type Directory, exportOctets } from '#kit/directory/calls.ts'
import { operator } from '../commands/command.ts'

export type Row = { uid: number; at: Date; flags: readonly string[]; size: number }
export type Exported = Row & { raw: Buffer }

/** Messages asked for at once; how many come is decided by their octets. */
const together = 100

export class Folder {
  readonly #directory: Directory
  readonly #asked: { address: string; folder: string; to: string; by: string }

  /** @param given.to where it goes, for the record */
  constructor(directory: Directory, given: { address: string; folder: string; to: string }) {
    this.#directory = directory
    this.#asked = { ...given, by: operator() }
  }

  /** Ascending by uid. */
  async *rows(): AsyncGenerator<Row> {
    for (let after = 0; ; ) {
      const { rows } = await this.#directory['mail.export']({ ...this.#asked, after })
      for (const row of rows) yield { ...row, at: new Date(row.at) }
      const last = rows.at(-1)
      if (!last) return
      after = last.uid
    }
  }

  /** In their order; what was removed meanwhile is passed over. */
  async *messages(rows: readonly Row[]): AsyncGenerator<Exported> {
    for (const some of batches(rows)) {
      const [first] = some
      if (some.length === 1) yield* this.#one(first!)
      else {
        const { octets } = await this.#directory['mail.export']({ ...this.#asked, octetsOf: some.map((r) => r.uid) })
        const by = new Map(octets.map((o) => [o.uid, o.base64]))
        for (const row of some) {
          const base64 = by.get(row.uid)
          if (base64 !== undefined) yield { ...row, raw: Buffer.from(base64, 'base64') }
        }
      }
    }
  }

  async *#one(row: Row): AsyncGenerator<Exported> {
    const pieces: Buffer[] = []
    for (let from: number | undefined = 0; from !== undefined; ) {
      const answer: Awaited<ReturnType<Directory['mail.export']>> = await this.#directory['mail.export']({
        ...this.#asked,
        octetsOf: [row.uid],
        from,
      })
      const [piece] = answer.octets
      if (!piece) return
      pieces.push(Buffer.from(piece.base64, 'base64'))
      from = piece.next
    }
    yield { ...row, raw: Buffer.concat(pieces) }
  }
}

/** As many as one answer surely holds; at least one. */
function* batches(rows: readonly Row[]): Generator<Row[]> {
  let some: Row[] = []
  let octets = 0
  for (const row of rows) {
    if (some.length > 0 && (some.length === together || octets + row.size > exportOctets)) {
      yield some
      some = []
      octets = 0
    }
    some.push(row)
    octets += row.size
  }
  if (some.length > 0) yield some
}
