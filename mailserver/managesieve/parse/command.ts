/**
 * Commands as they arrive (RFC 5804 §4): a word, then strings and numbers. Literals are read as they come, within a limit that
 * stands before the first octet is kept; a script that is too large is read past, so that the session can go on.
 */
import { ClientGone } from '#mailserver/sessions/output.ts'
import type { ByteSource } from '#mailserver/sessions/source.ts'
import { maxArguments, maxLine, maxSkipped } from '../limits.ts'
import { BadSyntax } from '../reply.ts'

export type Argument = { kind: 'string'; octets: Buffer; tooLarge?: true } | { kind: 'number'; value: number }
export type Read = { name: string; args: Argument[] }

/** The client sent what can be neither read nor skipped. */
export class Unreadable extends Error {
  override name = 'Unreadable'
}

/**
 * @param begun called when its first line is there
 * @returns undefined when the client has gone
 * @throws BadSyntax, Unreadable
 */
export async function readCommand(input: ByteSource, maxLiteral: number, begun: () => void): Promise<Read | undefined> {
  const first = await input.line(maxLine)
  if (first === undefined) return undefined
  begun()
  const { words, wrong } = await readWords(input, first, maxLiteral)
  if (wrong) throw new BadSyntax(wrong)
  const [name, ...args] = words
  if (name === undefined || typeof name !== 'string') throw new BadSyntax('a command starts with its name')
  if (args.length > maxArguments) throw new BadSyntax('too many arguments')
  for (const arg of args) if (typeof arg === 'string') throw new BadSyntax(`"${arg.slice(0, 40)}" is no argument`)
  return { name: name.toUpperCase(), args: args as Argument[] }
}

/** One string on a line of its own: an answer in a SASL exchange. @returns undefined when the client has gone */
export async function readResponse(input: ByteSource, maxLiteral: number): Promise<string | undefined> {
  const first = await input.line(maxLine)
  if (first === undefined) return undefined
  const { words, wrong } = await readWords(input, first, maxLiteral)
  const [only] = words
  if (wrong || words.length !== 1 || typeof only !== 'object' || only.kind !== 'string')
    throw new BadSyntax(wrong ?? 'expected one string')
  return only.octets.toString('latin1')
}

type Word = string | Argument

/** Goes on to the end of the command whatever is wrong with it, so that its rest is not taken for the next one. */
async function readWords(
  input: ByteSource,
  first: Buffer | 'too-long',
  maxLiteral: number,
): Promise<{ words: Word[]; wrong?: string }> {
  const words: Word[] = []
  let wrong: string | undefined
  let line = first
  for (;;) {
    if (line === 'too-long') throw new Unreadable('the line is too long')
    const text = line.toString('latin1')
    const announced = /\{([0-9]{1,12})\+?\}$/.exec(text)
    const part = announced ? text.slice(0, announced.index) : text
    wrong ??= wordsOf(part, words)
    if (!announced) return wrong === undefined ? { words } : { words, wrong }
    const length = Number(announced[1])
    if (length > maxSkipped) throw new Unreadable('the literal is too large')
    if (words.length > maxArguments) throw new Unreadable('too many literals')
    if (length > maxLiteral) {
      if (!(await input.skip(length))) throw new ClientGone()
      words.push({ kind: 'string', octets: Buffer.alloc(0), tooLarge: true })
    } else {
      const octets = await input.exactly(length)
      if (!octets) throw new ClientGone()
      words.push({ kind: 'string', octets })
    }
    const next = await input.line(maxLine)
    if (next === undefined) throw new ClientGone()
    line = next
  }
}

const WORD = /[ \t]*(?:"((?:[^"\\]|\\["\\])*)"|([0-9]{1,12})(?![^ \t])|([A-Za-z][A-Za-z0-9]{0,30})(?![^ \t]))/y

/** @returns what is wrong, or undefined */
function wordsOf(text: string, into: Word[]): string | undefined {
  const end = text.trimEnd().length
  WORD.lastIndex = 0
  while (WORD.lastIndex < end) {
    const m = WORD.exec(text)
    if (!m) return 'the command cannot be read'
    if (m[1] !== undefined)
      into.push({ kind: 'string', octets: Buffer.from(m[1].replaceAll(/\\(["\\])/g, '$1'), 'latin1') })
    else if (m[2] !== undefined) into.push({ kind: 'number', value: Number(m[2]) })
    else into.push(m[3]!)
    if (into.length > maxArguments + 1) return 'too many arguments'
  }
  return undefined
}
