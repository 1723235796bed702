import { Worker } from 'node:worker_threads'
import type { Statements } from '#kit/store/statements.ts'
import { PAGE_SIZE } from './schema.ts'

/** 32 MB of WAL: from here on it is copied back while the writer goes on. */
const PASSIVE_FRAMES = (32 * 1024 * 1024) / PAGE_SIZE
/** A reader or a steady load kept the WAL from starting over: the writer waits for it once. */
const RESTART_FRAMES = (96 * 1024 * 1024) / PAGE_SIZE
type Log = { busy: number; log: number; checkpointed: number }

/**
 * PASSIVE on a connection of its own in a thread of its own, then RESTART on the writer if the log grows on all the same. Measured
 * (design.md §6): 106 MB of WAL and p99 5.5 ms at saturation; PASSIVE alone left 1.1 GB, RESTART elsewhere stalled 3 s.
 */
export class Checkpoints {
  readonly #path: string
  readonly #sql: Statements
  #thread: Worker | undefined
  #running = false

  constructor(path: string, sql: Statements) {
    this.#path = path
    this.#sql = sql
  }

  /** A look costs some microseconds; a group of large mails may write 10 MB. */
  afterCommit(): void {
    const { log, checkpointed } = this.#look()
    if (log - checkpointed >= PASSIVE_FRAMES) this.#passive()
    if (log >= RESTART_FRAMES && !this.#running) this.#restart()
  }

  /** Nothing else to do: the log is copied back, in the other thread if there is much of it. */
  whenIdle(): void {
    const { log, checkpointed } = this.#look()
    if (log - checkpointed >= PASSIVE_FRAMES) this.#passive()
    else if (log > checkpointed) this.#sql.get('pragma wal_checkpoint(passive)')
  }

  async end(): Promise<void> {
    await this.#thread?.terminate()
  }

  #look(): Log {
    return this.#sql.one<Log>('pragma wal_checkpoint(noop)')
  }

  #restart(): void {
    // readers are short; one that is not must not hold the writer
    this.#sql.db.exec('pragma busy_timeout = 50')
    this.#sql.get('pragma wal_checkpoint(restart)')
    this.#sql.db.exec('pragma busy_timeout = 5000')
  }

  /** The thread is started when it is first needed: most days of a small province never are. */
  #passive(): void {
    if (this.#running) return
    this.#running = true
    this.#thread ??= this.#start()
    this.#thread.postMessage('passive')
  }

  #start(): Worker {
    const thread = new Worker(new URL('./checkpointer.ts', import.meta.url), { workerData: { path: this.#path } })
    thread.on('message', () => {
      this.#running = false
    })
    // an error here is an error of the writer: unhandled, it ends the process, and the supervisor starts it again
    thread.unref()
    return thread
  }
}
