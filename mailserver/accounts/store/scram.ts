import type { DatabaseSync } from 'node:sqlite'
import type { ScramKeys } from '../scramkeys.ts'

/** SCRAM keys of main passwords. They belong to one stored hash: with another password they are nobody's. */
export function scramTable(db: DatabaseSync) {
  const installation = db.prepare("select value from secret where name = 'scram-salt'")
  const get = db.prepare(
    'select stored_key, server_key from scram where account = ? and password = ? and iterations = ?',
  )
  const put = db.prepare(
    `insert into scram (account, password, iterations, stored_key, server_key) values (?, ?, ?, ?, ?)
     on conflict (account) do update set password = excluded.password, iterations = excluded.iterations,
       stored_key = excluded.stored_key, server_key = excluded.server_key`,
  )
  const remove = db.prepare('delete from scram where account = ?')
  return {
    /** 32 octets made with the file, from which salts follow */
    installation: Buffer.from(installation.get()!['value'] as Uint8Array),
    get(account: number, password: string, iterations: number): ScramKeys | undefined {
      const row = get.get(account, password, iterations)
      return (
        row && {
          storedKey: Buffer.from(row['stored_key'] as Uint8Array),
          serverKey: Buffer.from(row['server_key'] as Uint8Array),
        }
      )
    },
    put: (account: number, password: string, iterations: number, keys: ScramKeys) =>
      void put.run(account, password, iterations, keys.storedKey, keys.serverKey),
    remove: (account: number) => void remove.run(account),
  }
}
