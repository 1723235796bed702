import type { Socket } from 'node:net'
import type { ListResponse, SearchObject } from 'imapflow'
import { ImapFlow } from 'imapflow'
import { subsystem } from '#kit/log.ts'
import { conditionalStore } from '#kit/mail/claim.ts'
import type { MailAccess } from '#kit/mail/connection.ts'
import { tlsOptions } from '#kit/mail/connection.ts'
import { gone, missing, refused, serverSaid } from '#kit/mail/refused.ts'
import { myRights } from '#kit/mail/rights.ts'
import type { Summary } from '#kit/mail/summary.ts'
import { summaryOf } from '#kit/mail/summary.ts'
import { changes } from '#kit/mail/watch.ts'
import { Refusal } from '#kit/refusal.ts'

const log = subsystem('kit:imap')

/** A page of a list and a batch of UIDs: more would hold the connection for others of the same person. */
const MAX_BATCH = 500
/** RFC 9051 §5.4 lets servers drop a silent session after 30 minutes; IDLE is begun again well before. */
const MAX_IDLE_MS = 10 * 60_000

export type Folder = {
  path: string
  /** last level of the path */
  name: string
  specialUse?: string
  flags: readonly string[]
  messages: number
  unseen: number
}
export type Search = SearchObject
export type FlagChange = { add?: readonly string[]; remove?: readonly string[] }

/**
 * One IMAP connection of one account: the only doorway to imapflow. Every method takes the folder it works in,
 * selects it under a lock and runs alone, so callers may share a connection. Where imapflow answers `false` or
 * `undefined`, these throw: a `Refusal` when a folder or message is gone, an `Error` when the world is broken.
 * Once a call threw an `Error` because the connection ended, all others do; make a new one.
 */
export class MailAccount implements AsyncDisposable {
  readonly #client: ImapFlow
  readonly user: string

  constructor(client: ImapFlow, user: string) {
    this.#client = client
    this.user = user
  }

  get usable(): boolean {
    return this.#client.usable
  }

  /** All folders, shared ones included; with counts when asked for (one STATUS a folder). */
  async folders({ counts = false } = {}): Promise<Folder[]> {
    const list = await this.#client.list(counts ? { statusQuery: { messages: true, unseen: true } } : {})
    return list.filter((f) => !f.flags.has('\\Noselect') && !f.flags.has('\\NonExistent')).map(folderOf)
  }

  async counts(folder: string): Promise<{ messages: number; unseen: number; uidNext: number; uidValidity: bigint }> {
    const s = await this.#client
      .status(folder, { messages: true, unseen: true, uidNext: true, uidValidity: true })
      .catch((err: unknown) => {
        throw serverSaid(err, folder)
      })
    if (!s) throw gone(folder)
    return {
      messages: s.messages ?? 0,
      unseen: s.unseen ?? 0,
      uidNext: s.uidNext ?? 1,
      uidValidity: s.uidValidity ?? 0n,
    }
  }

  /** Letters of RFC 4314, for example "lrs". @throws Refusal when the folder is gone or hidden */
  rights(folder: string): Promise<string> {
    return this.#in(folder, () => myRights(this.#client, folder))
  }

  async quota(): Promise<{ used: number; limit: number } | undefined> {
    const q = await this.#client.getQuota('INBOX')
    if (!q || q.storage?.limit === undefined) return undefined
    return { used: q.storage.usage ?? 0, limit: q.storage.limit }
  }

  async createFolder(path: string): Promise<void> {
    await this.#client.mailboxCreate(path).catch((err: unknown) => {
      throw serverSaid(err, path)
    })
  }
  async renameFolder(path: string, to: string): Promise<void> {
    await this.#client.mailboxRename(path, to).catch((err: unknown) => {
      throw serverSaid(err, path)
    })
  }
  async deleteFolder(path: string): Promise<void> {
    await this.#client.mailboxDelete(path).catch((err: unknown) => {
      throw serverSaid(err, path)
    })
  }

  /** Newest first, by arrival: `offset` 0 is the newest. Costs what the page holds, not what the folder holds. */
  page(given: {
    folder: string
    offset: number
    limit: number
    structure?: boolean
    headers?: readonly string[]
  }): Promise<{ total: number; messages: Summary[] }> {
    return this.#in(given.folder, async (box) => {
      // in a folder that was selected before, nothing came in since unless the server had a command to answer
      await this.#client.noop()
      const last = box.exists - given.offset
      if (last < 1) return { total: box.exists, messages: [] }
      const first = Math.max(1, last - Math.min(given.limit, MAX_BATCH) + 1)
      const rows = await this.#client.fetchAll(`${first}:${last}`, query(given))
      return { total: box.exists, messages: rows.map(summaryOf).sort((a, b) => b.uid - a.uid) }
    })
  }

  /** Those of `uids` that are still there, ascending; at most 500 are looked at. */
  summaries(given: {
    folder: string
    uids: readonly number[]
    structure?: boolean
    headers?: readonly string[]
  }): Promise<Summary[]> {
    return this.#in(given.folder, async () => {
      if (given.uids.length === 0) return []
      const rows = await this.#client.fetchAll(given.uids.slice(0, MAX_BATCH).join(','), query(given), { uid: true })
      return rows.map(summaryOf).sort((a, b) => a.uid - b.uid)
    })
  }

  /** @throws Refusal 404 when it is gone */
  async summary(given: {
    folder: string
    uid: number
    structure?: boolean
    headers?: readonly string[]
  }): Promise<Summary> {
    const [one] = await this.summaries({ ...given, uids: [given.uid] })
    if (!one) throw missing(given)
    return one
  }

  /** UIDs, newest first. */
  search(given: { folder: string; query: Search }): Promise<number[]> {
    return this.#in(given.folder, async () => {
      const found = await this.#client.search(given.query, { uid: true })
      if (!Array.isArray(found)) throw new Error(`SEARCH in ${given.folder} was refused by the server`)
      return found.sort((a, b) => b - a)
    })
  }

  /** The message's octets as the store keeps them. @throws Refusal 404 when it is gone */
  source(given: { folder: string; uid: number }): Promise<Buffer> {
    return this.#in(given.folder, async () => {
      const m = await this.#client.fetchOne(given.uid, { uid: true, source: true }, { uid: true })
      if (!m || m.source === undefined) throw missing(given)
      return m.source
    })
  }

  /** Octets, flags and the date of arrival in one round trip; what a worker reads. */
  message(given: {
    folder: string
    uid: number
  }): Promise<{ uid: number; raw: Buffer; received: Date; flags: readonly string[] }> {
    return this.#in(given.folder, async () => {
      const m = await this.#client.fetchOne(
        given.uid,
        { uid: true, source: true, internalDate: true, flags: true },
        { uid: true },
      )
      if (!m || m.source === undefined || !m.internalDate) throw missing(given)
      return { uid: given.uid, raw: m.source, received: new Date(m.internalDate), flags: [...(m.flags ?? [])] }
    })
  }

  /** One part, transfer encoding undone, charset left as it is. @throws Refusal 404 when message or part is gone */
  part(given: { folder: string; uid: number; part: string }): Promise<Buffer> {
    return this.#in(given.folder, async () => {
      const parts = await this.#client.downloadMany(given.uid, [given.part], { uid: true, decodeText: false } as {
        uid: true
      })
      const content = parts ? parts[given.part]?.content : undefined
      if (!content) throw missing(given)
      return content
    })
  }

  async changeFlags(given: { folder: string; uids: readonly number[]; change: FlagChange }): Promise<void> {
    const range = given.uids.join(',')
    if (range === '') return
    await this.#in(given.folder, async () => {
      const { add = [], remove = [] } = given.change
      if (
        add.length > 0 &&
        !(await this.#client.messageFlagsAdd(range, [...add], { uid: true, silent: true } as { uid: true }))
      )
        throw refused(
          'Không đổi được dấu của thư trong thư mục này.',
          `STORE +FLAGS ${add} of ${range} in ${given.folder} was refused`,
        )
      if (
        remove.length > 0 &&
        !(await this.#client.messageFlagsRemove(range, [...remove], { uid: true, silent: true } as { uid: true }))
      )
        throw refused(
          'Không đổi được dấu của thư trong thư mục này.',
          `STORE -FLAGS ${remove} of ${range} in ${given.folder} was refused`,
        )
    })
  }

  /**
   * Adds `flag` when the message is still as it was at `modseq` (RFC 7162 §3.1.3). `true` only with the server's own
   * word for it: an OK alone also follows a STORE on a message that is gone, or that another worker changed first.
   */
  claim(given: { folder: string; uid: number; modseq: bigint; flag: string }): Promise<boolean> {
    return this.#in(given.folder, () => conditionalStore(this.#client, given))
  }

  /** New UID by old UID. @throws Refusal 404 when a folder is gone */
  move(given: { folder: string; uids: readonly number[]; to: string }): Promise<Map<number, number>> {
    return this.#in(given.folder, async () => {
      if (given.uids.length === 0) return new Map()
      const moved = await this.#client.messageMove(given.uids.join(','), given.to, { uid: true })
      if (!moved)
        throw new Refusal(
          409,
          'Không chuyển được thư sang thư mục này.',
          `MOVE from ${given.folder} to ${given.to} was refused`,
        )
      return moved.uidMap ?? new Map()
    })
  }

  copy(given: { folder: string; uids: readonly number[]; to: string }): Promise<Map<number, number>> {
    return this.#in(given.folder, async () => {
      if (given.uids.length === 0) return new Map()
      const copied = await this.#client.messageCopy(given.uids.join(','), given.to, { uid: true })
      if (!copied)
        throw new Refusal(
          409,
          'Không chép được thư sang thư mục này.',
          `COPY from ${given.folder} to ${given.to} was refused`,
        )
      return copied.uidMap ?? new Map()
    })
  }

  /** Removes for good, without passing through the rubbish. */
  expunge(given: { folder: string; uids: readonly number[] }): Promise<void> {
    return this.#in(given.folder, async () => {
      if (given.uids.length > 0 && !(await this.#client.messageDelete(given.uids.join(','), { uid: true })))
        throw refused(
          'Không xóa được thư trong thư mục này.',
          `EXPUNGE of ${given.uids.join(',')} in ${given.folder} was refused`,
        )
    })
  }

  /** The new UID, by APPENDUID. */
  async append(given: { folder: string; raw: Uint8Array; flags?: readonly string[]; date?: Date }): Promise<number> {
    const done = await this.#client
      .append(given.folder, given.raw, [...(given.flags ?? [])], given.date)
      .catch((err: unknown) => {
        throw serverSaid(err, given.folder)
      })
    if (!done || done.uid === undefined) throw new Error(`APPEND to ${given.folder} gave no UID`)
    return done.uid
  }

  /**
   * Yields once at the start, then whenever the folder changed (new mail, flags, expunge), and at least every
   * `everyMs`. Changes during the loop's body are not lost: it runs once more. Ends when `signal` aborts;
   * throws when the connection ends. The body may use this account; give the folder a connection of its own otherwise.
   */
  async *changes(
    folder: string,
    { signal, everyMs = 60_000 }: { signal: AbortSignal; everyMs?: number },
  ): AsyncGenerator<void> {
    yield* changes(this.#client, { user: this.user, select: () => this.#in(folder, async () => {}), signal, everyMs })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#client.usable) await this.#client.logout().catch((err) => log.debug({ err }, 'logout failed'))
    this.#client.close()
  }

  async #in<T>(folder: string, work: (box: { exists: number }) => Promise<T>): Promise<T> {
    const lock = await this.#client.getMailboxLock(folder).catch((err: unknown) => {
      throw (err as { mailboxMissing?: boolean }).mailboxMissing ? gone(folder, err) : err
    })
    try {
      const box = this.#client.mailbox
      if (!box) throw new Error(`${folder} is not selected`)
      return await work(box)
    } finally {
      lock.release()
    }
  }
}

/** Signs in. @throws Refusal 401 when the token ended; Error when the server cannot be reached */
export async function openAccount(access: MailAccess): Promise<MailAccount> {
  const client = new ImapFlow({
    host: access.host,
    port: access.port,
    secure: access.tls !== 'none' && access.tls.at === 'connect',
    doSTARTTLS: access.tls !== 'none' && access.tls.at === 'starttls',
    tls: tlsOptions(access.tls),
    auth: { user: access.user, pass: access.token },
    logger: false,
    disableAutoIdle: true,
    disableCompression: true, // between our own processes it costs more than it saves
    maxIdleTime: MAX_IDLE_MS,
    clientInfo: { name: 'cong-so' },
  })
  // without a listener an error after connect() would end the process; calls in flight are rejected on their own
  client.on('error', (err) => log.warn({ err, user: access.user }, 'IMAP connection failed'))
  try {
    await client.connect()
  } catch (err) {
    client.close()
    if ((err as { authenticationFailed?: boolean }).authenticationFailed)
      throw new Refusal(
        401,
        'Phiên làm việc đã hết. Đăng nhập lại để xem thư.',
        `IMAP sign-in of ${access.user} failed`,
        { cause: err },
      )
    throw err
  }
  // a command is small and followed by silence: Nagle with delayed ACK would cost 40 ms each time
  ;(client as unknown as { socket?: Partial<Socket> }).socket?.setNoDelay?.(true)
  return new MailAccount(client, access.user)
}

function query({ structure = false, headers }: { structure?: boolean; headers?: readonly string[] }) {
  return {
    uid: true,
    flags: true,
    envelope: true,
    internalDate: true,
    size: true,
    bodyStructure: structure,
    ...(headers ? { headers: [...headers] } : {}),
  }
}

function folderOf(f: ListResponse): Folder {
  return {
    path: f.path,
    name: f.name,
    ...(f.specialUse ? { specialUse: f.specialUse } : {}),
    flags: [...f.flags],
    messages: f.status?.messages ?? 0,
    unseen: f.status?.unseen ?? 0,
  }
}
