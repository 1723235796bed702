/**
 * Watches the INBOX of one register: reads each message once, in UID order, and tries again what failed for a reason of the
 * world. Holds nothing that matters: a restart reads INBOX from its first message, and what was done is no longer there.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Province } from '#config/province.ts'
import type { Registry } from '#kit/act/registry.ts'
import type { Address, Calls, Directory, SealKey } from '#kit/directory/calls.ts'
import { type Log, subsystem } from '#kit/log.ts'
import type { MailAccess } from '#kit/mail/connection.ts'
import { type MailAccount, openAccount } from '#kit/mail/imap.ts'
import type { Summary } from '#kit/mail/summary.ts'
import { Refusal } from '#kit/refusal.ts'
import type { Calendar } from '#kit/vi/workdays.ts'
import { linkOf } from '../projection/files.ts'
import { Projection } from '../projection/projection.ts'
import { rebuild } from '../projection/rebuild.ts'
import { backoff } from './backoff.ts'
import { RefusalBounds } from './bounds.ts'
import type { Clock } from './clock.ts'
import { mayConcernUs, type Opened, openLetter } from './intake.ts'
import { catchUp, type Outcome, processMessage } from './process.ts'
import { submitTimed } from './timer.ts'

export type RegisterGiven = {
  register: Address
  agency: string
  province: Province
  registry: Registry
  calendar: Calendar
  directory: Directory
  projections: string
  /** host, ports and TLS of the mail server; user and token are ours */
  mail: { imap: Omit<MailAccess, 'user' | 'token'>; submission: Omit<MailAccess, 'user' | 'token'> }
  origins: { portal: string; desk: string }
  clock: Clock
  /** how often the timer looks, milliseconds */
  timerMs: number
  /** tries before a command goes to Dead letters */
  tries: number
}

// The directory changes seldom; rights are asked anew for every command, only names and offices may be this old.
const AGENCY_MS = 5_000
const KEYS_MS = 10_000
const BATCH = 500
// One head, one winner: several workers on a register are for safety, not speed. Who lost lets the other go ahead, and
// finds the messages gone; when the other died, they are still there after this time.
const PATIENCE_MS = 300
const headers = ['congso-kind', 'congso-case'] as const

export class RegisterWorker implements AsyncDisposable {
  readonly #given: RegisterGiven
  readonly #log: Log
  readonly #stop = new AbortController()
  readonly #bounds = new RefusalBounds()
  readonly #later = new Map<number, { tries: number; at: number }>()
  /** UIDs that stay in INBOX for the clerk */
  readonly #left = new Set<number>()
  /** milliseconds to wait before each message, after another worker was faster */
  #patience = 0
  #uidValidity = 0n
  #next = 1
  #projection: Projection | undefined
  #agency: { at: number; value: Calls['directory.agency']['out'] } | undefined
  #keys: { at: number; value: readonly SealKey[] } | undefined
  #queue: Promise<unknown> = Promise.resolve()
  #running: Promise<void> | undefined
  #ready = Promise.withResolvers<void>()

  constructor(given: RegisterGiven) {
    this.#given = given
    this.#log = subsystem(`worker:${given.agency}`)
  }

  /** Resolves when INBOX is watched and the projection is up to date, or could not be; what waits in INBOX is decided after. */
  start(): Promise<void> {
    this.#running = this.#run()
    return this.#ready.promise
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    for (let failures = 0; !signal.aborted; ) {
      try {
        await using account = await openAccount(await this.#access('imap'))
        await this.#begin(account)
        failures = 0
        const timer = setInterval(() => this.#inTurn(() => this.#time()), this.#given.timerMs)
        try {
          for await (const _ of account.changes('INBOX', { signal })) {
            this.#ready.resolve() // it watches; what waits in INBOX may take minutes, and pages need not wait for that
            await this.#inTurn(() => this.#drain(account))
          }
        } finally {
          clearInterval(timer)
        }
      } catch (err) {
        if (signal.aborted) break
        failures++
        this.#ready.resolve() // one register that cannot be watched must not keep the others from being ready
        const wait = backoff(Math.min(failures, 5))
        this.#log[failures > 1 ? 'error' : 'warn'](
          { err, register: this.#given.register, wait },
          'register not watched',
        )
        await sleep(wait, undefined, { signal }).catch(() => {}) // aborted: the loop ends by itself
      }
    }
  }

  async #begin(account: MailAccount): Promise<void> {
    const { uidValidity } = await account.counts('INBOX')
    if (uidValidity !== this.#uidValidity) {
      this.#left.clear()
      this.#later.clear()
      this.#uidValidity = uidValidity
    }
    this.#next = 1
    if (!this.#open().current) {
      this.#log.info({ register: this.#given.register }, 'the acts have changed: registers are built anew')
      await rebuild({ ...this.#given, folder: this.#given.projections })
    }
    await catchUp({ ...this.#given, projection: this.#open() })
    await this.#inTurn(() => this.#time())
  }

  /** One after another: a drain that the timer began and one that new mail began never decide at once. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work)
    this.#queue = result.catch(() => {})
    return result
  }

  async #drain(account: MailAccount): Promise<void> {
    const now = performance.now()
    const due = [...this.#later].filter(([, l]) => l.at <= now).map(([uid]) => uid)
    const found = await account.search({ folder: 'INBOX', query: { uid: `${this.#next}:*` } })
    const fresh = found.filter((uid) => uid >= this.#next && !this.#left.has(uid) && !this.#later.has(uid))
    const uids = [...new Set([...due, ...fresh])].sort((a, b) => a - b)
    for (let i = 0; i < uids.length && !this.#stop.signal.aborted; i += BATCH) {
      const batch = uids.slice(i, i + BATCH)
      const rows = await account.summaries({ folder: 'INBOX', uids: batch, headers })
      const [ours, others] = [rows.filter((r) => this.#mayConcernUs(r)), rows.filter((r) => !this.#mayConcernUs(r))]
      for (const { uid } of others) this.#left.add(uid)
      await this.#inOrder(
        account,
        ours.map((r) => r.uid),
      )
      for (const uid of batch) if (!rows.some((r) => r.uid === uid)) this.#later.delete(uid)
      this.#next = Math.max(this.#next, (batch.at(-1) ?? 0) + 1)
    }
    this.#wakeLater(account)
  }

  #mayConcernUs({ to, cc, headers }: Summary): boolean {
    const addresses = [...to, ...cc].map((p) => p.address.toLowerCase())
    return mayConcernUs({ names: headers.map((h) => h.name), to: addresses }, this.#given.register)
  }

  /** One after the other, since each is decided on the state that the one before left; the next one is read meanwhile. */
  async #inOrder(account: MailAccount, uids: readonly number[]): Promise<void> {
    let ahead: Promise<Opened | undefined> | undefined
    for (const [i, uid] of uids.entries()) {
      if (this.#stop.signal.aborted) return
      const opened = ahead ?? this.#read(account, uid)
      const next = uids[i + 1]
      ahead = next === undefined ? undefined : this.#read(account, next)
      ahead?.catch(() => {}) // thrown again when its turn comes, if it comes
      await this.#one(account, uid, opened)
      this.#next = Math.max(this.#next, uid + 1)
    }
  }

  /** @returns undefined when another worker was faster */
  async #read(account: MailAccount, uid: number): Promise<Opened | undefined> {
    const message = await account.message({ folder: 'INBOX', uid }).catch((err: unknown) => {
      if (err instanceof Refusal && err.status === 404) return undefined
      throw err
    })
    return message && openLetter(message, { register: this.#given.register, keys: await this.#sealKeys() })
  }

  async #one(account: MailAccount, uid: number, read: Promise<Opened | undefined>): Promise<void> {
    try {
      if (this.#patience > 0) await sleep(this.#patience, undefined, { signal: this.#stop.signal })
      const opened = await read
      const outcome = opened && (await processMessage({ uid, opened }, await this.#context(account)))
      this.#later.delete(uid)
      if (!outcome) return
      this.#patience = outcome.kind === 'already' ? PATIENCE_MS : 0
      this.#tell(uid, outcome)
    } catch (err) {
      if (this.#stop.signal.aborted) return
      // a world without mail server or control API is not this message's fault: the whole loop waits
      if (!account.usable || (err as { later?: boolean }).later) throw err
      await this.#postpone(uid, err)
    }
  }

  async #postpone(uid: number, err: unknown): Promise<void> {
    const { register: ledger, directory } = this.#given
    const tries = (this.#later.get(uid)?.tries ?? 0) + 1
    if (tries < this.#given.tries) {
      this.#later.set(uid, { tries, at: performance.now() + backoff(tries) })
      this.#log.error({ err, ledger, uid, tries }, 'command postponed')
      return
    }
    this.#log.error({ err, ledger, uid, tries }, 'command given up')
    const why = err instanceof Error ? err.message : String(err)
    await directory['ledger.deadLetter']({ ledger, uid, why: why.slice(0, 500) })
    this.#later.delete(uid)
  }

  #wakeLater(account: MailAccount): void {
    const at = Math.min(...[...this.#later.values()].map((l) => l.at))
    if (!Number.isFinite(at) || this.#stop.signal.aborted) return
    const timer = setTimeout(
      () => {
        if (account.usable && !this.#stop.signal.aborted)
          this.#inTurn(() => this.#drain(account)).catch((err) => this.#log.warn({ err }, 'retry failed'))
      },
      Math.max(0, Math.ceil(at - performance.now())),
    )
    timer.unref()
  }

  #tell(uid: number, outcome: Outcome): void {
    const ledger = this.#given.register
    if (outcome.kind === 'left' || outcome.kind === 'already') this.#left.add(uid)
    if (outcome.kind === 'left')
      this.#log[outcome.loud ? 'warn' : 'debug']({ ledger, uid, why: outcome.why }, 'message left in INBOX')
    else this.#log.info({ ledger, uid, ...outcome }, 'command')
  }

  /** Sends what is due as commands; they come back as mail. Never stops the watching. */
  async #time(): Promise<void> {
    try {
      await submitTimed({
        ...this.#given,
        projection: this.#open(),
        access: () => this.#access('submission'),
        log: this.#log,
      })
    } catch (err) {
      this.#log.warn({ err, register: this.#given.register }, 'timer could not send')
    }
  }

  async #context(account: MailAccount) {
    const { directory } = this.#given
    const now = performance.now()
    if (!this.#agency || now - this.#agency.at > AGENCY_MS)
      this.#agency = { at: now, value: await directory['directory.agency']({ id: this.#given.agency }) }
    const projection = this.#open()
    return {
      ...this.#given,
      projection,
      account,
      agency: this.#agency.value.agency,
      accounts: this.#agency.value.accounts,
      bounds: this.#bounds,
      log: this.#log,
    }
  }

  async #sealKeys(): Promise<readonly SealKey[]> {
    const now = performance.now()
    if (!this.#keys || now - this.#keys.at > KEYS_MS)
      this.#keys = { at: now, value: (await this.#given.directory['keys.list']({})).keys }
    return this.#keys.value
  }

  #open(): Projection {
    const { projections, register, registry } = this.#given
    if (this.#projection && !this.#projection.inForce) {
      this.#projection[Symbol.dispose]()
      this.#projection = undefined
    }
    this.#projection ??= Projection.open(linkOf(projections, register), registry, register)
    return this.#projection
  }

  async #access(what: 'imap' | 'submission'): Promise<MailAccess> {
    const { register, directory, mail } = this.#given
    const { token } = await directory['auth.serviceToken']({ mailbox: register })
    return { ...mail[what], user: register, token }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.#ready.resolve()
    await this.#running
    await this.#queue
    this.#projection?.[Symbol.dispose]()
  }
}
