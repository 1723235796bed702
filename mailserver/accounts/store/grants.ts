import type { DatabaseSync } from 'node:sqlite'
import type { Address, Agency, Grant, LocalDate } from '#kit/directory/calls.ts'

export function grantTable(db: DatabaseSync) {
  const insert = db.prepare(
    'insert into held (id, person, office, rights, from_at, to_at, granted_by, granted_at) values (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const byId = db.prepare('select * from held where id = ?')
  const end = db.prepare('update held set to_at = ?, ended_by = ?, ended_at = ? where id = ?')
  const ofPerson = db.prepare('select * from held where person = ? order by from_at, id')
  const ofOffice = db.prepare('select * from held where office = ? order by from_at, id')
  const inForce = db.prepare(
    `select * from held where person in (select value from json_each(:names))
     and from_at <= :at and (to_at is null or :at < to_at) order by from_at, id`,
  )
  const all = db.prepare('select * from held order by from_at, id')
  return {
    insert: (g: Grant) =>
      insert.run(
        g.grant,
        g.person,
        g.office,
        g.rights.join(' '),
        Date.parse(g.from),
        g.to ? Date.parse(g.to) : null,
        g.by ?? null,
        g.at ? Date.parse(g.at) : null,
      ),
    byId: (id: string) => toGrant(byId.get(id)),
    end: (id: string, at: number, how?: { by: Address; now: number }) =>
      end.run(at, how?.by ?? null, how?.now ?? null, id),
    /** of these holders, oldest first */
    inForce: (names: readonly Address[], at: number) =>
      inForce.all({ names: JSON.stringify(names), at }).map((r) => toGrant(r)!),
    /** every grant there ever was, oldest first */
    find({ person, office }: { person?: Address; office?: Address }): Grant[] {
      const rows = person ? ofPerson.all(person) : office ? ofOffice.all(office) : all.all()
      return rows.map((r) => toGrant(r)!).filter((g) => office === undefined || g.office === office)
    },
  }
}

function toGrant(r: Record<string, unknown> | undefined): Grant | undefined {
  if (!r) return undefined
  const grant: Grant = {
    grant: String(r['id']),
    person: String(r['person']),
    office: String(r['office']),
    rights: String(r['rights']).split(' ') as unknown as Grant['rights'],
    from: new Date(Number(r['from_at'])).toISOString(),
  }
  if (r['to_at'] !== null) grant.to = new Date(Number(r['to_at'])).toISOString()
  if (r['granted_by'] !== null) grant.by = String(r['granted_by'])
  if (r['granted_at'] !== null) grant.at = new Date(Number(r['granted_at'])).toISOString()
  return grant
}

export function agencyTable(db: DatabaseSync) {
  const put = db.prepare(
    `insert into agency (id, data, from_day, to_day) values (?, ?, ?, ?)
     on conflict (id) do update set data = excluded.data, from_day = excluded.from_day, to_day = excluded.to_day`,
  )
  const byId = db.prepare('select data from agency where id = ?')
  const all = db.prepare(
    'select data from agency where :at is null or (from_day <= :at and (to_day is null or to_day > :at)) order by id',
  )
  const toAgency = (r: Record<string, unknown> | undefined) =>
    r ? (JSON.parse(String(r['data'])) as Agency) : undefined
  return {
    put: (a: Agency) => put.run(a.id, JSON.stringify(a), a.from, a.to ?? null),
    byId: (id: string) => toAgency(byId.get(id)),
    all: (at?: LocalDate) => all.all({ at: at ?? null }).map((r) => toAgency(r)!),
  }
}
