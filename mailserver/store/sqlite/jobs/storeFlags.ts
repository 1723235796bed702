import { applyFlags, flagNames, SEEN } from '../flags.ts'
import { mailboxRecord, messageRecords } from '../messages.ts'
import { mayFlag } from '../rules.ts'
import { uidOf } from '../schema.ts'
import { type Handler, SLICE } from '../tx.ts'

type Changed = { uid: number; modseq: number; flags: string[] }
type Progress = { from: number; changed: Changed[]; modified: number[] }

/**
 * `changed` lists every message that exists and was not refused, also those that had the flags already: they keep
 * their MODSEQ and are not told to others. With UNCHANGEDSINCE a message changed meanwhile is listed in `modified` (RFC 7162 §3.1.3).
 */
export const storeFlags: Handler<'storeFlags'> = (tx, job, at) => {
  const { from, changed, modified } = (at as Progress | undefined) ?? { from: 0, changed: [], modified: [] }
  const mailbox = mailboxRecord(tx, job.mailbox)
  if (!mailbox) return { out: { changed, modified } }
  if (!mayFlag(mailbox.type)) return { out: { refused: 'append-only' } }
  const modseq = mailbox.modseq + 1
  const done: Changed[] = []
  const late: number[] = []
  const told: number[] = []
  let unseen = 0
  for (const row of messageRecords(tx, mailbox.id, job.uids.slice(from, from + SLICE))) {
    const uid = uidOf(row.id)
    if (job.unchangedSince !== undefined && row.modseq > job.unchangedSince) {
      late.push(uid)
      continue
    }
    const next = applyFlags(row, job.change)
    const same = next.flags === row.flags && next.keywords === row.keywords
    if (!same) {
      tx.sql.run(
        'update message set flags = ?, keywords = ?, modseq = ? where id = ?',
        next.flags,
        next.keywords,
        modseq,
        row.id,
      )
      unseen += (row.flags & SEEN) - (next.flags & SEEN)
      told.push(uid)
    }
    done.push({ uid, modseq: same ? row.modseq : modseq, flags: flagNames(next) })
  }
  if (told.length > 0) {
    tx.sql.run('update mailbox set modseq = ?, unseen = unseen + ? where id = ?', modseq, unseen, mailbox.id)
    tx.changes.push({ account: mailbox.account, mailbox: mailbox.id, kind: 'flags', uids: told, modseq })
  }
  const progress: Progress = { from: from + SLICE, changed: changed.concat(done), modified: modified.concat(late) }
  if (progress.from < job.uids.length) return { next: progress }
  return { out: { changed: progress.changed, modified: progress.modified } }
}
