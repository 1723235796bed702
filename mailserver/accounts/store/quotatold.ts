import type { DatabaseSync } from 'node:sqlite'

/** `level`: per cent of the highest warning that holds, 0 none; `letters`: how many warnings there were in all */
export type QuotaTold = { level: number; letters: number }

export function quotaToldTable(db: DatabaseSync) {
  const get = db.prepare('select level, letters from quota_told where account = ?')
  const put = db.prepare(
    `insert into quota_told (account, level, letters) values (?, ?, ?)
     on conflict (account) do update set level = excluded.level, letters = excluded.letters`,
  )
  return {
    get(account: number): QuotaTold {
      const row = get.get(account)
      return { level: Number(row?.['level'] ?? 0), letters: Number(row?.['letters'] ?? 0) }
    },
    put: (account: number, { level, letters }: QuotaTold) => void put.run(account, level, letters),
  }
}
