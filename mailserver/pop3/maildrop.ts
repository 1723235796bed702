/**
 * The messages of a mailbox as they were at sign-in, numbered from 1 (RFC 1939 §4): numbers and sizes stay while the session
 * lasts, whatever others do. Twelve octets for each message; one session for each mailbox bounds the sum.
 */
import type { Mailbox, StoreReader } from '#mailserver/store/port.ts'
import { Refused } from './reply.ts'

export class Maildrop {
  readonly mailbox: Mailbox
  readonly #uids: Uint32Array
  readonly #sizes: Float64Array
  readonly #deleted = new Set<number>()
  #octets = 0
  #deletedOctets = 0

  constructor(mailbox: Mailbox, read: StoreReader) {
    this.mailbox = mailbox
    const { uids, sizes } = read.lineSizes(mailbox.id)
    this.#uids = uids
    this.#sizes = sizes
    for (const size of sizes) this.#octets += size
  }

  /** messages at sign-in, deleted ones included */
  get last(): number {
    return this.#uids.length
  }

  /** messages not deleted, and their octets */
  get left(): { messages: number; octets: number } {
    return { messages: this.last - this.#deleted.size, octets: this.#octets - this.#deletedOctets }
  }

  /** UIDs to be removed at QUIT, ascending */
  get deleted(): number[] {
    return [...this.#deleted].sort((a, b) => a - b).map((n) => this.#uids[n - 1]!)
  }

  isDeleted(n: number): boolean {
    return this.#deleted.has(n)
  }

  uid(n: number): number {
    return this.#uids[n - 1]!
  }

  /** octets as they are sent, before dot-stuffing (RFC 1939 §11) */
  size(n: number): number {
    return this.#sizes[n - 1]!
  }

  /** RFC 1939 §7: stable and unique; a mailbox made again under the same name has another validity */
  uniqueId(n: number): string {
    return `${this.mailbox.uidValidity}.${this.uid(n)}`
  }

  /** @throws Refused when there is no such message, or it was deleted in this session */
  mustHave(n: number): number {
    if (n < 1 || n > this.last) throw new Refused(`there is no message ${n}, the last is ${this.last}`)
    if (this.#deleted.has(n)) throw new Refused(`message ${n} is deleted`)
    return n
  }

  delete(n: number): void {
    this.#deleted.add(this.mustHave(n))
    this.#deletedOctets += this.size(n)
  }

  reset(): void {
    this.#deleted.clear()
    this.#deletedOctets = 0
  }
}
