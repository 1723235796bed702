import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'

/**
 * Every content put together again from its pieces and hashed; every blob's references, size and hash.
 * @param missing gets the blobs that are not on the disk: they may have gone since the transaction began
 */
export function* auditOctets(db: DatabaseSync, dir: string, missing: Set<string>): Generator<string> {
  const used = new Map<string, number>()
  const contents = db.prepare(
    `select c.id, c.sha, c.size, coalesce(o.segments, b.segments) as segments, coalesce(o.octets, b.octets) as octets,
       o.segments is not null and b.segments <> '' as twice
     from content c left join octets o on o.content = c.id left join body b on b.content = c.id`,
  )
  for (const row of contents.iterate() as Iterable<{
    id: number
    sha: Uint8Array
    size: number
    segments: string | null
    octets: Uint8Array
    twice: number
  }>) {
    if (row.twice) yield `content ${row.id} keeps its octets in two places`
    if (!row.segments) continue // told below
    const segments = JSON.parse(row.segments) as (number | string)[]
    for (const sha of new Set(segments.filter((s) => typeof s === 'string'))) used.set(sha, (used.get(sha) ?? 0) + 1)
    const { hash, size, inline, lost } = hashOf(dir, segments, row.octets)
    for (const sha of lost) missing.add(sha)
    if (inline !== row.octets.length)
      yield `content ${row.id} keeps ${row.octets.length} octets, its segments name ${inline}`
    if (lost.length > 0) continue
    if (size !== row.size) yield `content ${row.id} says ${row.size} octets, its segments make ${size}`
    if (!hash.equals(Buffer.from(row.sha))) yield `content ${row.id} does not have its SHA-256`
  }
  yield* blobs(db, dir, used, missing)
  for (const [table, what] of [
    ['octets', 'octets'],
    ['body', 'texts'],
  ] as const) {
    for (const r of db.prepare(`select content from ${table} where content not in (select id from content)`).all())
      yield `${what} of content ${r['content']} are kept, the content is not there`
    const elsewhere = table === 'octets' ? "and id not in (select content from body where segments <> '')" : ''
    for (const r of db
      .prepare(`select id from content where id not in (select content from ${table}) ${elsewhere}`)
      .all())
      yield `content ${r['id']} has no ${what}`
  }
}

function hashOf(dir: string, segments: readonly (number | string)[], octets: Uint8Array) {
  const hash = createHash('sha256')
  const lost: string[] = []
  let size = 0
  let inline = 0
  for (const s of segments)
    if (typeof s === 'number') {
      hash.update(octets.subarray(inline, inline + s))
      inline += s
      size += s
    } else {
      const file = readBlob(dir, s)
      if (file) {
        hash.update(file)
        size += file.length
      } else lost.push(s)
    }
  return { hash: hash.digest(), size, inline, lost }
}

function* blobs(
  db: DatabaseSync,
  dir: string,
  used: ReadonlyMap<string, number>,
  missing: Set<string>,
): Generator<string> {
  const known = new Set<string>()
  for (const b of db.prepare('select sha, size, refs from blob').all() as {
    sha: string
    size: number
    refs: number
  }[]) {
    known.add(b.sha)
    const n = used.get(b.sha) ?? 0
    if (n !== b.refs) yield `blob ${b.sha} counts ${b.refs} references, there are ${n}`
    const file = readBlob(dir, b.sha)
    if (!file) missing.add(b.sha)
    else if (file.length !== b.size)
      yield `blob ${b.sha} has ${file.length} octets on the disk and ${b.size} in the books`
    else if (createHash('sha256').update(file).digest('hex') !== b.sha) yield `blob ${b.sha} does not have its SHA-256`
  }
  for (const sha of used.keys()) if (!known.has(sha)) yield `blob ${sha} is used and has no row`
}

/** A file is placed a moment before its row is committed; one that is a minute old and has no row is nobody's. */
const YOUNG_MS = 60_000

/** Outside the transaction: files of deliveries that came after it began are not orphans, and files of messages that went are not missed. */
export function* auditFiles(db: DatabaseSync, dir: string, missing: ReadonlySet<string>): Generator<string> {
  const row = db.prepare('select 1 from blob where sha = ?')
  for (const sha of missing) if (row.get(sha) && !readBlob(dir, sha)) yield `blob ${sha} is not on the disk`
  for (const folder of readdirSync(join(dir, 'blobs')))
    for (const name of readdirSync(join(dir, 'blobs', folder))) {
      if (row.get(name)) continue
      const file = statSync(join(dir, 'blobs', folder, name), { throwIfNoEntry: false })
      if (file && Date.now() - file.mtimeMs > YOUNG_MS && !row.get(name))
        yield `file ${folder}/${name} belongs to no message`
    }
}

function readBlob(dir: string, sha: string): Buffer | undefined {
  try {
    return readFileSync(join(dir, 'blobs', sha.slice(0, 2), sha))
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw err
  }
}
