/**
 * One client's session: what it has shown of itself (RFC 9051 §3: not authenticated, authenticated,
 * selected), and its two streams. Commands get it and nothing else.
 */
import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { SecureContext } from 'node:tls'
import type { Log } from '#kit/log.ts'
import type { Accounts, SignedIn } from '#mailserver/accounts/port.ts'
import type { Channel } from '#mailserver/accounts/sasl/mechanism.ts'
import type { Store } from '#mailserver/store/port.ts'
import { sliceMs } from './limits.ts'
import type { ByteSource } from './parse/source.ts'
import { No, sentences } from './reply.ts'
import type { UidRange, View, Watches } from './view.ts'
import type { Output } from './write/output.ts'

/** What all sessions of a thread share. */
export type Given = {
  store: Store
  accounts: Accounts
  watches: Watches
  log: Log
  hostname: string
  /** the suite's clock, for what is dated; time-outs go by the real one */
  now(): number
  /** largest message, octets */
  maxMessage: number
  /** for STARTTLS; absent: not offered */
  secureContext?: SecureContext
  /** takes room for a message about to be read, waiting for it if need be */
  appendRoom(octets: number): Promise<() => void>
  /** one more session has signed in, and may no longer be counted among strangers */
  signedIn(session: Session): void
}

export type Feature = 'CONDSTORE' | 'IMAP4REV2'

export class Session {
  readonly given: Given
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
  view: View | undefined
  readonly enabled = new Set<Feature>()
  /** RFC 5182: what "$" stands for */
  saved: UidRange[] = []
  failedSignIns = 0
  badInARow = 0
  readonly startedAt = Date.now()
  lastActivity = Date.now()
  /** a command with literals began to arrive then */
  receivingSince: number | undefined
  /** a FETCH line has been begun and not ended */
  midLine = false
  /** an answer is being written */
  busy = false
  /** a command asks to end: the connection closes after its reply */
  ending = false
  /** how to secure this connection; absent when it cannot be */
  startTls: (() => Promise<void>) | undefined
  /** set by STARTTLS: run after its reply, before the next command */
  upgrade: (() => Promise<void>) | undefined
  #sliceFrom = 0

  constructor(
    given: Given,
    input: ByteSource,
    out: Output,
    { ip, loopback, encrypted }: { ip: string; loopback: boolean; encrypted: boolean },
  ) {
    this.given = given
    this.input = input
    this.out = out
    this.ip = ip
    this.encrypted = encrypted
    this.secure = encrypted || loopback
  }

  /** The signed-in user; commands of that state only. */
  get user(): SignedIn {
    if (!this.signedIn) throw new No(undefined, sentences.notAllowed)
    return this.signedIn
  }

  /** The selected mailbox; commands of that state only. */
  get selected(): View {
    if (!this.view) throw new No(undefined, 'no mailbox is selected')
    return this.view
  }

  get rev2(): boolean {
    return this.enabled.has('IMAP4REV2')
  }

  /** Mailbox names and texts as UTF-8 in quoted strings (RFC 9051 §5.1). */
  get utf8(): boolean {
    return this.rev2
  }

  get condstore(): boolean {
    return this.enabled.has('CONDSTORE')
  }

  unselect(): void {
    if (this.view) this.given.watches.close(this.view)
    this.view = undefined
    this.saved = []
  }

  /** Begins to count this session's time; `turn` then lets others in when it was long. */
  startSlice(): void {
    this.#sliceFrom = performance.now()
  }

  /** Lets what has come in the same moment come in. */
  async settle(): Promise<void> {
    await setImmediate()
  }

  async turn(): Promise<void> {
    if (performance.now() - this.#sliceFrom < sliceMs) return
    await setImmediate()
    this.#sliceFrom = performance.now()
  }
}
