import { createHash } from 'node:crypto'
import { dropIfUnheld, takeContent } from '../contents.ts'
import { deliverTo, queueFor } from '../deliveries.ts'
import { SEEN, type StoredFlags } from '../flags.ts'
import { accountKind, mailboxOrNew } from '../mailboxes.ts'
import { addMessage, type MessageRecord, mailboxAt, messageRecord, moveMessages } from '../messages.ts'
import { messageId } from '../schema.ts'
import type { Handler, ReadyJob, Tx } from '../tx.ts'

type Job = ReadyJob<'ledgerCommit'>

/**
 * design.md §5: the head is checked, the entry appended, the command filed, and everything that tells of it
 * delivered or queued, in one transaction. Without an entry the command was refused; its id counts as used all the same.
 *
 * A command whose outcome is known already is filed too if it lies in INBOX (again), so that no worker meets it for ever.
 *
 * @throws Error when the account is no register, the command is neither decided nor in INBOX, or the entry's data names
 * another seq or prev than the ledger's
 */
export const ledgerCommit: Handler<'ledgerCommit'> = (tx, job) => {
  if (accountKind(tx, job.account) !== 'register') throw new Error(`account ${job.account} is no register`)
  const head = tx.sql.one<{ seq: number; hash: string }>(
    'select ledger_seq as seq, ledger_hash as hash from account where id = ?',
    job.account,
  )
  const before = tx.sql.get<{ seq: number | null }>(
    'select seq from ledger_command where account = ? and command = ?',
    job.account,
    job.command.id,
  )
  if (before) {
    file(tx, job, commandRow(tx, job))
    return { out: { result: 'already', seq: before.seq ?? head.seq } }
  }
  if (head.seq !== job.expectedHead) return { out: { result: 'wrong-head', seq: head.seq } }
  const command = commandRow(tx, job)
  if (!command)
    throw new Error(`command ${job.command.id} (UID ${job.command.uid}) is not in INBOX of account ${job.account}`)
  const seq = job.entry ? appendEntry(tx, job, job.entry, head) : head.seq
  file(tx, job, command)
  for (const notice of job.notices) {
    const content = takeContent(tx, notice.content)
    deliverTo(tx, content, notice.content.size, notice.local, job.at)
    queueFor(tx, content, { ...notice, at: job.at })
    dropIfUnheld(tx, content)
  }
  tx.sql.run(
    'insert into ledger_command (account, command, outcome, seq, at) values (?, ?, ?, ?, ?)',
    job.account,
    job.command.id,
    job.entry ? 'done' : 'refused',
    job.entry ? seq : null,
    job.at,
  )
  return { out: { result: 'committed', seq } }
}

function commandRow(tx: Tx, job: Job): MessageRecord | undefined {
  const inbox = mailboxAt(tx, job.account, 'INBOX')
  return inbox && messageRecord(tx, inbox.id, job.command.uid)
}

/** Moves the command to Handled/<year>, read, with its INTERNALDATE. */
function file(tx: Tx, job: Job, command: MessageRecord | undefined): void {
  const inbox = mailboxAt(tx, job.account, 'INBOX')
  if (!command || !inbox) return
  const handled = mailboxOrNew(tx, job.account, `Handled/${job.year}`)
  const seen = (now: StoredFlags): StoredFlags => ({ ...now, flags: now.flags | SEEN })
  moveMessages(tx, inbox, handled, [command], { savedAt: job.at, flags: seen })
}

function appendEntry(tx: Tx, job: Job, entry: NonNullable<Job['entry']>, head: { seq: number; hash: string }): number {
  const seq = head.seq + 1
  const said = JSON.parse(entry.data) as { seq?: unknown; prev?: unknown }
  if ((said.seq !== undefined && said.seq !== seq) || (said.prev !== undefined && said.prev !== head.hash))
    throw new Error(
      `the entry names seq ${said.seq} and prev ${said.prev}; the ledger is at ${head.seq} with ${head.hash}`,
    )
  const mailbox = mailboxOrNew(tx, job.account, `Ledger/${job.year}`)
  const { uid } = addMessage(tx, mailbox, {
    flags: SEEN,
    keywords: '',
    internalDate: job.at,
    savedAt: job.at,
    content: takeContent(tx, entry.content),
    size: entry.content.size,
    prefix: new Uint8Array(),
  })
  const hash = createHash('sha256').update(entry.data).digest('hex')
  tx.sql.run(
    'insert into ledger (account, seq, prev, hash, data, message_id, command, message, at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    job.account,
    seq,
    head.hash,
    hash,
    entry.data,
    entry.messageId,
    job.command.id,
    messageId(mailbox.id, uid),
    job.at,
  )
  tx.sql.run('update account set ledger_seq = ?, ledger_hash = ? where id = ?', seq, hash, job.account)
  return seq
}
