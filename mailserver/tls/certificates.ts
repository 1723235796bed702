import type { Pair } from './pair.ts'

/** The certificates that are served now, and word of new ones. */
export interface Certificates {
  /** at least one; the first is for clients that ask for no name, or for one that is not ours */
  readonly pairs: readonly Pair[]
  /** @returns the function that ends the subscription */
  onChange(listener: (pairs: readonly Pair[]) => void): () => void
}

/** Certificates that somebody sets, and everyone who serves them follows. */
export class Current implements Certificates {
  #pairs: readonly Pair[]
  readonly #listeners = new Set<(pairs: readonly Pair[]) => void>()

  constructor(pairs: readonly Pair[]) {
    this.#pairs = pairs
  }

  get pairs(): readonly Pair[] {
    return this.#pairs
  }

  set(pairs: readonly Pair[]): void {
    this.#pairs = pairs
    for (const listener of this.#listeners) listener(pairs)
  }

  onChange(listener: (pairs: readonly Pair[]) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
