/** Documents that a letter carries, drawn from the event's data in a thread of their own. */
import { Worker } from 'node:worker_threads'
import type { Attachment } from '#kit/message/write.ts'
import type { Drawn, Order, Printed } from './papers.ts'

/**
 * The thread ends when nobody had a paper drawn for this long: an idle suite does not hold 80 MB of fonts open, and an
 * office at work does not wait half a second for them at every receipt.
 */
const IDLE_MS = 10 * 60_000

type Waiting = { resolve: (content: Uint8Array) => void; reject: (err: Error) => void }
type Press = { thread: Worker; waiting: Map<number, Waiting>; idle?: NodeJS.Timeout }

let press: Press | undefined
let orders = 0

/** @throws Error when the paper cannot be drawn; the command is then tried again later */
export async function printDocument(printed: Printed, lookupUrl: string): Promise<Attachment> {
  press ??= start()
  const { thread, waiting } = press
  clearTimeout(press.idle)
  const id = ++orders
  const drawn = Promise.withResolvers<Uint8Array>()
  waiting.set(id, drawn)
  thread.ref()
  thread.postMessage({ id, printed: { document: printed.document, data: printed.data }, lookupUrl } satisfies Order)
  return { name: printed.name, type: 'application/pdf', content: await drawn.promise }
}

function start(): Press {
  const thread = new Worker(new URL('./papers.ts', import.meta.url))
  const made: Press = { thread, waiting: new Map() }
  const fail = (err: Error): void => {
    for (const { reject } of made.waiting.values()) reject(err)
    made.waiting.clear()
    if (press === made) press = undefined
  }
  thread.on('message', (answer: Drawn) => {
    const one = made.waiting.get(answer.id)
    made.waiting.delete(answer.id)
    if ('failed' in answer) one?.reject(new Error(`paper not drawn: ${answer.failed}`))
    else one?.resolve(answer.content)
    if (made.waiting.size > 0) return
    thread.unref() // a process that is stopping does not wait for the next paper
    made.idle = setTimeout(() => {
      if (press === made) press = undefined
      void thread.terminate()
    }, IDLE_MS)
    made.idle.unref()
  })
  thread.on('error', (err) => fail(err instanceof Error ? err : new Error(String(err))))
  thread.on('exit', (code) => fail(new Error(`the thread that draws papers ended with ${code}`)))
  return made
}
