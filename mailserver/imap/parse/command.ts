/**
 * Takes one command from the client: its line and its literals (synchronising, or LITERAL+ as RFC 7888 has
 * it), within the limits of the session's state. Nothing is interpreted here but the tag and the name.
 */

import type { ByteSource } from '#mailserver/sessions/source.ts'
import {
  maxCommand,
  maxLine,
  maxLineBeforeLogin,
  maxLiteral,
  maxLiteralBeforeLogin,
  maxLiterals,
  maxSkip,
  maxSkipMessage,
} from '../limits.ts'
import { BadSyntax, type Piece, Scanner } from './scanner.ts'

export type Received =
  | { kind: 'command'; tag: string; name: string; args: Scanner; release?: () => void }
  /** `tag` "*" when none could be read; `close`: no next command can be found */
  | { kind: 'bad'; tag: string; text: string; close?: boolean }
  | { kind: 'refused'; tag: string; reply: string }
  | { kind: 'gone' }

/** What a command says of a literal that is longer than an argument may be. */
export type Admission = { large: true; release: () => void } | { refuse: string }

export type ReadingRules = {
  signedIn: boolean
  /**
   * Asked for each literal beyond `maxLiteral`, and for every one of a command that takes messages.
   * @returns undefined when the command takes no large literal here; `refuse`: response text "NO …"
   */
  admit(name: string, soFar: Scanner, octets: number): Promise<Admission | undefined>
  /** Sends the continuation "+", which asks for a synchronising literal. */
  goAhead(): Promise<void>
}

/** A tag of 100 characters, a name, and another. */
const headOctets = 160
const literalAtEnd = /(~?)\{(\d{1,20})(\+?)\}$/

export async function readCommand(source: ByteSource, rules: ReadingRules): Promise<Received> {
  const lineMax = rules.signedIn ? maxLine : maxLineBeforeLogin
  const literalMax = rules.signedIn ? maxLiteral : maxLiteralBeforeLogin
  const first = await source.line(lineMax)
  if (first === undefined) return { kind: 'gone' }
  // with its own tag, or the client would wait for that for ever
  if (first === 'too-long') return skipLong(source, lineMax, readHead(source.peek(headOctets))?.tag)
  const head = readHead(first)
  if (!head) {
    // A literal announced by a line that is no command is thrown away with it, or it would be read as commands.
    const rest = literalOf(first)
    return rest
      ? skipRest(source, rest, { kind: 'bad', tag: '*', text: 'a tag and a command are missing' })
      : { kind: 'bad', tag: '*', text: 'a tag and a command are missing' }
  }
  const { tag, name } = head
  const pieces: Piece[] = []
  const releases: (() => void)[] = []
  const release = () => {
    for (const done of releases.splice(0)) done()
  }
  const give = (answer: Received): Received => {
    release()
    return answer
  }
  let line: Buffer = first.subarray(head.length)
  let total = first.length
  let literals = 0
  for (;;) {
    const announced = literalOf(line)
    if (!announced) {
      pieces.push({ literal: false, octets: line })
      return { kind: 'command', tag, name, args: new Scanner(pieces), ...(releases.length ? { release } : {}) }
    }
    pieces.push({ literal: false, octets: line.subarray(0, line.length - announced.text) })
    const admission = rules.signedIn ? await rules.admit(name, new Scanner(pieces), announced.octets) : undefined
    if (admission && 'refuse' in admission)
      return give(await skipRest(source, announced, { kind: 'refused', tag, reply: admission.refuse }))
    if (!admission) {
      const why =
        ++literals > maxLiterals
          ? 'too many literals'
          : announced.octets > literalMax
            ? `a literal may have ${literalMax} octets here`
            : total + announced.octets > maxCommand
              ? 'the command is too long'
              : undefined
      if (why) return give(await skipRest(source, announced, { kind: 'bad', tag, text: why }))
      total += announced.octets
    } else releases.push(admission.release)
    if (announced.synchronising) await rules.goAhead()
    const octets = await source.exactly(announced.octets)
    if (!octets) return give({ kind: 'gone' })
    pieces.push({ literal: true, octets, binary: announced.binary })
    const next = await source.line(lineMax)
    if (next === undefined) return give({ kind: 'gone' })
    if (next === 'too-long' || total + next.length > maxCommand)
      return give(
        next === 'too-long'
          ? await skipLong(source, lineMax, tag)
          : { kind: 'bad', tag, text: 'the command is too long', close: true },
      )
    total += next.length
    line = next
  }
}

type Announced = { octets: number; synchronising: boolean; binary: boolean; text: number }

function literalOf(line: Buffer): Announced | undefined {
  if (line.at(-1) !== 125 /* } */) return undefined
  const m = literalAtEnd.exec(line.toString('latin1', Math.max(0, line.length - 24)))
  return m ? { octets: Number(m[2]), synchronising: m[3] === '', binary: m[1] === '~', text: m[0].length } : undefined
}

/** tag SP name; `length` is how much of the line they take. "UID FETCH" is one name. */
function readHead(line: Buffer): { tag: string; name: string; length: number } | undefined {
  const m = /^([^\0-\x20(){%*"\\+\x7f-\xff]{1,100}) ([A-Za-z0-9]{1,20})( [A-Za-z]{1,20})?/.exec(
    line.toString('latin1', 0, headOctets),
  )
  if (!m) return undefined
  const name = m[2]!.toUpperCase()
  const long = name === 'UID' && m[3] !== undefined
  return {
    tag: m[1]!,
    name: long ? `UID${m[3]!.toUpperCase()}` : name,
    length: m[1]!.length + 1 + m[2]!.length + (long ? m[3]!.length : 0),
  }
}

async function skipLong(source: ByteSource, max: number, tag = '*'): Promise<Received> {
  const tail = await source.skipLine(maxSkip)
  const bad: Received & { kind: 'bad' } = { kind: 'bad', tag, text: `a line may have ${max} octets` }
  if (!tail) return { ...bad, close: true }
  const announced = literalOf(tail)
  return announced ? skipRest(source, announced, bad) : bad
}

/** Throws away what the client has already sent of a refused command. A synchronising literal never comes. */
async function skipRest(
  source: ByteSource,
  first: Announced,
  answer: Received & { kind: 'bad' | 'refused' },
): Promise<Received> {
  let skipped = 0
  for (let announced: Announced | undefined = first; announced; ) {
    if (announced.synchronising) return answer
    skipped += announced.octets
    if (skipped > (answer.kind === 'refused' ? maxSkipMessage : maxSkip))
      return { kind: 'bad', tag: answer.tag, text: 'too much to skip', close: true }
    if (!(await source.skip(announced.octets))) return { kind: 'gone' }
    const tail = await source.skipLine(maxSkip)
    if (!tail) return { kind: 'gone' }
    announced = literalOf(tail)
  }
  return answer
}

export { BadSyntax }
