/** NOTIFY's arguments (RFC 5465 §8) as values. Events that nobody knows are no bad syntax: they are refused by name. */
import { maxNotifyGroups } from '../limits.ts'
import { type FetchItem, readItem } from './fetch.ts'
import { type MailboxFilter, readMailboxFilter } from './mailboxes.ts'
import { BadSyntax, type Scanner } from './scanner.ts'

export const notifyEvents = [
  'MessageNew',
  'MessageExpunge',
  'FlagChange',
  'MailboxName',
  'SubscriptionChange',
  'MailboxMetadataChange',
  'ServerMetadataChange',
] as const
export type NotifyEvent = (typeof notifyEvents)[number]
const messageEvents: readonly NotifyEvent[] = ['MessageNew', 'MessageExpunge', 'FlagChange']

export type NotifyGroup = MailboxFilter & {
  /** empty: NONE */
  events: ReadonlySet<NotifyEvent>
  /** what MessageNew of the selected mailbox tells of each message */
  items: readonly FetchItem[]
}
export type NotifyArguments = { status: boolean; groups: NotifyGroup[]; unsupported?: string }

export function readNotify(args: Scanner): NotifyArguments {
  args.space()
  const word = args.word('SET or NONE')
  const asked: NotifyArguments = { status: false, groups: [] }
  if (word === 'NONE') {
    args.end()
    return asked
  }
  if (word !== 'SET') throw new BadSyntax('NOTIFY takes SET or NONE')
  args.space()
  if (!args.atList) {
    if (args.word('STATUS') !== 'STATUS') throw new BadSyntax('expected STATUS or an event group')
    asked.status = true
    args.space()
  }
  do {
    if (asked.groups.length >= maxNotifyGroups) throw new BadSyntax(`NOTIFY takes ${maxNotifyGroups} event groups`)
    asked.groups.push(readGroup(args, asked))
  } while (args.maySpace() && !args.atEnd)
  args.end()
  check(asked)
  return asked
}

function readGroup(args: Scanner, asked: NotifyArguments): NotifyGroup {
  args.expect('(')
  const filter = readMailboxFilter(args)
  if (filter.filter === 'subtree-one') throw new BadSyntax('NOTIFY does not know the filter SUBTREE-ONE')
  args.space()
  const group = { ...filter, ...readEvents(args, asked) }
  args.expect(')')
  return group
}

function readEvents(args: Scanner, asked: NotifyArguments): Pick<NotifyGroup, 'events' | 'items'> {
  const events = new Set<NotifyEvent>()
  let items: FetchItem[] = []
  if (!args.atList) {
    if (args.word('events') !== 'NONE') throw new BadSyntax('expected a list of events or NONE')
    return { events, items }
  }
  args.list(
    () => {
      const name = args.atom('an event')
      const event = notifyEvents.find((each) => each.toLowerCase() === name.toLowerCase())
      if (!event) {
        asked.unsupported = name.slice(0, 40)
        return
      }
      events.add(event)
      const ahead = args.fork()
      if (event !== 'MessageNew' || !ahead.maySpace() || !ahead.atList) return
      args.space()
      items = args.list(() => readItem(args), { empty: false })
    },
    { empty: false },
  )
  return { events, items }
}

/** §5 and §6.1: what must come together, and what may not. */
function check({ groups, unsupported }: NotifyArguments): void {
  if (groups.filter(({ filter }) => filter.startsWith('selected')).length > 1)
    throw new BadSyntax('one of SELECTED and SELECTED-DELAYED')
  for (const { filter, events } of groups) {
    if (filter.startsWith('selected') && [...events].some((event) => !messageEvents.includes(event)))
      throw new BadSyntax('the selected mailbox has message events only')
    if (unsupported !== undefined) continue
    if (events.has('MessageNew') !== events.has('MessageExpunge'))
      throw new BadSyntax('MessageNew and MessageExpunge come together')
    if (events.has('FlagChange') && !events.has('MessageNew'))
      throw new BadSyntax('FlagChange comes with MessageNew and MessageExpunge')
  }
}
