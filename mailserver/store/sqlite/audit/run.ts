import { Worker } from 'node:worker_threads'

/** In a thread of its own: a recount reads everything. It needs no writer, and does not disturb one. */
export function auditInThread(dir: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: { dir } })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
