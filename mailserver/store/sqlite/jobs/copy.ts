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
import { type Handler, SLICE, type Tx } from '../tx.ts'

/** `asked`: the UIDs asked for, sorted once; up to `from` they are done */
type Progress = { asked: readonly number[]; from: number; pairs: [number, number][]; modseq: number }

/**
 * COPY and MOVE. Flags, INTERNALDATE, octets and EMAILID stay. More than SLICE messages take several transactions: after
 * a power cut in between, some are copied and the client was not told so; a MOVE never loses or doubles one (RFC 6851 §3.3).
 * `modseq` is the source's after a MOVE, else 0.
 */
export const copy: Handler<'copy'> = (tx, job, at) => {
  const from = mailboxRecord(tx, job.from)
  const to = mailboxRecord(tx, job.to)
  if (!from || !to) return { out: { refused: 'gone' } }
  if (!mayCopy(from, to, job.move)) return { out: { refused: 'append-only' } }
  const progress = (at as Progress | undefined) ?? { asked: sorted(job.uids), from: 0, pairs: [], modseq: 0 }
  if (progress.from === 0 && (!job.move || from.account !== to.account) && limited(job))
    if (overQuota(tx, to.account, usageOf(tx, from.id, job.uids), limitsInto(tx, from, to, job)))
      return { out: { refused: 'over-quota' } }
  const next = copySlice(tx, from, to, job, progress)
  if (next.from < next.asked.length) return { next }
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
  return { ...before, from: before.from + SLICE, pairs: before.pairs.concat(pairs), modseq }
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
