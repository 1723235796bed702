/** Puts the messages of a source into a mailbox, in batches; each is known by a key, so that a repeat adds nothing. */
import { createHash } from 'node:crypto'
import type { Directory } from '#kit/directory/calls.ts'
import type { FoundMessage } from './found.ts'

/** Of one call: few enough to be in memory twice, enough for one commit to be worth it. */
const batchOctets = 8 * 1024 * 1024
const batchMessages = 100

export type Into = { account: string; folder?: string; dryRun?: boolean; by: string }
export type Imported = { found: number; added: number; octets: number; skipped: { where: string; why: string }[] }

export class Importer {
  readonly #directory: Directory
  readonly #into: Into
  readonly sum: Imported = { found: 0, added: 0, octets: 0, skipped: [] }
  #first: string | undefined
  #folder = ''
  #batch: { raw: Buffer; flags: string[]; at: string; key: string }[] = []
  #octets = 0
  /** how often each message stood in this folder so far: equal letters are different ones, and the same again at the next run */
  readonly #seen = new Map<string, number>()

  constructor(directory: Directory, into: Into, first: string) {
    this.#directory = directory
    this.#into = into
    this.#first = first.slice(0, 1000)
  }

  /** @param kind of the source: the folder of an mbox is decided, others' are put below `folder` */
  async take(message: FoundMessage, kind: 'mbox' | 'maildir' | 'imap'): Promise<void> {
    if ('skipped' in message) {
      this.sum.skipped.push({ where: message.where, why: message.skipped })
      return
    }
    if ('known' in message) {
      this.sum.found++
      this.sum.octets += message.known
      return
    }
    const { raw, flags, at } = message
    const folder = kind !== 'mbox' ? placed(message.folder, this.#into.folder) : message.folder
    this.sum.found++
    this.sum.octets += raw.length
    if (this.#into.dryRun) return
    if (folder !== this.#folder || this.#octets + raw.length > batchOctets || this.#batch.length >= batchMessages)
      await this.flush()
    this.#folder = folder
    this.#octets += raw.length
    if (message.key !== undefined) {
      this.#batch.push({ raw, flags, at: at.toISOString(), key: message.key })
      return
    }
    const same = createHash('sha256').update(`${folder}\0`).update(raw).digest('base64url').slice(0, 22)
    const n = (this.#seen.get(same) ?? 0) + 1
    this.#seen.set(same, n)
    this.#batch.push({ raw, flags, at: at.toISOString(), key: `${same}-${n}` })
  }

  async flush(): Promise<void> {
    if (this.#batch.length === 0) return
    const { added } = await this.#directory['mail.import']({
      address: this.#into.account,
      folder: this.#folder,
      messages: this.#batch,
      ...(this.#first !== undefined && { first: this.#first }),
      by: this.#into.by,
    })
    this.#first = undefined
    this.sum.added += added
    this.#batch = []
    this.#octets = 0
  }
}

/** Below `under`, where INBOX is `under` itself. */
export const placed = (folder: string, under: string | undefined): string =>
  under === undefined ? folder : folder === 'INBOX' ? under : `${under}/${folder}`
