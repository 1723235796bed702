import type { DatabaseSync } from 'node:sqlite'

/** One row of sort keys for each content, and Message-IDs held by as many contents as are or name them. */
export function* auditListings(db: DatabaseSync): Generator<string> {
  // those up to `unlisted` are of an earlier version, and get theirs in idle slices
  const missing = db.prepare(
    `select id from content where id not in (select content from listing)
     and id > coalesce((select value from meta where name = 'unlisted'), 0)`,
  )
  for (const r of missing.all()) yield `content ${r['id']} has no sort keys`
  for (const r of db.prepare('select content from listing where content not in (select id from content)').all())
    yield `there are sort keys of content ${r['content']}, which is not there`
  const lines = db
    .prepare('select content, header, field_lines as lines from listing join body using (content)')
    .iterate()
  for (const { content, header, lines: kept } of lines as Iterable<{
    content: number
    header: string
    lines: string | null
  }>) {
    const wanted = header.split('\n').filter((line) => /^(subject|from|to|cc):/i.test(line))
    if (kept !== null && kept !== wanted.join('\n'))
      yield `the fields listed of content ${content} are not those of its header`
  }
  const held = new Map<string, number>()
  const rows = db.prepare('select message_key as own, reference_keys as named from listing').iterate()
  for (const row of rows as Iterable<{ own: Uint8Array; named: Uint8Array }>) {
    const named = Buffer.from(row.named).toString('hex').match(/.{16}/g) ?? []
    const keys = new Set([Buffer.from(row.own).toString('hex'), ...named.slice(0, 1), ...named.slice(-20)])
    keys.delete('')
    for (const key of keys) held.set(key, (held.get(key) ?? 0) + 1)
  }
  for (const r of db.prepare('select lower(hex(key)) as key, holders from thread_key').all()) {
    const n = held.get(String(r['key'])) ?? 0
    if (n !== r['holders']) yield `Message-ID ${r['key']} counts ${r['holders']} holders, there are ${n}`
    held.delete(String(r['key']))
  }
  for (const key of held.keys()) yield `Message-ID ${key} belongs to no thread`
}
