/**
 * Keeps a valid certificate for every name of the mail service: from files, by ACME, or self-signed. Looks once a minute: files that
 * an administrator changed are taken over, certificates of ours are renewed in time. What cannot be used is said and left
 * aside, and the old one goes on being served. Everyone who serves hears of new ones (`Certificates`).
 */
import { X509Certificate } from 'node:crypto'
import { ports, type Settings } from '#config/settings.ts'
import { subsystem } from '#kit/log.ts'
import { Refusal } from '#kit/refusal.ts'
import { order } from './acme.ts'
import { Current } from './certificates.ts'
import { attention, type Certificate, dueAt } from './dates.ts'
import { type Kept, keep, makeSelfSigned, type Names, namesOf, readKept } from './files.ts'
import { datesOf, mustBePair, mustServe, type Pair } from './pair.ts'

export type KeeperSettings = Pick<
  Settings,
  'hostname' | 'tls' | 'tlsNames' | 'acmeDirectory' | 'acmeContact' | 'acmeCa' | 'acmePort' | 'listen' | 'portBase'
>

const log = subsystem('tls')
/** Milliseconds between two looks at files and dates. */
const lookMs = 60_000
/** Milliseconds before a failed order is tried again; authorities count failures by the hour, and by the week. */
const retryMs = [5, 30, 120, 360, 1440].map((minutes) => minutes * 60_000)
/** Not for longer than the longest: the clock may have been put back since. */
const waits = (nextTry: number, now: number) => nextTry > now && nextTry <= now + retryMs.at(-1)!

type State = { kept: Kept; failures: number; nextTry: number; lastError?: string; running?: Promise<void> }

export class Keeper extends Current implements AsyncDisposable {
  readonly #settings: KeeperSettings
  readonly #folder: string
  readonly #states = new Map<string, State>()
  readonly #warn: (text: string | undefined) => void
  #timer: NodeJS.Timeout | undefined
  #warned: string | undefined

  /**
   * @param given.warn told a sentence for people when somebody must look after a certificate, undefined when all is well again
   * @throws Error with a sentence when there is no certificate to start with
   */
  constructor(given: { settings: KeeperSettings; folder: string; warn?: (text: string | undefined) => void }) {
    super([])
    this.#settings = given.settings
    this.#folder = given.folder
    this.#warn = given.warn ?? (() => {})
    for (const name of namesOf(given.settings))
      this.#states.set(name, { kept: this.#first(name), failures: 0, nextTry: 0 })
    this.#publish()
  }

  /** Begins to look after them. */
  start(): void {
    this.#timer = setInterval(() => void this.look(), lookMs)
    this.#timer.unref()
    void this.look()
  }

  /** Takes over changed files, and renews what is due. Never throws. */
  async look(now = Date.now()): Promise<void> {
    for (const [name, state] of this.#states) {
      this.#takeOver(name, state)
      if (dueAt(state.kept, this.#settings.tls, now) <= now && !waits(state.nextTry, now))
        await this.#renew(name, state, now)
    }
    const text = attention(this.status(), now)
    if (text === this.#warned) return
    this.#warned = text
    if (text) log.warn({ certificates: this.status() }, 'a certificate runs out soon')
    this.#warn(text)
  }

  /** @returns what is served, and how it stands */
  status(): Certificate[] {
    return [...this.#states].map(([name, { kept, lastError }]) => {
      const cert = new X509Certificate(kept.pair.cert)
      const { from, until } = datesOf(cert)
      const due = dueAt(kept, this.#settings.tls, Date.now())
      return {
        name,
        origin: kept.origin,
        issuer: cert.issuer.replaceAll('\n', ', '),
        names: (cert.subjectAltName ?? '').replaceAll(/(DNS|IP Address):/g, ''),
        serial: cert.serialNumber,
        from: new Date(from).toISOString(),
        until: new Date(until).toISOString(),
        ...(Number.isFinite(due) ? { renewAt: new Date(due).toISOString() } : {}),
        ...(lastError === undefined ? {} : { lastError }),
      }
    })
  }

  /** Now, whatever its dates. @throws Refusal 404 for a name that is not served, 409 in mode files, 502 when the authority refuses */
  async renew(name?: string): Promise<void> {
    if (this.#settings.tls === 'files')
      throw new Refusal(409, 'Chứng thư do quản trị viên đặt: hãy dùng "congso tls import".', 'mode files')
    for (const [each, state] of name === undefined ? this.#states : [[name, this.#mustHave(name)] as const]) {
      await this.#renew(each, state, Date.now())
      if (state.lastError) throw new Refusal(502, `Không gia hạn được chứng thư: ${state.lastError}`, state.lastError)
    }
  }

  /** An administrator's own. @throws Refusal 404, 422 with the reason; then nothing has changed */
  import(pair: Pair): void {
    const state = this.#mustHave(pair.name)
    try {
      mustServe(pair, mustBePair(pair, { key: 'the key', cert: 'the certificate' }), Date.now())
    } catch (error) {
      const { message } = error as Error
      throw new Refusal(422, `Chứng thư không dùng được: ${message}.`, message)
    }
    keep(this.#place(pair.name), pair, 'files')
    this.#set(state, { pair, origin: 'files' })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
  }

  #first(name: string): Kept {
    const place = this.#place(name)
    const kept = readKept(place)
    if (kept) return kept
    if (this.#settings.tls === 'files')
      throw new Error(`CONGSO_TLS is "files" and there is no certificate for ${name} in ${this.#folder}`)
    // ACME as well: listeners need one to start with, and the authority may take its time
    return makeSelfSigned(place, Date.now())
  }

  #takeOver(name: string, state: State): void {
    try {
      const kept = readKept(this.#place(name))
      if (!kept) return
      const { key, cert } = state.kept.pair
      if (kept.pair.key === key && kept.pair.cert === cert) return
      this.#set(state, kept)
    } catch (error) {
      const { message } = error as Error
      if (state.lastError !== message)
        log.error({ name, why: message }, 'new files are not usable; the old ones are served on')
      state.lastError = message
    }
  }

  async #renew(name: string, state: State, now: number): Promise<void> {
    state.running ??= this.#makeNew(name, state, now).finally(() => delete state.running)
    await state.running
  }

  async #makeNew(name: string, state: State, now: number): Promise<void> {
    const place = this.#place(name)
    try {
      if (this.#settings.tls === 'self-signed') return this.#set(state, makeSelfSigned(place, now))
      const { acmeDirectory, acmeContact, acmeCa, acmePort, listen, portBase } = this.#settings
      const pair = await order(name, {
        directory: acmeDirectory,
        contact: acmeContact,
        ca: acmeCa,
        folder: this.#folder,
        listen: { host: listen, port: acmePort || ports(portBase).acme },
      })
      mustServe(pair, mustBePair(pair, { key: 'the key', cert: 'the certificate' }), Date.now())
      keep(place, pair, 'acme')
      this.#set(state, { pair, origin: 'acme' })
    } catch (error) {
      const wait = retryMs[Math.min(state.failures++, retryMs.length - 1)]!
      state.nextTry = now + wait
      state.lastError = (error as Error).message || String(error)
      log.warn({ name, err: error, againInMinutes: wait / 60_000 }, 'no new certificate; the old one is served on')
    }
  }

  #set(state: State, kept: Kept): void {
    state.kept = kept
    state.failures = state.nextTry = 0
    delete state.lastError
    this.#publish()
    const { until } = datesOf(new X509Certificate(kept.pair.cert))
    log.info({ name: kept.pair.name, origin: kept.origin, until: new Date(until).toISOString() }, 'certificate in use')
  }

  #publish(): void {
    this.set([...this.#states.values()].map(({ kept }) => kept.pair))
  }

  #place(name: string): Names {
    return { folder: this.#folder, hostname: this.#settings.hostname, name }
  }

  #mustHave(name: string): State {
    const state = this.#states.get(name.toLowerCase())
    if (!state) throw new Refusal(404, `Máy chủ không phục vụ tên ${name}.`, `${name} is not a name of this service`)
    return state
  }
}
