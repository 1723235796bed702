/** Flags and keywords as clients send them (RFC 9051 §2.3.2), for STORE and APPEND. */
import { maxKeyword } from '../limits.ts'
import { BadSyntax, type Scanner } from './scanner.ts'

export const systemFlags = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'] as const
const bySpelling = new Map(systemFlags.map((flag) => [flag.toLowerCase(), flag as string]))

/**
 * ( flag … ) with each once, system flags in our spelling. \Recent is left out: only the server sets it, and
 * clients that copy flags back send it (RFC 3501 §2.3.2).
 */
export const readFlagList = (args: Scanner): string[] => clean(args.list(() => args.flag()))

/** As STORE allows: with or without parentheses. */
export function readStoreFlags(args: Scanner): string[] {
  if (args.atList) return readFlagList(args)
  const flags = [args.flag()]
  while (args.maySpace() && !args.atEnd) flags.push(args.flag())
  return clean(flags)
}

function clean(flags: readonly string[]): string[] {
  const known = new Set<string>()
  for (const flag of flags) {
    if (!flag.startsWith('\\')) {
      if (flag.length > maxKeyword || !/^[\x21-\x7e]+$/.test(flag)) throw new BadSyntax('a keyword is not well formed')
      known.add(flag)
    } else if (flag.toLowerCase() !== '\\recent') {
      const system = bySpelling.get(flag.toLowerCase())
      if (!system) throw new BadSyntax(`there is no flag ${flag.slice(0, 40)}`)
      known.add(system)
    }
  }
  return [...known]
}
