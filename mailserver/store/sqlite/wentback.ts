import { migrate } from '#kit/store/migrate.ts'
import { openDatabase } from '#kit/store/open.ts'
import { transact } from '#kit/store/transact.ts'
import { steps } from './schema.ts'

/** More than one mailbox gets between two backups. */
export const UIDS_LOST = 100_000
/** Above every mod-sequence that a program has seen; thousands of times this stay exact numbers. */
const MODSEQS_LOST = 2 ** 32
/** Rows of each kind that may have been made and lost. There may be two million mailboxes, so theirs is the small one. */
const IDS_LOST = { mailbox: 1_000, content: 1_000_000, queue: 1_000_000 } as const

/**
 * A cell that was put back to an earlier state. Mail programs know what was there later, so nothing that they may have seen is given
 * out again for something else: UIDs (RFC 9051 §2.3.1.1), mod-sequences (RFC 7162 §3.1) and object identifiers (RFC 8474 §4) go on
 * far behind the last ones. UIDVALIDITY stays and nobody downloads a mailbox anew: what was lost counts as vanished, and every
 * message counts as changed, so that flags are fetched again.
 *
 * @param q.holdQueue mail to the outside waits for an administrator: some of it has gone already
 * @returns rows of the queue that are held
 */
export function wentBack(dir: string, { holdQueue }: { holdQueue: boolean }): { held: number } {
  const db = openDatabase(`${dir}/cell.sqlite`)
  try {
    migrate(db, steps) // a backup may be older than the program
    return transact(db, () => {
      // which message got which mod-sequence is not known of those that programs have seen: whoever asks looks at all rows
      db.prepare('delete from changed').run()
      db.prepare(
        `insert into vanished (mailbox, modseq, first, last)
         select id, modseq + ${MODSEQS_LOST}, uid_next, uid_next + ${UIDS_LOST - 1} from mailbox`,
      ).run()
      db.prepare(`update mailbox set uid_next = uid_next + ${UIDS_LOST}, modseq = modseq + ${MODSEQS_LOST}`).run()
      db.prepare('update message set modseq = (select b.modseq from mailbox b where b.id = message.mailbox)').run()
      db.exec('delete from changed') // it knows nothing of this change of all
      for (const [table, lost] of Object.entries(IDS_LOST))
        db.prepare('update sqlite_sequence set seq = seq + ? where name = ?').run(lost, table)
      if (!holdQueue) return { held: 0 }
      const held = db.prepare("update queue set state = 'held' where state in ('waiting', 'sending')").run()
      return { held: Number(held.changes) }
    })
  } finally {
    db.close()
  }
}
