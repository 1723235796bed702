/** A mailbox on somebody else's IMAP server, read from beginning to end; nothing there is changed. */
import { ImapFlow, type ListResponse } from 'imapflow'

export type Elsewhere = {
  host: string
  port: number
  /** `none`: the password crosses the net as it is */
  security: 'tls' | 'starttls' | 'none'
  /** PEM of an authority to be trusted besides the system's */
  ca?: string
  user: string
  password: string
  /** whose mailbox, when `user` is one who may open others' (SASL PLAIN's authorization identity, RFC 4616) */
  authorizeAs?: string
}
export type FolderElsewhere = {
  path: string
  levels: string[]
  specialUse?: string
  uidValidity: bigint
  messages: number
}
export type SummaryElsewhere = { uid: number; size: number; flags: string[]; at: Date }

/** Uses of folders that only show what lies in others (RFC 6154 §2), and what others let this person see. */
const views = new Set(['\\All', '\\Flagged', '\\Important'])
/** FETCH of so many at once: a summary is some hundred octets. */
const summariesTogether = 1_000

export class MailElsewhere implements Disposable {
  readonly #client: ImapFlow

  private constructor(client: ImapFlow) {
    this.#client = client
  }

  /** @throws Error with what the server or TLS said */
  static async open({ host, port, security, ca, user, password, authorizeAs }: Elsewhere): Promise<MailElsewhere> {
    const client = new ImapFlow({
      host,
      port,
      secure: security === 'tls',
      doSTARTTLS: security === 'starttls',
      tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
      auth: { user, pass: password, ...(authorizeAs !== undefined && { authzid: authorizeAs }) },
      logger: false,
      disableAutoIdle: true,
      clientInfo: { name: 'cong-so' },
    })
    client.on('error', () => undefined) // calls under way are rejected on their own
    try {
      await client.connect()
    } catch (err) {
      client.close()
      const said = (err as { responseText?: string }).responseText ?? (err as Error).message
      throw new Error(`${host}:${port}: ${said}`, { cause: err })
    }
    return new MailElsewhere(client)
  }

  /** Those of the mailbox's own that hold messages, without views of others; INBOX first. */
  async folders(): Promise<FolderElsewhere[]> {
    const { other, shared } = this.#client.namespaces ?? { other: false, shared: false }
    const foreign = [...(other || []), ...(shared || [])].map((n) => n.prefix).filter((prefix) => prefix !== '')
    const listed = (await this.#client.list()).filter(
      ({ path, flags, specialUse }) =>
        !flags.has('\\Noselect') &&
        !flags.has('\\NonExistent') &&
        !views.has(specialUse ?? '') &&
        !foreign.some((prefix) => path.startsWith(prefix)),
    )
    const found: FolderElsewhere[] = []
    for (const folder of listed) {
      const { messages = 0, uidValidity = 0n } =
        (await this.#client.status(folder.path, { messages: true, uidValidity: true })) || {}
      const { path, specialUse } = folder
      found.push({ path, levels: this.#levels(folder), uidValidity, messages, ...(specialUse && { specialUse }) })
    }
    return found.sort((a, b) => Number(b.path === 'INBOX') - Number(a.path === 'INBOX'))
  }

  /** In the order of their UIDs. */
  async *summaries(folder: string): AsyncGenerator<SummaryElsewhere> {
    const box = await this.#client.mailboxOpen(folder, { readOnly: true })
    for (let from = 1; from <= box.exists; from += summariesTogether) {
      const to = Math.min(box.exists, from + summariesTogether - 1)
      const rows = await this.#client.fetchAll(`${from}:${to}`, {
        uid: true,
        size: true,
        flags: true,
        internalDate: true,
      })
      for (const { uid, size = 0, flags, internalDate } of rows)
        yield { uid, size, flags: [...(flags ?? [])], at: new Date(internalDate ?? 0) }
    }
  }

  /** Of the folder whose summaries were read last; \Seen is not set. @returns undefined when it is gone */
  async octets(uid: number): Promise<Buffer | undefined> {
    const one = await this.#client.fetchOne(String(uid), { source: true }, { uid: true })
    return one ? one.source : undefined
  }

  /** "INBOX.Sent" of servers whose folders all lie below INBOX is Sent. */
  #levels({ path, delimiter }: ListResponse): string[] {
    const prefix = (this.#client.namespaces?.personal || [])[0]?.prefix ?? ''
    const own =
      prefix !== '' && path.startsWith(prefix) && path.length > prefix.length ? path.slice(prefix.length) : path
    return delimiter ? own.split(delimiter) : [own]
  }

  [Symbol.dispose](): void {
    this.#client.close()
  }
}
