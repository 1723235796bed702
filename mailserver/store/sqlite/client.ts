import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { subsystem } from '#kit/log.ts'
import { DiskFull } from '#kit/store/diskfull.ts'
import { openDatabase } from '#kit/store/open.ts'
import { Statements } from '#kit/store/statements.ts'
import type { AccountId, Change, JobName, Jobs, Store, StoreReader } from '../port.ts'
import { auditInThread } from './audit/run.ts'
import { removeFile } from './blobs.ts'
import { Commits } from './commits.ts'
import { type Content, type Known, prepareContent } from './content.ts'
import type { FromWriter, Hello, Request } from './protocol.ts'
import { SqliteReader } from './reader.ts'
import type { ReadyJob } from './tx.ts'
import { Wants } from './wants.ts'

const log = subsystem('store')
const knowsNothing: Known = { content: () => false, blob: () => false }

type Pending = { resolve(out: unknown): void; reject(err: Error): void }

/** The store as one thread sees it: its own read-only connection, and a port to the writer. */
export class StoreClient implements Store {
  readonly read: StoreReader
  readonly #port: MessagePort
  readonly #dir: string
  readonly #sql: Statements
  readonly #known: Known
  readonly #pending = new Map<number, Pending>()
  readonly #listeners = new Set<(change: Change) => void>()
  readonly #wants: Wants
  #asked = 0
  #closed = false

  /** @param port made by `StoreHost.invite()`; a greeting waits in it */
  constructor(port: MessagePort) {
    const hello = receiveMessageOnPort(port)?.message as Hello | undefined
    if (!hello) throw new Error('this port was not made by the store, or has been used')
    this.#dir = hello.dir
    this.#port = port
    this.#wants = new Wants(hello.wants)
    const db = openDatabase(`${hello.dir}/cell.sqlite`, { readOnly: true })
    db.exec('pragma cache_size = -8000; pragma temp_store = memory')
    this.#sql = new Statements(db)
    this.#known = {
      content: (sha) => this.#sql.get('select 1 from content where sha = ?', sha) !== undefined,
      blob: (sha) => this.#sql.get('select 1 from blob where sha = ?', sha) !== undefined,
    }
    this.read = new SqliteReader(this.#sql, hello.dir, new Commits(hello.commits))
    port.on('message', (message: FromWriter) => this.#receive(message))
    port.on('close', () => this.#end())
  }

  async write<N extends JobName>(job: N, input: Jobs[N]['in']): Promise<Jobs[N]['out']> {
    const answer = await this.#ask(job, input, this.#known)
    if (answer !== missing) return answer as Jobs[N]['out']
    // what was there when we looked has been deleted by someone since
    return (await this.#ask(job, input, knowsNothing)) as Jobs[N]['out']
  }

  #ask(job: JobName, input: object, known: Known): Promise<unknown> {
    const ready = prepare(input, this.#dir, known)
    return ready instanceof Promise ? ready.then((r) => this.#send(job, r)) : this.#send(job, ready)
  }

  /** Nothing that waits for the answer holds the texts that were sent: they would outlive their youth, and be collected at many times the cost. */
  #send(job: JobName, input: ReadyJob): Promise<unknown> {
    if (this.#closed) return Promise.reject(new Error('the store is closed'))
    const id = ++this.#asked
    this.#port.postMessage({ id, job, input } satisfies Request)
    return this.#answerTo(id)
  }

  #answerTo(id: number): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#pending.set(id, { resolve, reject })
    return promise
  }

  #receive({ changes = [], answers = [] }: FromWriter): void {
    for (const change of changes) this.#tell(change)
    for (const answer of answers) {
      const pending = this.#pending.get(answer.id)
      this.#pending.delete(answer.id)
      if ('out' in answer) pending?.resolve(answer.out)
      else if ('failed' in answer)
        pending?.reject(new (answer.full ? DiskFull : answer.limit ? RangeError : Error)(answer.failed))
      else pending?.resolve(missing)
    }
  }

  /** A listener that throws is a fault of its own and must not keep the others, or an answer, from being heard. */
  #tell(change: Change): void {
    for (const listener of this.#listeners)
      try {
        listener(change)
      } catch (err) {
        log.error({ err, change }, 'a listener failed')
      }
  }

  onChange(listener: (change: Change) => void, of?: readonly Change['kind'][] | 'followed'): () => void {
    const unwanted = of === 'followed' ? () => {} : this.#wants.ofKinds(of)
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      unwanted()
    }
  }

  follow(account: AccountId): () => void {
    return this.#wants.ofAccount(account)
  }

  audit(): Promise<string[]> {
    return auditInThread(this.#dir)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#port.close()
    this.#end()
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#sql.db.close()
    for (const p of this.#pending.values()) p.reject(new Error('the store was closed before it answered'))
    this.#pending.clear()
  }
}

const missing = Symbol('missing')

/** Replaces each `raw` by its prepared content, wherever it stands in the input. A promise only when files were written. */
function prepare(input: object, dir: string, known: Known): ReadyJob | Promise<ReadyJob> {
  const waits: Promise<Content>[] = []
  const walk = (value: unknown): unknown => {
    // a view on a pooled buffer would take the whole pool along
    if (value instanceof Uint8Array) return new Uint8Array(value)
    if (Array.isArray(value)) return typeof value[0] === 'number' ? value : value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    const copy: Record<string, unknown> = {}
    for (const [name, v] of Object.entries(value)) {
      if (name !== 'raw') {
        copy[name] = walk(v)
        continue
      }
      const content = prepareContent(v as Uint8Array, dir, known)
      if (content instanceof Promise)
        waits.push(
          content.then((c) => {
            copy['content'] = c
            return c
          }),
        )
      else copy['content'] = content
    }
    return copy
  }
  const ready = walk(input) as ReadyJob
  return waits.length > 0 ? allOrNone(waits).then(() => ready) : ready
}

/** When one content of a job cannot be written, the files of the others are not left behind. */
async function allOrNone(contents: readonly Promise<Content>[]): Promise<void> {
  const prepared = await Promise.allSettled(contents)
  const failed = prepared.find((p) => p.status === 'rejected')
  if (!failed) return
  for (const p of prepared)
    if (p.status === 'fulfilled') for (const { temporary } of p.value.facts?.files ?? []) removeFile(temporary)
  throw failed.reason
}
