/** Arguments of commands, one after the other. Pure. */
import { BadSyntax } from '../reply.ts'
import type { Argument } from './command.ts'

export class Arguments {
  readonly #left: Argument[]

  constructor(given: readonly Argument[]) {
    this.#left = [...given]
  }

  get more(): boolean {
    return this.#left.length > 0
  }

  octets(what: string): { octets: Buffer; tooLarge: boolean } {
    const next = this.#left.shift()
    if (next?.kind !== 'string') throw new BadSyntax(`expected ${what}`)
    return { octets: next.octets, tooLarge: next.tooLarge === true }
  }

  /** Strict UTF-8 without NUL. */
  text(what: string): string {
    const { octets, tooLarge } = this.octets(what)
    if (tooLarge) throw new BadSyntax(`${what} is too long`)
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
      if (!text.includes('\0')) return text
    } catch {
      // said below
    }
    throw new BadSyntax(`${what} is not UTF-8`)
  }

  number(what: string): number {
    const next = this.#left.shift()
    if (next?.kind !== 'number') throw new BadSyntax(`expected ${what}`)
    return next.value
  }

  end(): void {
    if (this.#left.length > 0) throw new BadSyntax('too many arguments')
  }
}
