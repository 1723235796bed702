import { createHash } from 'node:crypto'
import { openDatabase } from '#kit/store/open.ts'

/** A message that the sink took, as its page lists it. */
export type Taken = { id: number; from: string; to: string[]; subject: string; at: string; size: number }

const table = `CREATE TABLE IF NOT EXISTS letter (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL,
  subject TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, raw BLOB NOT NULL) STRICT`

/** What the sink took, one row a message; kept until the data folder is removed. */
export class Letters implements Disposable {
  readonly #db

  constructor(file: string) {
    this.#db = openDatabase(file)
    this.#db.exec(table)
  }

  /** Durable when it returns: the sink answers 250 afterwards, as a real server would. */
  keep(letter: { from: string; to: readonly string[]; subject: string; raw: Buffer }): number {
    const sha256 = createHash('sha256').update(letter.raw).digest('hex')
    const done = this.#db
      .prepare('INSERT INTO letter (at, sender, recipients, subject, size, sha256, raw) VALUES (?, ?, ?, ?, ?, ?, ?)')
      .run(
        new Date().toISOString(),
        letter.from,
        JSON.stringify(letter.to),
        letter.subject,
        letter.raw.length,
        sha256,
        letter.raw,
      )
    return Number(done.lastInsertRowid)
  }

  /** Newest first; `to` is a part of a recipient's address. */
  list({ to = '', limit, before }: { to?: string; limit: number; before?: number }): Taken[] {
    return this.#db
      .prepare(
        'SELECT id, at, sender, recipients, subject, size FROM letter WHERE instr(lower(recipients), lower(?)) > 0 AND id < ? ORDER BY id DESC LIMIT ?',
      )
      .all(to, before ?? Number.MAX_SAFE_INTEGER, limit)
      .map(taken)
  }

  /** Every address that got something, with how much, most recent first. */
  recipients(): { address: string; count: number }[] {
    return this.#db
      .prepare(
        'SELECT value AS address, count(*) AS count FROM letter, json_each(recipients) GROUP BY value ORDER BY max(letter.id) DESC LIMIT 200',
      )
      .all()
      .map((row) => ({ address: String(row['address']), count: Number(row['count']) }))
  }

  get(id: number): (Taken & { raw: Buffer }) | undefined {
    const row = this.#db.prepare('SELECT * FROM letter WHERE id = ?').get(id)
    return row && { ...taken(row), raw: Buffer.from(row['raw'] as Uint8Array) }
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }
}

function taken(row: Record<string, unknown>): Taken {
  return {
    id: Number(row['id']),
    from: String(row['sender']),
    to: JSON.parse(String(row['recipients'])) as string[],
    subject: String(row['subject']),
    at: String(row['at']),
    size: Number(row['size']),
  }
}
