import type { DatabaseSync } from 'node:sqlite'
import type { Address } from '#kit/directory/calls.ts'

/** An alias stands for other addresses; a group is an alias with a name. `outside`: may the world write to it? */
export type AliasRow = {
  address: Address
  group: boolean
  name?: string
  outside: boolean
  members: readonly Address[]
  /** of a group with members elsewhere: who answers for it and gets its bounces, and the account that sends for it */
  owner?: Address
  listAccount?: number
}

export function aliasTable(db: DatabaseSync) {
  const one = db.prepare('select * from alias where address = ?')
  const members = db.prepare('select member from alias_member where alias = ? order by position')
  const put = db.prepare(
    `insert into alias (address, is_group, name, outside, owner, list_account) values (?, ?, ?, ?, ?, ?)
     on conflict (address) do update set is_group = excluded.is_group, name = excluded.name, outside = excluded.outside,
     owner = excluded.owner, list_account = excluded.list_account`,
  )
  const sinces = db.prepare('select member, since from alias_member where alias = ?')
  const clear = db.prepare('delete from alias_member where alias = ?')
  const addMember = db.prepare('insert into alias_member (alias, position, member, since) values (?, ?, ?, ?)')
  const withMember = db.prepare('select alias from alias_member where member = ? and since <= ? order by alias')
  // one question, however deep groups lie in groups; "union" ends loops
  const above = db.prepare(
    `with recursive up (alias) as (
       select alias from alias_member where member in (select value from json_each(:members)) and since <= :at
       union select m.alias from up join alias_member m on m.member = up.alias and m.since <= :at)
     select alias from up limit :limit`,
  )
  const all = db.prepare('select address from alias order by address')
  const ofListAccount = db.prepare('select address from alias where list_account = ?')
  const remove = db.prepare('delete from alias where address = ?')
  const get = (address: Address): AliasRow | undefined => {
    const row = one.get(address)
    if (!row) return undefined
    const found: AliasRow = {
      address,
      group: row['is_group'] === 1,
      outside: row['outside'] === 1,
      members: members.all(address).map((m) => String(m['member'])),
    }
    if (row['name'] !== null) found.name = String(row['name'])
    if (row['owner'] !== null) found.owner = String(row['owner'])
    if (row['list_account'] !== null) found.listAccount = Number(row['list_account'])
    return found
  }
  return {
    get,
    all: () => all.all().map((r) => get(String(r['address']))!),
    /** aliases and groups that name this address directly, and have without a break since `at` */
    naming: (member: Address, at: number) => withMember.all(member, at).map((r) => String(r['alias'])),
    /** those that name one of these addresses directly or through others, at most `limit` */
    above: (members: readonly Address[], at: number, limit: number) =>
      above.all({ members: JSON.stringify(members), at, limit }).map((r) => String(r['alias'])),
    /** the group that this account sends for */
    ofListAccount(account: number): AliasRow | undefined {
      const row = ofListAccount.get(account)
      return row && get(String(row['address']))
    },
    remove(address: Address): void {
      clear.run(address)
      remove.run(address)
    },
    /** who stays a member keeps the date since when */
    put(a: AliasRow, now: number): void {
      const since = new Map(sinces.all(a.address).map((r) => [String(r['member']), Number(r['since'])]))
      put.run(a.address, Number(a.group), a.name ?? null, Number(a.outside), a.owner ?? null, a.listAccount ?? null)
      clear.run(a.address)
      for (const [position, member] of [...new Set(a.members)].entries())
        addMember.run(a.address, position, member, since.get(member) ?? now)
    },
  }
}

export function domainTable(db: DatabaseSync) {
  const has = db.prepare('select 1 from domain where name = ?')
  const add = db.prepare('insert or ignore into domain (name, added) values (?, ?)')
  const all = db.prepare('select name from domain order by name')
  return {
    has: (name: string) => has.get(name) !== undefined,
    /** @returns whether it was new */
    add: (name: string, at: number) => Number(add.run(name, at).changes) === 1,
    all: () => all.all().map((r) => String(r['name'])),
  }
}
