import type { AccountId, Change } from '../port.ts'

const kinds = [
  'exists',
  'flags',
  'vanished',
  'folders',
  'metadata',
  'queue',
] as const satisfies readonly Change['kind'][]
/** Accounts share a counter with those that have the same remainder: a thread hears now and then of one that nobody asked for. */
const ACCOUNTS = 4096

/**
 * What the listeners of one thread want to hear of, counted where the writer sees it without a message: a notice wakes the thread
 * that gets it, and most notices are of accounts that nobody there has open.
 */
export class Wants {
  /** to be handed to the other thread */
  readonly shared: SharedArrayBuffer
  readonly #counts: Int32Array

  constructor(shared = new SharedArrayBuffer((kinds.length + ACCOUNTS) * Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared
    this.#counts = new Int32Array(shared)
  }

  /** @returns what ends it */
  ofKinds(wanted: readonly Change['kind'][] = kinds): () => void {
    return this.#count(wanted.map((kind) => kinds.indexOf(kind)))
  }

  /** Whatever is read after this: the writer tells of what it commits later. @returns what ends it */
  ofAccount(account: AccountId): () => void {
    return this.#count([kinds.length + (account % ACCOUNTS)])
  }

  /** By the writer, after the commit. */
  has(change: Change): boolean {
    return (
      Atomics.load(this.#counts, kinds.indexOf(change.kind)) > 0 ||
      ('account' in change && Atomics.load(this.#counts, kinds.length + (change.account % ACCOUNTS)) > 0)
    )
  }

  #count(places: readonly number[]): () => void {
    for (const place of places) Atomics.add(this.#counts, place, 1)
    let counted = true
    return () => {
      if (counted) for (const place of places) Atomics.sub(this.#counts, place, 1)
      counted = false
    }
  }
}
