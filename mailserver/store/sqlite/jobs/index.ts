import type { JobName } from '../../port.ts'
import type { Handler } from '../tx.ts'
import { append } from './append.ts'
import { appendAll } from './appendAll.ts'
import { copy } from './copy.ts'
import { createMailbox } from './createMailbox.ts'
import { deleteMailbox } from './deleteMailbox.ts'
import { deliver } from './deliver.ts'
import { expunge } from './expunge.ts'
import { filesRead } from './filesRead.ts'
import { ledgerCommit } from './ledgerCommit.ts'
import { ledgerDeadLetter } from './ledgerDeadLetter.ts'
import { openAccount } from './openAccount.ts'
import { purgeDeleted } from './purgeDeleted.ts'
import { queueResult, queueSet, queueTake } from './queue.ts'
import { renameMailbox } from './renameMailbox.ts'
import { restoreDeleted } from './restoreDeleted.ts'
import { setAcl } from './setAcl.ts'
import { setMetadata } from './setMetadata.ts'
import { storeFlags } from './storeFlags.ts'
import { submit } from './submit.ts'
import { subscribe } from './subscribe.ts'

/** Every write there is; a job without a handler does not compile. */
export const handlers: { [N in JobName]: Handler<N> } = {
  openAccount,
  deliver,
  append,
  appendAll,
  storeFlags,
  copy,
  expunge,
  filesRead,
  createMailbox,
  renameMailbox,
  deleteMailbox,
  restoreDeleted,
  purgeDeleted,
  subscribe,
  setMetadata,
  setAcl,
  submit,
  ledgerCommit,
  ledgerDeadLetter,
  queueTake,
  queueResult,
  queueSet,
}
