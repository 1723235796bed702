import type { DatabaseSync } from 'node:sqlite'

export type ScriptRow = { name: string; active: boolean; octets: number; changed: number }
export type ActiveScript = { name: string; text: string; changed: number; by?: string }

export function scriptTable(db: DatabaseSync) {
  const list = db.prepare(
    'select name, active, length(cast(text as blob)) as octets, changed from sieve_script where account = ? order by name',
  )
  const get = db.prepare('select text from sieve_script where account = ? and name = ?')
  const active = db.prepare('select name, text, changed, changed_by from sieve_script where account = ? and active = 1')
  const put = db.prepare(
    `insert into sieve_script (account, name, text, changed, changed_by) values (?, ?, ?, ?, ?)
     on conflict (account, name)
     do update set text = excluded.text, changed = excluded.changed, changed_by = excluded.changed_by`,
  )
  const remove = db.prepare('delete from sieve_script where account = ? and name = ?')
  const rename = db.prepare('update sieve_script set name = ? where account = ? and name = ?')
  const deactivate = db.prepare('update sieve_script set active = 0 where account = ? and active = 1')
  const activate = db.prepare('update sieve_script set active = 1 where account = ? and name = ?')
  return {
    list: (account: number): ScriptRow[] =>
      list.all(account).map((r) => ({
        name: String(r['name']),
        active: r['active'] === 1,
        octets: Number(r['octets']),
        changed: Number(r['changed']),
      })),
    get(account: number, name: string): string | undefined {
      const row = get.get(account, name)
      return row && String(row['text'])
    },
    active(account: number): ActiveScript | undefined {
      const row = active.get(account)
      if (!row) return undefined
      return {
        name: String(row['name']),
        text: String(row['text']),
        changed: Number(row['changed']),
        ...(row['changed_by'] !== null && { by: String(row['changed_by']) }),
      }
    },
    put: (account: number, name: string, text: string, at: number, by: string | undefined) =>
      void put.run(account, name, text, at, by ?? null),
    remove: (account: number, name: string) => void remove.run(account, name),
    rename: (account: number, from: string, to: string) => void rename.run(to, account, from),
    deactivate: (account: number) => void deactivate.run(account),
    activate: (account: number, name: string) => void activate.run(account, name),
  }
}
