import { transact } from '#kit/store/transact.ts'
import type { Store } from './open.ts'

export type Answers = Record<string, string>
export type Draft = {
  id: string
  label: string
  procedure: string
  version: number
  state: 'draft' | 'sending' | 'lodged'
  answers: Answers
  passed: readonly string[]
  changedAt: string
  createdAt: string
  reference?: string
  secret?: string
  lodgedAt?: string
  problem?: string
}
export type Upload = {
  id: string
  document: string
  name: string
  type: string
  size: number
  sha256: string
  path: string
}
type Row = Record<string, string | number | null>

export function addDraft(
  db: Store,
  d: { id: string; label: string; tokenHash: string; procedure: string; version: number; at: string },
): void {
  db.prepare(
    `insert into draft (id, label, token_hash, procedure, version, state, answers, passed, changed_at, created_at)
     values (?, ?, ?, ?, ?, 'draft', '{}', '[]', ?, ?)`,
  ).run(d.id, d.label, d.tokenHash, d.procedure, d.version, d.at, d.at)
}

export function draftByToken(db: Store, tokenHash: string): Draft | undefined {
  return asDraft(db.prepare('select * from draft where token_hash = ?').get(tokenHash) as Row | undefined)
}
export function draftById(db: Store, id: string): Draft | undefined {
  return asDraft(db.prepare('select * from draft where id = ?').get(id) as Row | undefined)
}
/** A lodged or sending draft by its lodging reference: the case may not have reached the projection yet. */
export function draftByReference(db: Store, reference: string): Draft | undefined {
  return asDraft(db.prepare('select * from draft where reference = ?').get(reference) as Row | undefined)
}
export function sendingDrafts(db: Store): Draft[] {
  const rows = db.prepare("select * from draft where state = 'sending' order by changed_at").all() as Row[]
  return rows.map((r) => asDraft(r)!)
}

/**
 * Merges answers of one step; fields that are not named stay.
 * @param passed the step's id when it was saved without a mistake, undefined for an autosave
 * @returns false when the draft is no longer open for changes
 */
export function saveAnswers(
  db: Store,
  id: string,
  answers: Answers,
  { step, ok, at }: { step: string; ok: boolean | undefined; at: string },
): boolean {
  return transact(db, () => {
    const draft = draftById(db, id)
    if (draft?.state !== 'draft') return false
    const others = draft.passed.filter((p) => p !== step)
    const passed = ok === undefined ? draft.passed : ok ? [...others, step] : others
    db.prepare('update draft set answers = ?, passed = ?, changed_at = ?, problem = null where id = ?').run(
      JSON.stringify({ ...draft.answers, ...answers }),
      JSON.stringify(passed),
      at,
      id,
    )
    return true
  })
}

/** Freezes the draft for lodging; again: the same reference and secret. @returns undefined when it is not there */
export function beginLodging(
  db: Store,
  id: string,
  given: { reference: string; secret: string; at: string },
): Draft | undefined {
  return transact(db, () => {
    db.prepare(
      `update draft set state = 'sending', reference = coalesce(reference, ?), secret = coalesce(secret, ?),
         lodged_at = ?, changed_at = ?, problem = null
       where id = ? and state = 'draft'`,
    ).run(given.reference, given.secret, given.at, given.at, id)
    return draftById(db, id)
  })
}

/** The mail server refused the message for good: open for changes again, with the reason. */
export function reopen(db: Store, id: string, problem: string): void {
  db.prepare("update draft set state = 'draft', problem = ? where id = ? and state = 'sending'").run(problem, id)
}

/** After the 250: lodged, its answers forgotten (the mailbox is the record), the acknowledgement in the outbox. */
export function finishLodging(
  db: Store,
  id: string,
  ack: { messageId: string; recipient: string; raw: Uint8Array; at: string },
): void {
  transact(db, () => {
    db.prepare("update draft set state = 'lodged', answers = '{}', passed = '[]', changed_at = ? where id = ?").run(
      ack.at,
      id,
    )
    db.prepare(
      'insert or ignore into outbox (message_id, recipient, raw, attempts, next_at) values (?, ?, ?, 0, ?)',
    ).run(ack.messageId, ack.recipient, ack.raw, ack.at)
  })
}

export function uploadsOf(db: Store, draft: string): Upload[] {
  return db
    .prepare('select id, document, name, type, size, sha256, path from upload where draft = ? order by at, rowid')
    .all(draft) as Upload[]
}

/** @returns false when the draft is no longer open, or has as many files or octets as it may */
export function addUpload(
  db: Store,
  draft: string,
  file: Upload & { at: string },
  most: { files: number; bytes: number },
): 'added' | 'closed' | 'full' {
  return transact(db, () => {
    if (draftById(db, draft)?.state !== 'draft') return 'closed'
    const all = uploadsOf(db, draft)
    if (all.some((u) => u.sha256 === file.sha256 && u.document === file.document)) return 'added'
    if (all.length >= most.files || all.reduce((sum, u) => sum + u.size, file.size) > most.bytes) return 'full'
    db.prepare('insert into upload values (?, ?, ?, ?, ?, ?, ?, ?, ?)').run(
      file.id,
      draft,
      file.document,
      file.name,
      file.type,
      file.size,
      file.sha256,
      file.path,
      file.at,
    )
    db.prepare('update draft set changed_at = ? where id = ?').run(file.at, draft)
    return 'added'
  })
}

/** @returns the path of its octets, to be deleted; undefined when it is not there or the draft is closed */
export function removeUpload(db: Store, draft: string, upload: string): string | undefined {
  return transact(db, () => {
    if (draftById(db, draft)?.state !== 'draft') return undefined
    const row = db.prepare('delete from upload where id = ? and draft = ? returning path').get(upload, draft)
    return row?.['path'] as string | undefined
  })
}

/** Forgets drafts untouched since `draftsBefore` and lodged ones since `doneBefore`; those being sent stay. */
export function forget(db: Store, { draftsBefore, doneBefore }: { draftsBefore: string; doneBefore: string }): number {
  return Number(
    db
      .prepare(`delete from draft where (state = 'draft' and changed_at < ?) or (state = 'lodged' and changed_at < ?)`)
      .run(draftsBefore, doneBefore).changes,
  )
}

/** Octets of all uploads that are kept now. */
export function keptBytes(db: Store): number {
  return Number(db.prepare('select coalesce(sum(size), 0) as n from upload').get()?.['n'])
}
export function keptPaths(db: Store): Set<string> {
  return new Set(
    db
      .prepare('select path from upload')
      .all()
      .map((r) => r['path'] as string),
  )
}

/** Deletes a lodged draft's uploads; @returns their paths */
export function dropUploads(db: Store, draft: string): string[] {
  return db
    .prepare('delete from upload where draft = ? returning path')
    .all(draft)
    .map((r) => r['path'] as string)
}

function asDraft(r: Row | undefined): Draft | undefined {
  if (!r) return undefined
  const text = (name: string): string => r[name] as string
  return {
    id: text('id'),
    label: text('label'),
    procedure: text('procedure'),
    version: r['version'] as number,
    state: r['state'] as Draft['state'],
    answers: JSON.parse(text('answers')) as Answers,
    passed: JSON.parse(text('passed')) as string[],
    changedAt: text('changed_at'),
    createdAt: text('created_at'),
    ...(r['reference'] === null ? {} : { reference: text('reference') }),
    ...(r['secret'] === null ? {} : { secret: text('secret') }),
    ...(r['lodged_at'] === null ? {} : { lodgedAt: text('lodged_at') }),
    ...(r['problem'] === null ? {} : { problem: text('problem') }),
  }
}
