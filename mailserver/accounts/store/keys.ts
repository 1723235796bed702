import type { DatabaseSync } from 'node:sqlite'
import type { SealKey } from '#kit/directory/calls.ts'

/** A key with the name of its private half in the keys folder; a partner's key has none. */
export type SealKeyRow = SealKey & { file?: string }

export function keyTable(db: DatabaseSync) {
  const insert = db.prepare(
    'insert into seal_key (domain, selector, algorithm, public_key, file, from_at, to_at) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const find = db.prepare(
    'select * from seal_key where :domain is null or domain = :domain order by domain, from_at, selector',
  )
  const end = db.prepare('update seal_key set to_at = ? where domain = ? and selector = ?')
  return {
    insert: (k: SealKeyRow) =>
      insert.run(
        k.domain,
        k.selector,
        k.algorithm,
        k.publicKey,
        k.file ?? null,
        Date.parse(k.from),
        k.to ? Date.parse(k.to) : null,
      ),
    /** keys are never removed: what was sealed must verify for ever */
    find: (domain?: string): SealKeyRow[] => find.all({ domain: domain ?? null }).map(toKey),
    end: (domain: string, selector: string, at: number) => end.run(at, domain, selector),
  }
}

function toKey(r: Record<string, unknown>): SealKeyRow {
  const key: SealKeyRow = {
    domain: String(r['domain']),
    selector: String(r['selector']),
    algorithm: r['algorithm'] as SealKey['algorithm'],
    publicKey: String(r['public_key']),
    from: new Date(Number(r['from_at'])).toISOString(),
  }
  if (r['file'] !== null) key.file = String(r['file'])
  if (r['to_at'] !== null) key.to = new Date(Number(r['to_at'])).toISOString()
  return key
}
