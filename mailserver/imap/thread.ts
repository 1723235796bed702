/** A session thread: joins the store, opens the accounts, listens on the shared ports until told to stop. */
import { createSecureContext } from 'node:tls'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { subsystem } from '#kit/log.ts'
import { openAccounts } from '#mailserver/accounts/open.ts'
import { joinStore } from '#mailserver/store/open.ts'
import { appendBudget } from './limits.ts'
import { Listener, type Listening } from './listener.ts'
import { Room } from './room.ts'
import { Watches } from './view.ts'

export type ThreadData = {
  store: MessagePort
  accountsPath: string
  hostname: string
  /** milliseconds by which the suite's clock differs from the machine's; 0 outside tests */
  clockShift: number
  maxMessage: number
  listening: Listening
  counts: SharedArrayBuffer
  /** which of the threads this is */
  number: number
}
export type ToThread = 'stop' | 'sweep'
export type FromThread = 'ready' | 'swept'

const {
  store: port,
  accountsPath,
  hostname,
  clockShift,
  maxMessage,
  listening,
  counts,
  number,
} = workerData as ThreadData
await using store = joinStore(port)
const now = () => Date.now() + clockShift
using accounts = openAccounts(accountsPath, { now })
const watches = new Watches(store)
const forget = store.onChange((change) => watches.changed(change))
const room = new Room(appendBudget)
{
  await using listener = new Listener(
    {
      store,
      accounts,
      watches,
      log: subsystem('imap'),
      hostname,
      now,
      maxMessage,
      appendRoom: (octets) => room.take(octets),
      ...(listening.tls ? { secureContext: createSecureContext({ ...listening.tls, minVersion: 'TLSv1.2' }) } : {}),
    },
    new Int32Array(counts),
    number,
  )
  await listener.listen(listening)
  const stopped = new Promise<void>((resolve) => {
    parentPort!.on('message', (message: ToThread) => {
      if (message === 'stop') resolve()
      else {
        void listener.sweep().then(() => parentPort!.postMessage('swept' satisfies FromThread))
      }
    })
  })
  parentPort!.postMessage('ready' satisfies FromThread)
  await stopped
}
forget()
parentPort!.close()
