/** THREAD and UID THREAD (RFC 5256 §3); REFS is of draft-ietf-morg-inthread. */
import { type ThreadRow, threadKeyLength } from '#mailserver/store/port.ts'
import { findUids } from '../found.ts'
import { maxThreadReferences, sortRows } from '../limits.ts'
import { readThread, type ThreadArguments, type Threading } from '../parse/sort.ts'
import { Progress } from '../progress.ts'
import { ok, type Reply } from '../reply.ts'
import type { Session } from '../session.ts'
import type { ThreadNode } from '../threading/node.ts'
import { threadBySubject } from '../threading/orderedsubject.ts'
import { threadByReferences, threadByRefs } from '../threading/references.ts'
import { writeThreads } from '../write/thread.ts'
import { command } from './command.ts'
import { withCharset } from './search.ts'

const algorithms: Record<Threading, (rows: readonly ThreadRow[], turn: () => Promise<void>) => Promise<ThreadNode[]>> =
  { ORDEREDSUBJECT: threadBySubject, REFERENCES: threadByReferences, REFS: threadByRefs }

async function threadFound(
  session: Session,
  tag: string,
  { threading, search }: ThreadArguments,
  byUid: boolean,
): Promise<Reply> {
  const view = session.selected
  const progress = new Progress(session, tag)
  const turn = () => {
    progress.look()
    return session.turn()
  }
  const uids = await findUids(session, view, search, progress)
  const rows: ThreadRow[] = []
  let references = 0
  for (let at = 0; at < uids.length; at += sortRows) {
    for (const row of session.given.store.read.threadRows(view.watch.id, uids.slice(at, at + sortRows))) {
      references += row.referenceKeys.length / threadKeyLength
      if (references > maxThreadReferences) row.referenceKeys = row.referenceKeys.slice(-threadKeyLength)
      rows.push(row)
    }
    await turn()
  }
  const threads = await algorithms[threading](rows, turn)
  await writeThreads(session, threads, (uid) => (byUid ? uid : view.sequence(uid)))
  return ok(`${byUid ? 'UID ' : ''}THREAD completed`)
}

const threadingBy = (byUid: boolean) =>
  command({
    name: byUid ? 'UID THREAD' : 'THREAD',
    when: 'selected',
    ...(byUid ? {} : { byNumber: true as const }),
    read: (args) => withCharset(() => readThread(args)),
    run: (session, asked, tag) => threadFound(session, tag, asked, byUid),
  })

export const thread = threadingBy(false)
export const uidThread = threadingBy(true)
