import { MAX_FILE_TEXT } from './limits.ts'

/** Thrown to leave a parser early; caught by `extract`. */
export class Enough extends Error {
  override name = 'Enough'
}

/** A file's text while it is gathered: bounded, in pieces, so that a million runs cost a million pushes and no more. */
export class Text {
  readonly #pieces: string[] = []
  #length = 0

  /** @throws Enough when the limit is reached */
  add(piece: string): void {
    if (piece === '') return
    const room = MAX_FILE_TEXT - this.#length
    this.#pieces.push(piece.length > room ? piece.slice(0, room) : piece)
    this.#length += piece.length
    if (this.#length >= MAX_FILE_TEXT) throw new Enough('the text is long enough')
  }

  toString(): string {
    return this.#pieces.join('')
  }
}
