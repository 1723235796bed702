import { mkdirSync } from 'node:fs'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { CountersOf } from '#mailserver/metrics/counters.ts'
import type { StoreHost } from '../port.ts'
import { StoreClient } from './client.ts'
import { Commits } from './commits.ts'
import type { FromHost, Hello, ToHost, WriterData } from './protocol.ts'
import { Wants } from './wants.ts'

/**
 * Starts the cell's writer thread and joins it. One host for one folder: the data folder's lock sees to that.
 *
 * A writer that dies takes the process with it (its error is not caught): a mail server that cannot write must be
 * started again, not limp on.
 */
export async function openSqliteHost({ dir, counters }: { dir: string; counters?: CountersOf }): Promise<StoreHost> {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const commits = new Commits()
  const writer = new Worker(new URL('./writer.ts', import.meta.url), {
    workerData: { dir, commits: commits.shared, counters } satisfies WriterData,
  })
  await ready(writer)
  const invite = (): MessagePort => {
    const { port1, port2 } = new MessageChannel()
    const wants = new Wants().shared
    port1.postMessage({ dir, commits: commits.shared, wants } satisfies Hello)
    writer.postMessage({ join: port1, wants } satisfies FromHost, [port1])
    return port2
  }
  return new Host(invite(), writer, invite)
}

class Host extends StoreClient implements StoreHost {
  readonly invite: () => MessagePort
  readonly #writer: Worker

  constructor(port: MessagePort, writer: Worker, invite: () => MessagePort) {
    super(port)
    this.#writer = writer
    this.invite = invite
  }

  /** Jobs that were asked for are done first. */
  override async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#writer.once('exit', () => resolve()))
    this.#writer.postMessage({ stop: true } satisfies FromHost)
    await ended
    await super[Symbol.asyncDispose]()
  }
}

function ready(writer: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    writer.once('message', (_: ToHost) => {
      writer.off('error', reject)
      resolve()
    })
    writer.once('error', reject)
  })
}
