/**
 * The session threads, in which IMAP, POP3 and ManageSieve are served. They share the ports, and what holds for the whole process: counts of
 * connections, and claims. Each has its own read-only connection to the store, and its sessions take turns.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import { type Settings, ports as standardPorts } from '#config/settings.ts'
import { subsystem } from '#kit/log.ts'
import type { LdapSettings } from '#mailserver/accounts/ldap.ts'
import type { StoreHost } from '#mailserver/store/port.ts'
import type { Certificates } from '#mailserver/tls/certificates.ts'
import { ClaimBook } from './claims.ts'
import { descriptorLimit, placesFor } from './descriptors.ts'
import { maxConnections } from './limits.ts'
import { cellsPerThread, countAll } from './listener.ts'
import type { Seen, Which } from './seen.ts'
import type { FromThread, ThreadData, ToThread } from './thread.ts'

type Ports = { imap: number; imaps: number; pop3: number; pop3s: number; sieve: number }

export type SessionsGiven = {
  settings: Pick<Settings, 'imapThreads' | 'listen' | 'portBase' | 'hostname' | 'maxMessageMb'> &
    Partial<Pick<Settings, 'clock' | 'patience'>>
  store: StoreHost
  /** file of the accounts, opened by each thread */
  accountsPath: string
  ldap?: LdapSettings | undefined
  /** for these threads after the first two (metrics/counters.ts); absent: each counts for itself */
  counters?: SharedArrayBuffer
  /** absent: no STARTTLS, no STLS, and no ports 993 and 995 */
  tls?: Certificates
  /** instead of the limit of that name (imap/limits.ts) */
  progressMs?: number
  /** other ports than those of the settings; 0 takes a free one */
  ports?: Ports
}
export type Sessions = AsyncDisposable & {
  ports: { imap: number; imaps?: number; pop3: number; pop3s?: number; sieve: number }
  /** open connections of all threads */
  connections(): number
  /** those of all threads that are signed in */
  list(): Promise<Seen[]>
  /** @returns how many there were */
  end(which: Which): Promise<number>
  /** looks at time-outs and withdrawn rights now, rather than at the next turn */
  sweep(): Promise<void>
}

const log = subsystem('sessions')
/** The main thread and the store's writer count before them. */
const firstSessions = 2
/** Milliseconds that a thread gets to say goodbye to its clients before it is ended. */
const stopMs = 3_000
/** Milliseconds before a thread that died is started again; a fault that comes back at once must not spin. */
const restartMs = 1_000

/** @throws Error EADDRINUSE when another instance listens there */
export async function startSessions({
  settings,
  store,
  accountsPath,
  ldap,
  tls,
  counters,
  ports,
  progressMs,
}: SessionsGiven): Promise<Sessions> {
  const wanted = ports ?? standardPorts(settings.portBase)
  const host = settings.listen
  const { imap, pop3, sieve, imaps, pop3s } = wanted
  let listening: Sessions['ports'] = { imap, pop3, sieve, ...(tls ? { imaps, pop3s } : {}) }
  for (const port of Object.values(listening)) if (port !== 0) await mustBeFree(host, port)
  const counts = new Int32Array(new SharedArrayBuffer(4 * cellsPerThread * settings.imapThreads))
  const threads = new Set<Worker>()
  const claims = new ClaimBook()
  const startedAt = Date.now()
  const descriptors = descriptorLimit()
  const places = placesFor(descriptors)
  if (places < maxConnections)
    log.warn(
      { descriptors, places, wanted: maxConnections },
      'few file descriptors: raise the hard limit (LimitNOFILE=65536 in the unit, ulimit -Hn) for more connections',
    )
  let stopping = false
  let asked = 0

  async function startThread(number: number): Promise<void> {
    const port = store.invite()
    const workerData: ThreadData = {
      store: port,
      accountsPath,
      ldap,
      hostname: settings.hostname,
      clockShift: settings.clock ? Date.parse(settings.clock) - startedAt : 0,
      maxMessage: settings.maxMessageMb * 1024 * 1024,
      haste: 100 / (settings.patience ?? 100),
      ...(progressMs === undefined ? {} : { progressMs }),
      host,
      ports: listening,
      ...(tls ? { pairs: tls.pairs } : {}),
      counts: counts.buffer as SharedArrayBuffer,
      places,
      number,
      ...(counters && { counters: { shared: counters, thread: firstSessions + number } }),
    }
    const thread = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData,
      transferList: [port],
      name: 'sessions',
    })
    const pairsThen = tls?.pairs
    thread.on('message', (message: FromThread) => {
      if (message.say === 'claim')
        say(thread, { say: 'claimed', ask: message.ask, granted: claims.take(message.key, number) })
      else if (message.say === 'release') {
        claims.release(message.key, number)
        say(thread, { say: 'claimed', ask: message.ask, granted: true })
      }
    })
    listening = (await said(thread, 'ready')).ports
    threads.add(thread)
    // renewed while it started
    if (tls && tls.pairs !== pairsThen) say(thread, { say: 'pairs', pairs: tls.pairs })
    thread.on('error', (err) => log.fatal({ err }, 'session thread died'))
    thread.on('exit', () => {
      threads.delete(thread)
      claims.threadEnded(number)
      counts.fill(0, number * cellsPerThread, (number + 1) * cellsPerThread) // its connections died with it
      if (!stopping) setTimeout(() => void startAgain(number), restartMs).unref()
    })
  }
  const follow = tls?.onChange((pairs) => {
    for (const thread of threads) say(thread, { say: 'pairs', pairs })
  })
  async function startAgain(number: number): Promise<void> {
    try {
      if (!stopping) await startThread(number)
    } catch (err) {
      log.fatal({ err }, 'session thread does not start again')
      setTimeout(() => void startAgain(number), restartMs).unref()
    }
  }
  /** What each thread answers; one that dies meanwhile has no sessions any more. */
  async function askAll<W extends 'listed' | 'ended'>(question: (ask: number) => ToThread, word: W) {
    const heard = await Promise.all(
      [...threads].map((thread) => {
        const ask = ++asked
        const answer = said(thread, word, ask).catch(() => undefined)
        say(thread, question(ask))
        return answer
      }),
    )
    return heard.filter((answer) => answer !== undefined)
  }
  async function stop(): Promise<void> {
    stopping = true
    follow?.()
    await Promise.all(
      [...threads].map(async (thread) => {
        const exited = once(thread, 'exit')
        say(thread, { say: 'stop' })
        const timer = setTimeout(() => void thread.terminate(), stopMs)
        await exited
        clearTimeout(timer)
      }),
    )
  }

  try {
    const numbers = Array.from({ length: settings.imapThreads }, (_, number) => number)
    // Free ports are taken and kept by the first thread, and shared by the others: had they been free only while they were
    // looked for, somebody else could have them by now, or two of our protocols the same one.
    if (Object.values(listening).includes(0)) await startThread(numbers.shift()!)
    await Promise.all(numbers.map(startThread))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ports: listening,
    connections: () => countAll(counts, 'all'),
    async list() {
      const heard = await askAll((ask) => ({ say: 'list', ask }), 'listed')
      return heard.flatMap((answer) => answer.sessions)
    },
    async end(which) {
      const heard = await askAll((ask) => ({ say: 'end', ask, which }), 'ended')
      return heard.reduce((sum, answer) => sum + answer.count, 0)
    },
    async sweep() {
      await Promise.all(
        [...threads].map(async (thread) => {
          const swept = said(thread, 'swept')
          say(thread, { say: 'sweep' })
          await swept
        }),
      )
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** Binds without sharing, once: with `reusePort` a second instance would take half of our clients. @throws Error EADDRINUSE */
async function mustBeFree(host: string, port: number): Promise<void> {
  const server = createServer()
  server.listen({ host, port })
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}

/** Waits for this word of the thread, as the answer to `ask` when that is given. @throws what the thread died of */
function said<W extends FromThread['say']>(
  thread: Worker,
  word: W,
  ask?: number,
): Promise<Extract<FromThread, { say: W }>> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: FromThread) => {
      if (message.say === word && (ask === undefined || ('ask' in message && message.ask === ask)))
        done(() => resolve(message as Extract<FromThread, { say: W }>))
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

const say = (thread: Worker, message: ToThread): void => thread.postMessage(message)
