import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'

export type SecondFactorRow = {
  secret: Buffer
  /** instant; absent while it is being set up */
  confirmed?: number
  /** step of the last code that was taken */
  lastStep: number
  /** passkeys are the second factor, and no app: `secret` is known to nobody */
  byKey: boolean
}
export type HalfRow = { account: number; tries: number; expires: number }

const sha256 = (text: string) => createHash('sha256').update(text).digest()

export function secondFactorTable(db: DatabaseSync) {
  const get = db.prepare('select * from second_factor where account = ?')
  const begin = db.prepare(
    `insert into second_factor (account, secret) values (?, ?)
     on conflict (account) do update set secret = excluded.secret, last_step = 0, by_key = 0 where confirmed is null`,
  )
  const putByKey = db.prepare(
    `insert or replace into second_factor (account, secret, confirmed, by_key) values (?, x'', ?, 1)`,
  )
  const confirm = db.prepare('update second_factor set confirmed = ?, last_step = ? where account = ?')
  const step = db.prepare('update second_factor set last_step = ? where account = ?')
  const remove = db.prepare('delete from second_factor where account = ?')
  const addCode = db.prepare('insert into recovery_code (account, hash) values (?, ?)')
  const useCode = db.prepare('delete from recovery_code where account = ? and hash = ?')
  const clearCodes = db.prepare('delete from recovery_code where account = ?')
  const countCodes = db.prepare('select count(*) as n from recovery_code where account = ?')
  return {
    get(account: number): SecondFactorRow | undefined {
      const row = get.get(account)
      if (!row) return undefined
      const found: SecondFactorRow = {
        secret: Buffer.from(row['secret'] as Uint8Array),
        lastStep: Number(row['last_step']),
        byKey: Number(row['by_key']) === 1,
      }
      if (row['confirmed'] !== null) found.confirmed = Number(row['confirmed'])
      return found
    },
    isOn: (account: number) => (get.get(account)?.['confirmed'] ?? null) !== null,
    begin: (account: number, secret: Uint8Array) => void begin.run(account, secret),
    confirm: (account: number, at: number, lastStep: number) => void confirm.run(at, lastStep, account),
    putByKey: (account: number, at: number) => void putByKey.run(account, at),
    used: (account: number, lastStep: number) => void step.run(lastStep, account),
    remove(account: number): void {
      remove.run(account)
      clearCodes.run(account)
    },
    /** replaces those that there are */
    setCodes(account: number, symbols: readonly string[]): void {
      clearCodes.run(account)
      for (const each of symbols) addCode.run(account, sha256(`recovery code\0${each}`))
    },
    /** @returns whether it was one; it is none from then on */
    useCode: (account: number, symbols: string) =>
      Number(useCode.run(account, sha256(`recovery code\0${symbols}`)).changes) === 1,
    codesLeft: (account: number) => Number(countCodes.get(account)!['n']),
  }
}

/** Sign-ins whose password was right and whose second factor is to come. */
export function halfTokenTable(db: DatabaseSync) {
  const insert = db.prepare('insert into half_token (hash, account, tries, expires) values (?, ?, 0, ?)')
  const get = db.prepare('select account, tries, expires from half_token where hash = ?')
  const tried = db.prepare('update half_token set tries = tries + 1 where hash = ?')
  const remove = db.prepare('delete from half_token where hash = ?')
  const purge = db.prepare('delete from half_token where expires <= ?')
  return {
    insert(token: string, account: number, expires: number, now: number): void {
      purge.run(now)
      insert.run(sha256(token), account, expires)
    },
    get(token: string): HalfRow | undefined {
      const row = get.get(sha256(token))
      return row && { account: Number(row['account']), tries: Number(row['tries']), expires: Number(row['expires']) }
    },
    tried: (token: string) => void tried.run(sha256(token)),
    /** @returns whether it was there */
    remove: (token: string) => Number(remove.run(sha256(token)).changes) === 1,
  }
}
