import type { DatabaseSync } from 'node:sqlite'
import type { FileRef } from '#kit/act/act.ts'
import type { PublicCase } from '#kit/act/family.ts'
import { migrate } from '#kit/store/migrate.ts'
import { openDatabase } from '#kit/store/open.ts'
import { transact } from '#kit/store/transact.ts'

/**
 * What citizens may see of their cases, built from the copies that the portal's mailbox receives. It can be deleted: it is
 * then read again from the first message. Each copy holds the whole public part, so the one with the highest seq is enough.
 */
const steps = [
  `create table cursor (one integer primary key check (one = 1), validity text not null, uid integer not null) strict;
   create table dossier (
     reference text primary key,
     code text unique,
     seq integer not null,
     secret_hash text not null,
     data text not null
   ) strict;
   create table file (reference text not null, sha256 text not null, name text not null, type text not null,
     size integer not null, uid integer not null, seq integer not null, primary key (reference, sha256)) strict;
   create table refused (reference text primary key, at text not null, text text not null) strict;
   create table skipped (uid integer primary key, why text not null) strict;`,
]

export type Projection = DatabaseSync
export function openProjection(path: string): Projection {
  const db = openDatabase(path)
  // It may lose its last moments in a power cut: the cursor goes back with the rows, and the mailbox has them.
  db.exec('pragma synchronous = normal')
  migrate(db, steps)
  return db
}

export type Cursor = { validity: string; uid: number }
export function cursorOf(db: Projection): Cursor | undefined {
  return db.prepare('select validity, uid from cursor').get() as Cursor | undefined
}

/** Another UIDVALIDITY: the mailbox is a new one, everything is read again. */
export function restart(db: Projection, validity: string): void {
  transact(db, () => {
    db.exec('delete from dossier; delete from file; delete from refused; delete from skipped; delete from cursor')
    db.prepare('insert into cursor values (1, ?, 0)').run(validity)
  })
}

export type Update =
  | { is: 'case'; data: PublicCase; files: readonly FileRef[] }
  | { is: 'refused'; reference: string; at: string; text: string }
  | { is: 'skipped'; why: string }

/** One message and the cursor in one transaction; applying it twice changes nothing. */
export function apply(db: Projection, uid: number, update: Update): void {
  transact(db, () => {
    if (update.is === 'case') applyCase(db, uid, update.data, update.files)
    else if (update.is === 'refused')
      db.prepare('insert or replace into refused values (?, ?, ?)').run(update.reference, update.at, update.text)
    else db.prepare('insert or replace into skipped values (?, ?)').run(uid, update.why)
    db.prepare('update cursor set uid = max(uid, ?)').run(uid)
  })
}

function applyCase(db: Projection, uid: number, data: PublicCase, files: readonly FileRef[]): void {
  db.prepare(
    `insert into dossier values (?, ?, ?, ?, ?) on conflict (reference) do update
       set code = excluded.code, seq = excluded.seq, data = excluded.data where excluded.seq >= seq`,
  ).run(data.case, data.code ?? null, data.seq, data.secretHash, JSON.stringify(data))
  const add = db.prepare('insert or ignore into file values (?, ?, ?, ?, ?, ?, ?)')
  for (const f of files) add.run(data.case, f.sha256, f.name, f.type, f.size, uid, data.seq)
}

export type CaseFile = FileRef & { uid: number; seq: number }
export type FoundCase = { data: PublicCase; secretHash: string; files: CaseFile[] }

/** By lodging reference or mã hồ sơ. */
export function findCase(db: Projection, key: string): FoundCase | undefined {
  const row = db.prepare('select * from dossier where reference = ? or code = ?').get(key, key)
  if (!row) return undefined
  const files = db
    .prepare('select sha256, name, type, size, uid, seq from file where reference = ? order by seq, rowid')
    .all(row['reference'] as string) as CaseFile[]
  return { data: JSON.parse(row['data'] as string) as PublicCase, secretHash: row['secret_hash'] as string, files }
}
export function findRefused(db: Projection, reference: string): { at: string; text: string } | undefined {
  return db.prepare('select at, text from refused where reference = ?').get(reference) as
    | { at: string; text: string }
    | undefined
}

export type MonthFigures = { month: string; done: number; onTime: number }
/** Finished cases by month of finishing (YYYY-MM, in Vietnam), oldest first. */
export function monthlyFigures(db: Projection, since: string): MonthFigures[] {
  return db
    .prepare(
      `select strftime('%Y-%m', json_extract(data, '$.finishedAt'), '+7 hours') as month, count(*) as done,
              sum(coalesce(json_extract(data, '$.onTime'), 0)) as onTime
       from dossier where json_extract(data, '$.finishedAt') >= ? group by month order by month`,
    )
    .all(since) as MonthFigures[]
}
