/** The items of STATUS (RFC 9051 §6.3.11, RFC 7162, RFC 7889, RFC 8438, RFC 8474, RFC 9208 §4.1.4). */
import { BadSyntax, type Scanner } from './scanner.ts'

export const statusItems = [
  'MESSAGES',
  'UIDNEXT',
  'UIDVALIDITY',
  'UNSEEN',
  'RECENT',
  'SIZE',
  'DELETED',
  'DELETED-STORAGE',
  'HIGHESTMODSEQ',
  'MAILBOXID',
  'APPENDLIMIT',
] as const
export type StatusItem = (typeof statusItems)[number]

export function readStatusItems(args: Scanner): StatusItem[] {
  return args.list(
    () => {
      const name = args.word('a status item')
      const item = statusItems.find((each) => each === name)
      if (!item) throw new BadSyntax(`STATUS does not know ${name.slice(0, 40)}`)
      return item
    },
    { empty: false },
  )
}
