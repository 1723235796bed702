import { fromLegacy, guessLegacy, type Legacy } from '#kit/vi/legacy.ts'
import type { Text } from './text.ts'

/**
 * Runs of a paragraph in the order of the document. Neighbours of one encoding are turned together, since a vowel and its mark may stand in
 * two runs; those whose font says nothing are judged together, since a run may be three letters.
 */
export class Runs {
  readonly #out: Text
  readonly #hint: Legacy | undefined
  #text = ''
  #known: Legacy | undefined

  /** @param hint an old encoding that some font of the document names */
  constructor(out: Text, hint: Legacy | undefined) {
    this.#out = out
    this.#hint = hint
  }

  say(text: string, known: Legacy | undefined): void {
    if (known !== this.#known) this.flush()
    this.#known = known
    this.#text += text
  }

  /** Ends a paragraph. @throws Enough */
  flush(): void {
    const text = this.#text
    this.#text = ''
    this.#out.add(this.#known ? fromLegacy(text, this.#known) : guessLegacy(text, this.#hint))
  }
}
