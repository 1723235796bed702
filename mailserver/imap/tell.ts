/** Everything that a session is told without having asked at this moment: its selected mailbox first, then its notices. */

import type { FolderEvent } from '#mailserver/store/port.ts'
import { announce } from './announce.ts'
import { entryName } from './commands/metadata.ts'
import { statusText } from './commands/status.ts'
import { updateContexts } from './contexts.ts'
import type { MessageChange, Notices } from './notices.ts'
import type { StatusItem } from './parse/status.ts'
import { type Located, placeOf, separator, spotIn } from './places.ts'
import type { Session } from './session.ts'
import { mailboxName } from './write/text.ts'

export type Occasion = {
  /** numbers may change now */
  expunge: boolean
  /** the client asks for changes of the selected mailbox by this command, whatever NOTIFY says */
  asked: boolean
}

export async function tell(session: Session, occasion: Occasion): Promise<void> {
  const wish = session.notices?.selected
  // SELECTED NONE, or no such group: not unless a command makes the changes itself or asks for them
  if (!wish || wish.events.size > 0 || occasion.asked) {
    await announce(session, { expunge: occasion.expunge, wish })
    await updateContexts(session)
  }
  if (session.notices) await tellNotices(session, session.notices)
}

async function tellNotices(session: Session, notices: Notices): Promise<void> {
  const { out } = session
  if (notices.overflowed) {
    notices.forget()
    out.line('* OK [NOTIFICATIONOVERFLOW] Too much has changed; nothing more is told')
    return
  }
  const { messages, folders, metadata } = notices
  if (messages.size + folders.length + metadata.length === 0) return
  const changed = [...messages]
  notices.forget()
  for (const { account, event } of folders) {
    const line = folderLine(session, notices, account, event)
    if (line) out.line(line)
    await out.drained()
  }
  for (const [id, events] of changed) {
    const line = messagesLine(session, notices, id, events)
    if (line) out.line(line)
    await out.drained()
    await session.turn()
  }
  for (const { mailbox, entries } of metadata) {
    const name = mailbox === 0 ? '' : named(session, notices, mailbox)
    if (name !== undefined)
      out.line(`* METADATA ${mailboxName(name, session.utf8)} ${entries.map(entryName).join(' ')}`)
    await out.drained()
  }
}

function named(session: Session, notices: Notices, id: number): string | undefined {
  const located = placeOf(session, id)
  return located && notices.wants('MailboxMetadataChange', located) ? located.place.name : undefined
}

/** §5.1 – §5.3: counts, never the messages. */
function messagesLine(
  session: Session,
  notices: Notices,
  id: number,
  changes: ReadonlySet<MessageChange>,
): string | undefined {
  const located = session.view?.watch.id === id ? undefined : placeOf(session, id)
  if (!located?.place.rights.includes('r')) return undefined
  const wanted = [...changes].filter((change) => notices.wants(change, located))
  if (wanted.length === 0) return undefined
  return statusText(session, located, statusItemsOf(session, new Set(wanted)))
}

/** HIGHESTMODSEQ goes only to those who know of it, but with flags it is what says that there is news. */
function statusItemsOf(session: Session, changes: ReadonlySet<MessageChange>): StatusItem[] {
  const counted = changes.has('MessageNew') || changes.has('MessageExpunge')
  const flags = changes.has('FlagChange')
  return [
    ...(counted ? (['UIDNEXT', 'MESSAGES'] as const) : []),
    ...(flags ? (['UIDVALIDITY', 'UNSEEN'] as const) : []),
    ...(flags || session.condstore ? (['HIGHESTMODSEQ'] as const) : []),
  ]
}

/** §3.1: what NOTIFY SET STATUS tells of each mailbox before its reply. */
export function firstStatus(session: Session, notices: Notices, located: Located): string | undefined {
  if (located.mailbox.id === session.view?.watch.id || !located.place.rights.includes('r')) return undefined
  if (!notices.wants('MessageNew', located)) return undefined
  const flags = notices.wants('FlagChange', located)
  return statusText(session, located, [
    'MESSAGES',
    'UIDNEXT',
    'UIDVALIDITY',
    ...(flags ? (['UNSEEN'] as const) : []),
    ...(session.condstore ? (['HIGHESTMODSEQ'] as const) : []),
  ])
}

/** §5.4, §5.5: the name as it is now, by an extended LIST. */
function folderLine(session: Session, notices: Notices, account: number, told: FolderEvent): string | undefined {
  const spot = spotIn(session, account, told.path)
  const located = placeOf(session, told.mailbox)
  if (told.event === 'deleted') {
    // Of another person's mailbox nobody can say any more who might see it.
    if (!spot || spot.shared === 'person') return undefined
    const gone: Located = { place: { ...spot, rights: 'lr' }, mailbox: { ...emptyMailbox, id: told.mailbox, account } }
    if (!notices.wants('MailboxName', gone)) return undefined
    return `* LIST (\\NonExistent) "/" ${mailboxName(spot.name, session.utf8)}`
  }
  if (!located || !notices.wants(told.event === 'subscription' ? 'SubscriptionChange' : 'MailboxName', located))
    return undefined
  const old = told.event === 'renamed' ? spotIn(session, account, told.from)?.name : undefined
  return listLine(session, located, [], old)
}

export function listLine(session: Session, { place, mailbox }: Located, more: string[], oldName?: string): string {
  const { read } = session.given.store
  const below = `${mailbox.path}${separator}`
  const hasChildren = read.mailboxes(mailbox.account).some(({ path }) => path.startsWith(below))
  const attributes = [
    ...more,
    hasChildren ? '\\HasChildren' : '\\HasNoChildren',
    ...(place.shared !== undefined || mailbox.subscribed ? ['\\Subscribed'] : []),
  ]
  const extended = oldName === undefined ? '' : ` ("OLDNAME" (${mailboxName(oldName, session.utf8)}))`
  return `* LIST (${attributes.join(' ')}) "/" ${mailboxName(place.name, session.utf8)}${extended}`
}

const emptyMailbox = {
  path: '',
  type: 'normal',
  subscribed: true,
  uidValidity: 0,
  uidNext: 1,
  messages: 0,
  unseen: 0,
  size: 0,
  highestModseq: 0,
} as const
