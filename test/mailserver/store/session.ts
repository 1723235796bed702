import type { MessagePort } from 'node:worker_threads'
import { parentPort, workerData } from 'node:worker_threads'
import { joinStore } from '#mailserver/store/open.ts'
import { text } from './messages.ts'

/** A session thread: delivers to account 1, waits until it is told, and reports what it reads. */
const store = joinStore((workerData as { port: MessagePort }).port)
const told = new Promise<void>((resolve) => store.onChange((c) => c.kind === 'exists' && resolve()))
const { results } = await store.write('deliver', {
  raw: text('Từ luồng khác', 'x'),
  recipients: [{ account: 1, mailbox: 'INBOX', prefix: new Uint8Array() }],
  at: Date.now(),
})
await told
const mailbox = store.read.mailbox(1, 'INBOX')!
const [row] = store.read.rows(mailbox.id, { ranges: [[1, 9]], limit: 9 })
let octets = 0
for (const piece of store.read.octets(row!.message)) octets += piece.length
parentPort!.postMessage({ uid: results[0]?.ok ? results[0].uid : 0, unseen: mailbox.unseen, octets })
await store[Symbol.asyncDispose]()
