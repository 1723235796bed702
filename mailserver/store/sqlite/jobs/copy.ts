import type { Limits } from '#mailserver/store/limits.ts'
import { dropFlags, type StoredFlags } from '../flags.ts'
import { noteUnindexed } from '../indexing.ts'
import {
  copyMessages,
  type MailboxRecord,
  mailboxRecord,
  messageRecords,
  moveMessages,
  overQuota,
  usageOf,
} from '../messages.ts'
import { mayCopy } from '../rules.ts'
import { uidOf } from '../schema.ts'
import { type Handler, SLICE, type Tx, type Undoable, type Undoing } from '../tx.ts'
import { dropNote, undoCopy, writeNote } from '../unfinished.ts'

/** `asked`: the UIDs asked for, sorted once; up to `from` they are done; `runs`: the UIDs of the copies */
type Progress = Undoable & {
  asked: readonly number[]
  from: number
  pairs: [number, number][]
  runs: readonly (readonly [number, number])[]
  modseq: number
}

/**
 * COPY and MOVE. Flags, INTERNALDATE, octets and EMAILID stay. More than SLICE messages take several transactions: a COPY that is
 * interrupted in between is undone (RFC 9051 §6.4.7); of a MOVE some are moved then, and each is in one of both mailboxes
 * (RFC 6851 §3.3). `modseq` is the source's after a MOVE, else 0.
 */
export const copy: Handler<'copy'> = (tx, job, at) => {
  const place = at as Progress | Undoing | undefined
  if (place && 'undoing' in place) return undoCopy(tx, place.undoing) ? { next: place } : { failed: place.why }
  const from = mailboxRecord(tx, job.from)
  const to = mailboxRecord(tx, job.to)
  if (!from || !to) {
    if (place?.undo !== undefined) dropNote(tx, place.undo) // the copies are gone with their mailbox
    return { out: { refused: 'gone' } }
  }
  if (!mayCopy(from, to, job.move)) return { out: { refused: 'append-only' } }
  const progress = place ?? { asked: sorted(job.uids), from: 0, pairs: [], runs: [], modseq: 0 }
  if (progress.from === 0 && (!job.move || from.account !== to.account) && limited(job))
    if (overQuota(tx, to.account, usageOf(tx, from.id, job.uids), limitsInto(tx, from, to, job)))
      return { out: { refused: 'over-quota' } }
  const next = copySlice(tx, from, to, job, progress)
  if (next.from < next.asked.length) {
    if (job.move) return { next }
    const undo = writeNote(tx, progress.undo, { job: 'copy', to: to.id, runs: next.runs })
    return { next: { ...next, undo } satisfies Progress }
  }
  if (progress.undo !== undefined) dropNote(tx, progress.undo)
  return { out: { uidValidity: to.uid_validity, pairs: next.pairs, modseq: next.modseq } }
}

const sorted = (uids: readonly number[]): number[] => [...new Set(uids)].sort((a, b) => a - b)

function copySlice(
  tx: Tx,
  from: MailboxRecord,
  to: MailboxRecord,
  { move, drop = [], at }: { move: boolean; drop?: readonly string[]; at?: number },
  before: Progress,
): Progress {
  const rows = messageRecords(tx, from.id, before.asked.slice(before.from, before.from + SLICE))
  if (from.account !== to.account) for (const { content } of rows) noteUnindexed(tx, content)
  const arrival = {
    savedAt: at ?? Date.now(),
    ...(drop.length > 0 && { flags: (now: StoredFlags) => dropFlags(now, drop) }),
  }
  const { uid, modseq } = move
    ? moveMessages(tx, from, to, rows, arrival)
    : { uid: copyMessages(tx, to, rows, arrival), modseq: 0 }
  const pairs = rows.map((row, i): [number, number] => [uidOf(row.id), uid + i])
  const runs = rows.length > 0 ? [...before.runs, [uid, uid + rows.length - 1] as const] : before.runs
  return { ...before, from: before.from + SLICE, pairs: before.pairs.concat(pairs), runs, modseq }
}

const limited = ({ quota, mostMessages }: Limits): boolean => quota !== undefined || mostMessages !== undefined

/**
 * Many programs delete by a copy into the trash before the original goes: where that were refused, a full mailbox could not be
 * emptied. So all that an account may hold fits into its trash once more, and no copy into another folder.
 */
function limitsInto(tx: Tx, from: MailboxRecord, to: MailboxRecord, { quota, mostMessages }: Limits): Limits {
  const trash =
    from.account === to.account &&
    tx.sql.get<{ n: number }>("select 1 as n from mailbox where id = ? and special_use = '\\Trash'", to.id) !==
      undefined
  const times = trash ? 2 : 1
  return {
    ...(quota !== undefined && { quota: quota * times }),
    ...(mostMessages !== undefined && { mostMessages: mostMessages * times }),
  }
}
