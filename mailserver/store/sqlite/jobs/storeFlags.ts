import type { FlagChange } from '../../port.ts'
import { applyFlags, flagNames, SEEN, systemBitsOf } from '../flags.ts'
import { type MailboxRecord, mailboxRecord, messageRecords } from '../messages.ts'
import { mayFlag } from '../rules.ts'
import { messageId, uidOf } from '../schema.ts'
import { type Handler, SLICE, type Tx } from '../tx.ts'

type Changed = { uid: number; modseq: number; flags: readonly string[] }
type Done = { changed: Changed[]; modified: number[] }
type Progress = Done & { from: number; gave: number[] }

/**
 * `changed` lists every message that exists and was not refused, also those that had the flags already: they keep
 * their MODSEQ and are not told to others. With UNCHANGEDSINCE a message changed meanwhile is listed in `modified` (RFC 7162 §3.1.3).
 */
export const storeFlags: Handler<'storeFlags'> = (tx, job, at) => {
  const { from, changed, modified, gave } = (at as Progress | undefined) ?? {
    from: 0,
    changed: [],
    modified: [],
    gave: [],
  }
  const mailbox = mailboxRecord(tx, job.mailbox)
  if (!mailbox) return { out: { changed, modified, gave } }
  if (!mayFlag(mailbox.type)) return { out: { refused: 'append-only' } }
  const uids = job.uids.slice(from, from + SLICE)
  const bits = job.unchangedSince === undefined && uids.length > 1 ? systemBitsOf(job.change) : undefined
  const done = bits ? together(tx, mailbox, uids, bits) : oneByOne(tx, mailbox, uids, job)
  const modseq = mailbox.modseq + 1
  const told = done.changed.filter((c) => c.modseq === modseq).map((c) => c.uid)
  if (told.length > 0) {
    tx.sql.run('update mailbox set modseq = ?, unseen = unseen + ? where id = ?', modseq, done.unseen, mailbox.id)
    tx.changes.push({ account: mailbox.account, mailbox: mailbox.id, kind: 'flags', uids: told, modseq })
    gave.push(modseq)
  }
  const progress: Progress = {
    from: from + SLICE,
    changed: changed.concat(done.changed),
    modified: modified.concat(done.modified),
    gave,
  }
  if (progress.from < job.uids.length) return { next: progress }
  return { out: { changed: progress.changed, modified: progress.modified, gave } }
}

function oneByOne(
  tx: Tx,
  mailbox: MailboxRecord,
  uids: readonly number[],
  { change, unchangedSince }: { change: FlagChange; unchangedSince?: number },
): Done & { unseen: number } {
  const done = { changed: [] as Changed[], modified: [] as number[], unseen: 0 }
  const modseq = mailbox.modseq + 1
  for (const row of messageRecords(tx, mailbox.id, uids)) {
    const uid = uidOf(row.id)
    if (unchangedSince !== undefined && row.modseq > unchangedSince) {
      done.modified.push(uid)
      continue
    }
    const next = applyFlags(row, change)
    const same = next.flags === row.flags && next.keywords === row.keywords
    if (!same) {
      tx.sql.run(
        'update message set flags = ?, keywords = ?, modseq = ? where id = ?',
        next.flags,
        next.keywords,
        modseq,
        row.id,
      )
      done.unseen += (row.flags & SEEN) - (next.flags & SEEN)
    }
    done.changed.push({ uid, modseq: same ? row.modseq : modseq, flags: flagNames(next) })
  }
  return done
}

/** System flags alone, as one statement over all rows: a fifth of the time. */
function together(
  tx: Tx,
  mailbox: MailboxRecord,
  uids: readonly number[],
  { on, off }: { on: number; off: number },
): Done & { unseen: number } {
  const ids = JSON.stringify(uids.map((uid) => messageId(mailbox.id, uid)))
  const unseen = () =>
    (on | off) & SEEN
      ? tx.sql.one<{ n: number }>(
          'select count(*) as n from message where id in (select value from json_each(?)) and flags & 1 = 0',
          ids,
        ).n
      : 0
  const before = unseen()
  tx.sql.run(
    `update message set flags = (flags & ?2) | ?3, modseq = ?4
     where id in (select value from json_each(?1)) and (flags & ?2) | ?3 <> flags`,
    ids,
    ~off,
    on,
    mailbox.modseq + 1,
  )
  const rows = tx.sql.arrays<readonly [id: number, modseq: number, flags: number, keywords: string]>(
    'select id, modseq, flags, keywords from message where id in (select value from json_each(?)) order by id',
    ids,
  )
  const changed = rows.map(([id, modseq, flags, keywords]) => ({
    uid: uidOf(id),
    modseq,
    flags: flagNames({ flags, keywords }),
  }))
  return { changed, modified: [], unseen: unseen() - before }
}
