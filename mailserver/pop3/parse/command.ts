/** One command line: the keyword and what follows it, as text. Pure. */
import { Refused } from '../reply.ts'

export type Line = { name: string; args: string }

/** @throws Refused when it is no command, or not UTF-8 */
export function readLine(octets: Uint8Array): Line {
  const text = utf8(octets)
  const [, name = '', args = ''] = /^([A-Za-z0-9]{3,16})(?: (.*))?$/s.exec(text) ?? []
  if (name === '') throw new Refused('that is no command')
  return { name: name.toUpperCase(), args }
}

/** @throws Refused */
export function utf8(octets: Uint8Array): string {
  try {
    return decoder.decode(octets)
  } catch {
    throw new Refused('that is not UTF-8')
  }
}
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws Refused */
export function nothing(args: string): undefined {
  if (args.trim() !== '') throw new Refused('it takes no argument')
  return undefined
}

/** @throws Refused */
export function number(args: string): number {
  const match = /^ *(\d{1,10}) *$/.exec(args)
  if (!match) throw new Refused('a message number is missing')
  return Number(match[1])
}

/** @throws Refused */
export const maybeNumber = (args: string): number | undefined => (args.trim() === '' ? undefined : number(args))
