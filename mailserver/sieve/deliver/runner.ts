/**
 * Scripts run in a thread of their own, one after the other, each within `RUN_MS`: whatever a script does, neither the writer
 * nor a session feels it, and one that would not end is ended with its thread.
 */
import { Worker } from 'node:worker_threads'
import { subsystem } from '#kit/log.ts'
import { RUN_MS } from '../limits.ts'
import type { Ran, RunJob } from './protocol.ts'

const log = subsystem('sieve')

export class Runner implements AsyncDisposable {
  #thread: Worker | undefined
  #last: Promise<unknown> = Promise.resolve()
  #closed = false

  /** Never throws: a run that dies is a fault of its script. */
  run(job: RunJob): Promise<Ran> {
    const ran = this.#last.then(() => this.#one(job))
    this.#last = ran
    return ran
  }

  async #one(job: RunJob): Promise<Ran> {
    if (this.#closed) return fault('máy chủ đang dừng', 'the server stops')
    const thread = this.#started()
    const done = Promise.withResolvers<Ran>()
    const onMessage = (ran: Ran) => {
      done.resolve(ran)
    }
    const onError = (err: unknown) => {
      log.error({ err }, 'the thread of scripts died')
      done.resolve(fault('kịch bản làm dừng bộ xử lý', 'the script stopped its interpreter'))
    }
    const onExit = () => done.resolve(fault('bộ xử lý đã dừng', 'the interpreter has stopped'))
    thread.once('message', onMessage)
    thread.once('error', onError)
    thread.once('exit', onExit)
    const timer = setTimeout(() => {
      this.#drop()
      done.resolve(fault(`kịch bản chạy quá ${RUN_MS / 1000} giây`, `the script runs longer than ${RUN_MS / 1000} s`))
    }, RUN_MS)
    try {
      thread.postMessage(job)
      return await done.promise
    } finally {
      clearTimeout(timer)
      thread.off('message', onMessage)
      thread.off('error', onError)
      thread.off('exit', onExit)
    }
  }

  #started(): Worker {
    if (this.#thread) return this.#thread
    const thread = new Worker(new URL('./thread.ts', import.meta.url), {
      name: 'sieve',
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    })
    // a fault between two runs; `error` without a listener would end the process
    thread.on('error', () => this.#forget(thread))
    thread.on('exit', () => this.#forget(thread))
    thread.unref()
    this.#thread = thread
    return thread
  }

  #forget(thread: Worker): void {
    if (this.#thread === thread) this.#thread = undefined
  }

  #drop(): void {
    const thread = this.#thread
    this.#thread = undefined
    void thread?.terminate()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#last
    await this.#thread?.terminate()
  }
}

const fault = (vi: string, en: string): Ran => ({ fault: { line: 0, vi, en } })
