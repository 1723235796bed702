/** A search, or flags, written on a command line in the words of IMAP. Pure. */
import type { Mailbox, SearchKey } from '#mailserver/store/port.ts'
import { readStoreFlags } from './parse/flags.ts'
import { BadSyntax, Scanner } from './parse/scanner.ts'
import { type AskedKey, readCriteria } from './parse/search.ts'
import { nobody, resolveIn } from './resolve.ts'

/** @throws BadSyntax */
export const readQuery = (text: string): AskedKey => readCriteria(scanned(text), undefined).key

/** Flags as STORE takes them. @throws BadSyntax */
export function readFlags(text: string): string[] {
  const args = scanned(text)
  const flags = readStoreFlags(args)
  args.end()
  return flags
}

function scanned(text: string): Scanner {
  if (/[\r\n\0]/.test(text)) throw new BadSyntax('write it on one line')
  return new Scanner([{ literal: false, octets: Buffer.from(text) }])
}

/** @throws BadSyntax for message numbers: outside a session they name nothing */
export function queryIn(mailbox: Pick<Mailbox, 'uidNext'>, asked: AskedKey, now: number): SearchKey {
  const last = Math.max(1, mailbox.uidNext - 1)
  const here = {
    recent: nobody,
    set(set: Parameters<Parameters<typeof resolveIn>[0]['set']>[0], byUid: boolean): [number, number][] {
      if (!byUid || set.saved) throw new BadSyntax('write UID before numbers')
      return set.ranges.map(([from, to]) => [
        Math.min(from, last),
        to === Infinity ? Math.max(last, from === Infinity ? 0 : from) : to,
      ])
    },
  }
  return resolveIn(here, asked, now)
}
