import { Snapshot } from '#kit/store/snapshot.ts'

export type BlobFile = { sha: string; octets: number }

/** A cell at one moment: its database, and the names of the files that its messages need. */
export class CellSnapshot extends Snapshot {
  constructor(dir: string) {
    super(`${dir}/cell.sqlite`)
  }

  totals(): { messages: number; octets: number } {
    const { messages, octets } = this.db
      .prepare('select coalesce(sum(messages), 0) as messages, coalesce(sum(octets), 0) as octets from account')
      .get() as { messages: number; octets: number }
    return { messages, octets }
  }

  /** In the order of their names; `prefix`: only those whose names begin with these hexadecimal digits. */
  *blobs(prefix = ''): Generator<BlobFile> {
    const rows = this.db
      .prepare('select sha, size as octets from blob where sha >= ? and sha < ? order by sha')
      .iterate(prefix, `${prefix}g`)
    for (const row of rows) yield { sha: String(row['sha']), octets: Number(row['octets']) }
  }
}
