import type { DatabaseSync } from 'node:sqlite'

/** `what`: a call's name, or "expire"; `detail`: one English sentence */
export type RecordLine = { n: number; at: number; by: string; what: string; account?: string; detail: string }

export function recordTable(db: DatabaseSync) {
  const add = db.prepare('insert into record (at, by, what, account, detail) values (?, ?, ?, ?, ?)')
  const page = db.prepare(
    'select * from record where n < :before and (:account is null or account = :account) order by n desc limit :limit',
  )
  return {
    add: ({ at, by, what, account, detail }: Omit<RecordLine, 'n'>) =>
      void add.run(at, by, what, account ?? null, detail),
    page: ({ account, before, limit }: { account?: string; before?: number; limit: number }): RecordLine[] =>
      page.all({ account: account ?? null, before: before ?? Number.MAX_SAFE_INTEGER, limit }).map((r) => ({
        n: Number(r['n']),
        at: Number(r['at']),
        by: String(r['by']),
        what: String(r['what']),
        ...(r['account'] !== null && { account: String(r['account']) }),
        detail: String(r['detail']),
      })),
  }
}
