/**
 * The IMAP service: session threads that share the ports. Nothing is kept in this folder; mailboxes are the
 * store's, rights the accounts'. Never happens here: an answer before its commit, a number whose message the
 * client does not know, an EXPUNGE while numbers are in use.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import { type Settings, ports as standardPorts } from '#config/settings.ts'
import { subsystem } from '#kit/log.ts'
import type { StoreHost } from '#mailserver/store/port.ts'
import { cellsPerThread, countAll } from './listener.ts'
import type { FromThread, ThreadData, ToThread } from './thread.ts'

export type ImapGiven = {
  settings: Pick<Settings, 'imapThreads' | 'listen' | 'portBase' | 'hostname' | 'maxMessageMb'> &
    Partial<Pick<Settings, 'clock'>>
  store: StoreHost
  /** file of the accounts, opened by each thread */
  accountsPath: string
  /** PEM; absent: no STARTTLS and no port 993 */
  tls?: { key: string; cert: string }
  /** other ports than those of the settings; 0 takes a free one */
  ports?: { imap: number; imaps: number }
}
export type Imap = AsyncDisposable & {
  ports: { imap: number; imaps?: number }
  /** open connections of all threads */
  connections(): number
  /** looks at time-outs and withdrawn rights now, rather than at the next turn */
  sweep(): Promise<void>
}

const log = subsystem('imap')
/** Milliseconds that a thread gets to say BYE to its clients before it is ended. */
const stopMs = 3_000
/** Milliseconds before a thread that died is started again; a fault that comes back at once must not spin. */
const restartMs = 1_000

/** @throws Error EADDRINUSE when another instance listens there */
export async function startImap({ settings, store, accountsPath, tls, ports }: ImapGiven): Promise<Imap> {
  const wanted = ports ?? standardPorts(settings.portBase)
  const listening = {
    host: settings.listen,
    imap: await probe(settings.listen, wanted.imap),
    imaps: tls ? await probe(settings.listen, wanted.imaps) : 0,
    ...(tls ? { tls } : {}),
  }
  const counts = new Int32Array(new SharedArrayBuffer(4 * cellsPerThread * settings.imapThreads))
  const threads = new Set<Worker>()
  const startedAt = Date.now()
  let stopping = false

  async function startThread(number: number): Promise<void> {
    const port = store.invite()
    const workerData: ThreadData = {
      store: port,
      accountsPath,
      hostname: settings.hostname,
      clockShift: settings.clock ? Date.parse(settings.clock) - startedAt : 0,
      maxMessage: settings.maxMessageMb * 1024 * 1024,
      listening,
      counts: counts.buffer as SharedArrayBuffer,
      number,
    }
    const thread = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData,
      transferList: [port],
      name: 'imap',
    })
    await said(thread, 'ready')
    threads.add(thread)
    thread.on('error', (err) => log.fatal({ err }, 'session thread died'))
    thread.on('exit', () => {
      threads.delete(thread)
      counts.fill(0, number * cellsPerThread, (number + 1) * cellsPerThread) // its connections died with it
      if (!stopping) setTimeout(() => void startAgain(number), restartMs).unref()
    })
  }
  async function startAgain(number: number): Promise<void> {
    try {
      if (!stopping) await startThread(number)
    } catch (err) {
      log.fatal({ err }, 'session thread does not start again')
      setTimeout(() => void startAgain(number), restartMs).unref()
    }
  }
  async function stop(): Promise<void> {
    stopping = true
    await Promise.all(
      [...threads].map(async (thread) => {
        const exited = once(thread, 'exit')
        thread.postMessage('stop' satisfies ToThread)
        const timer = setTimeout(() => void thread.terminate(), stopMs)
        await exited
        clearTimeout(timer)
      }),
    )
  }

  try {
    await Promise.all(Array.from({ length: settings.imapThreads }, (_, number) => startThread(number)))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ports: { imap: listening.imap, ...(tls ? { imaps: listening.imaps } : {}) },
    connections: () => countAll(counts, 'all'),
    async sweep() {
      await Promise.all(
        [...threads].map(async (thread) => {
          const swept = said(thread, 'swept')
          thread.postMessage('sweep' satisfies ToThread)
          await swept
        }),
      )
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** Binds without sharing, once: with `reusePort` a second instance would take half of our clients. @returns the port */
async function probe(host: string, port: number): Promise<number> {
  const server = createServer()
  server.listen({ host, port })
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address ? address.port : port
}

/** Waits for this word of the thread. @throws what the thread died of */
function said(thread: Worker, word: FromThread): Promise<void> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromThread) => {
      if (message === word) done(resolve)
    }
    const onError = (error: unknown) => done(() => reject(error))
    const onExit = () => done(() => reject(new Error('the session thread ended')))
    const done = (then: () => void) => {
      thread.off('message', onMessage)
      thread.off('error', onError)
      thread.off('exit', onExit)
      then()
    }
    thread.on('message', onMessage)
    thread.on('error', onError)
    thread.on('exit', onExit)
  })
}
