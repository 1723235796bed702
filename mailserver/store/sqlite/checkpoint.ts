import { Worker } from 'node:worker_threads'
import { subsystem } from '#kit/log.ts'
import type { Statements } from '#kit/store/statements.ts'
import { PAGE_SIZE } from './schema.ts'

/** 32 MB of WAL: from here on it is copied back while the writer goes on. */
const PASSIVE_FRAMES = (32 * 1024 * 1024) / PAGE_SIZE
/** A reader or a steady load kept the WAL from starting over: the writer waits for it once. */
const RESTART_FRAMES = (96 * 1024 * 1024) / PAGE_SIZE
/** The copying thread is behind, or has not even begun to run: the writer waits for it, at each commit a little, rather than let the log grow. */
const HELD_FRAMES = (112 * 1024 * 1024) / PAGE_SIZE
/** After a failure (a full disk) the log grows on meanwhile; trying at every commit would only slow them. */
const AFTER_FAILURE_MS = 10_000

/** A backup reads for minutes; a wait at every commit meanwhile would not make it any shorter. */
const AFTER_READER_MS = 1_000

const log = subsystem('store')
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
  #notBefore = Number.NEGATIVE_INFINITY

  constructor(path: string, sql: Statements) {
    this.#path = path
    this.#sql = sql
  }

  /** A look costs some microseconds; a group of large mails may write 10 MB. */
  afterCommit(): void {
    if (performance.now() < this.#notBefore) return
    const { log: frames, checkpointed } = this.#look()
    if (frames - checkpointed >= PASSIVE_FRAMES) this.#passive()
    if (frames >= (this.#running ? HELD_FRAMES : RESTART_FRAMES)) this.#onWriter('restart')
  }

  /** Nothing else to do: the log is copied back, in the other thread if there is much of it. */
  whenIdle(): void {
    const { log: frames, checkpointed } = this.#look()
    if (frames - checkpointed >= PASSIVE_FRAMES) this.#passive()
    else if (frames > checkpointed) this.#onWriter('passive')
  }

  async end(): Promise<void> {
    await this.#thread?.terminate()
  }

  #look(): Log {
    return this.#sql.one<Log>('pragma wal_checkpoint(noop)')
  }

  #onWriter(mode: 'passive' | 'restart'): void {
    // readers are short; one that is not must not hold the writer
    this.#sql.db.exec('pragma busy_timeout = 50')
    try {
      if (mode === 'passive') this.#sql.get('pragma wal_checkpoint(passive)')
      else if (this.#sql.one<Log>('pragma wal_checkpoint(restart)').busy && !this.#running)
        this.#notBefore = performance.now() + AFTER_READER_MS
    } catch (err) {
      this.#failed(err)
    } finally {
      this.#sql.db.exec('pragma busy_timeout = 5000')
    }
  }

  /** Nothing is lost by it: what was committed stands in the log, and is read from there. */
  #failed(err: unknown): void {
    this.#notBefore = performance.now() + AFTER_FAILURE_MS
    log.error({ err }, 'the write-ahead log could not be copied back')
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
    thread.on('error', (err) => {
      this.#failed(err)
      this.#thread = undefined
      this.#running = false
    })
    thread.unref()
    return thread
  }
}
