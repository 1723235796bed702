import type { Statements } from '#kit/store/statements.ts'
import type { JobName } from '../port.ts'
import { type ReadyJob, SLICE } from './tx.ts'

/** The line in which a job waits: its account's, or its sender's. */
export function lineOf(sql: Statements, job: JobName, input: ReadyJob): string {
  if ('account' in input) return `a${input.account}`
  if ('recipients' in input) return `a${input.recipients[0]?.account ?? 0}`
  if ('from' in input && typeof input.from === 'string') return `s${input.from}`
  const mailbox = 'mailbox' in input ? input.mailbox : 'from' in input ? input.from : undefined
  if (mailbox === undefined) return job
  const row = sql.get<{ account: number }>('select account from mailbox where id = ?', mailbox)
  return `a${row?.account ?? 0}`
}

type Weighed = { job: JobName; input: ReadyJob }

/** Rows that one turn of the job is likely to touch. */
export function weightOf({ input }: Weighed): number {
  if ('uids' in input && input.uids) return Math.min(SLICE, Math.max(1, input.uids.length))
  if ('recipients' in input) return Math.max(1, input.recipients.length)
  if ('messages' in input) return Math.min(SLICE, 4 * input.messages.length)
  if ('most' in input && typeof input.most === 'number') return Math.min(SLICE, input.most)
  if ('force' in input || 'move' in input) return SLICE
  if ('files' in input) return 100 // a piece of text costs as much as inserting so many rows
  return 4
}

const sliced: ReadonlySet<JobName> = new Set<JobName>([
  'storeFlags',
  'copy',
  'expunge',
  'renameMailbox',
  'restoreDeleted',
  'filesRead',
])
/** Jobs that may need another turn. */
export const mayBeSliced = ({ job }: Weighed): boolean => sliced.has(job)
