/** Which mailboxes are meant (RFC 5465 §6; `subtree-one` is RFC 7377's). */
import { maxList } from '../limits.ts'
import { BadSyntax, type Scanner } from './scanner.ts'

const plain = ['selected', 'selected-delayed', 'inboxes', 'personal', 'subscribed'] as const
const named = ['subtree', 'subtree-one', 'mailboxes'] as const

export type MailboxFilter = {
  filter: (typeof plain)[number] | (typeof named)[number]
  /** of those that name mailboxes, as sent */
  names: Buffer[]
}

export function readMailboxFilter(args: Scanner): MailboxFilter {
  const word = args.word('a mailbox filter').toLowerCase()
  const alone = plain.find((each) => each === word)
  if (alone) return { filter: alone, names: [] }
  const filter = named.find((each) => each === word)
  if (!filter) throw new BadSyntax(`there is no mailbox filter ${word.slice(0, 40)}`)
  args.space()
  const names = args.atList
    ? args.list(() => args.astring('a mailbox name'), { empty: false, max: maxList })
    : [args.astring('a mailbox name')]
  return { filter, names }
}
