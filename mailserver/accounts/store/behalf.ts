import type { DatabaseSync } from 'node:sqlite'
import type { Address, Behalf } from '#kit/directory/calls.ts'

export function behalfTable(db: DatabaseSync) {
  const insert = db.prepare(
    'insert into behalf (id, owner, person, from_at, to_at, granted_by, granted_at) values (?, ?, ?, ?, ?, ?, ?)',
  )
  const byId = db.prepare('select * from behalf where id = ?')
  const end = db.prepare('update behalf set to_at = ?, ended_by = ?, ended_at = ? where id = ?')
  const ofPerson = db.prepare('select * from behalf where person = ? order by from_at, id')
  const ofOwner = db.prepare('select * from behalf where owner = ? order by from_at, id')
  return {
    insert: (b: Behalf) =>
      insert.run(
        b.behalf,
        b.owner,
        b.person,
        Date.parse(b.from),
        b.to === undefined ? null : Date.parse(b.to),
        b.by,
        Date.parse(b.at),
      ),
    byId: (id: string) => toBehalf(byId.get(id)),
    end: (id: string, at: number, by: Address, now: number) => end.run(at, by, now, id),
    ofPerson: (person: Address) => ofPerson.all(person).map((r) => toBehalf(r)!),
    ofOwner: (owner: Address) => ofOwner.all(owner).map((r) => toBehalf(r)!),
  }
}

function toBehalf(r: Record<string, unknown> | undefined): Behalf | undefined {
  if (!r) return undefined
  const behalf: Behalf = {
    behalf: String(r['id']),
    owner: String(r['owner']),
    person: String(r['person']),
    from: new Date(Number(r['from_at'])).toISOString(),
    by: String(r['granted_by']),
    at: new Date(Number(r['granted_at'])).toISOString(),
  }
  if (r['to_at'] !== null) behalf.to = new Date(Number(r['to_at'])).toISOString()
  return behalf
}
