/**
 * What every client's session has, whatever it speaks: its two streams, who it is, and since when. Each protocol's own session
 * extends it; the listener ends it from outside by what stands here.
 */
import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Log } from '#kit/log.ts'
import type { Accounts, Scope, SignedIn } from '#mailserver/accounts/port.ts'
import type { Channel } from '#mailserver/accounts/sasl/mechanism.ts'
import type { Store } from '#mailserver/store/port.ts'
import type { Contexts } from '#mailserver/tls/contexts.ts'
import { sliceMs } from './limits.ts'
import type { Output } from './output.ts'
import type { ByteSource } from './source.ts'

/** What all sessions of a thread share. */
export type Shared = {
  store: Store
  accounts: Accounts
  log: Log
  hostname: string
  /** the suite's clock, for what is dated; time-outs go by the real one */
  now(): number
  /** absent: STARTTLS and STLS are not offered */
  tls?: Contexts
  /** by how much faster time runs for time-outs; 1 outside tests */
  haste?: number
  /** one more session has signed in, and may no longer be counted among strangers */
  signedIn(session: ClientSession): void
}

/** A connection as a protocol gets it. */
export type Client = { input: ByteSource; out: Output; ip: string; loopback: boolean; encrypted: boolean }

/** One protocol of the session threads. */
export type Protocol = {
  name: Scope
  /** the line, with CRLF, for a client that finds no place */
  full: string
  open(client: Client, shared: Shared): ClientSession
}

export abstract class ClientSession {
  abstract readonly given: Shared
  readonly input: ByteSource
  readonly out: Output
  /** shown to the person in failures and in every log line */
  readonly ref = randomBytes(5).toString('hex')
  readonly ip: string
  /** under TLS, or on loopback where nobody can listen */
  secure: boolean
  encrypted: boolean
  /** the TLS connection, for mechanisms that bind to it; absent in the clear */
  channel: Channel | undefined
  signedIn: SignedIn | undefined
  /** what the client's program calls itself, as far as it said so; a stranger's words */
  program: string | undefined
  failedSignIns = 0
  badInARow = 0
  /** these instants are of performance.now(), which no clock that is set moves */
  readonly begunAt = performance.now()
  /** since when nobody has been signed in */
  strangerSince = performance.now()
  lastActivity = performance.now()
  /** an answer is being written */
  busy = false
  /** a command asks to end: the connection closes after its reply */
  ending = false
  /** how to secure this connection; absent when it cannot be */
  startTls: (() => Promise<void>) | undefined
  /** compresses both directions (RFC 4978); absent when they are so already */
  startCompression: (() => void) | undefined
  /** set by STARTTLS and COMPRESS: run after their reply, before the next command */
  upgrade: (() => Promise<void> | void) | undefined
  #sliceFrom = 0

  constructor({ input, out, ip, loopback, encrypted }: Client) {
    this.input = input
    this.out = out
    this.ip = ip
    this.encrypted = encrypted
    this.secure = encrypted || loopback
  }

  /** The whole life of it. Resolves when it is over and its connection may be closed. Never throws. */
  abstract serve(): Promise<void>
  /** What is said before the server ends it, with CRLF; '' where the protocol says nothing then. */
  abstract farewell(why: string): string
  /** Milliseconds without traffic after which a signed-in session ends. */
  abstract readonly idleMs: number
  /** Name of the mailbox that is open, for administrators; '' where there is none. */
  get openFolder(): string {
    return ''
  }
  /** @param since of performance.now(), as `now`; undefined: it has not begun */
  waited(since: number | undefined, now: number, ms: number): boolean {
    return since !== undefined && (now - since) * (this.given.haste ?? 1) > ms
  }
  /** Why it ends for a reason of its protocol; time-outs and ended sign-ins are looked at for all. */
  abstract reasonToEnd(now: number): string | undefined

  /** Begins to count this session's time; `turn` then lets others in when it was long. */
  startSlice(): void {
    this.#sliceFrom = performance.now()
  }

  /** Lets what has come in the same moment come in. */
  async settle(): Promise<void> {
    await setImmediate()
  }

  /** Others have waited long enough. */
  get mustTurn(): boolean {
    return performance.now() - this.#sliceFrom >= sliceMs
  }

  async turn(): Promise<void> {
    if (!this.mustTurn) return
    await setImmediate()
    this.#sliceFrom = performance.now()
  }
}
