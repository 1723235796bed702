/**
 * What one session asked to be told of beyond its selected mailbox (RFC 5465, RFC 5464 §4.4.2), and which mailboxes have
 * changed since it was told: their numbers and what kind of change, never the changes. Too many: it is told that it
 * missed some, and from then on nothing, as if it had sent NOTIFY NONE (§5.8).
 */
import type { Change, FolderEvent, MailboxId } from '#mailserver/store/port.ts'
import { maxNotices } from './limits.ts'
import type { FetchItem } from './parse/fetch.ts'
import type { NotifyEvent, NotifyGroup } from './parse/notify.ts'
import { isAmong, type Located, visibleAccounts } from './places.ts'
import type { Session } from './session.ts'

export type MessageChange = 'MessageNew' | 'MessageExpunge' | 'FlagChange'
export type Filter = Omit<NotifyGroup, 'names'> & { names: string[] }

/** What is told of the selected mailbox. */
export type SelectedWish = {
  /** expunges wait for a command (§6.1.2) */
  delayed: boolean
  events: ReadonlySet<NotifyEvent>
  items: readonly FetchItem[]
}

const eventOf = { exists: 'MessageNew', vanished: 'MessageExpunge', flags: 'FlagChange' } as const

export class Notices {
  readonly #session: Session
  /** undefined: NOTIFY was never used; empty: NONE */
  #groups: readonly Filter[] | undefined
  readonly messages = new Map<MailboxId, Set<MessageChange>>()
  folders: { account: number; event: FolderEvent }[] = []
  metadata: { mailbox: MailboxId | 0; entries: readonly string[] }[] = []
  overflowed = false
  /** set while the session waits */
  wake: (() => void) | undefined

  constructor(session: Session) {
    this.#session = session
    this.refresh()
  }

  /** Also when rights change: whose mailboxes may be told of. */
  refresh(): void {
    this.#session.given.listeners.follow(this.#session, visibleAccounts(this.#session))
  }

  set(groups: readonly Filter[]): void {
    this.#groups = groups
    this.forget()
  }

  forget(): void {
    this.messages.clear()
    this.folders = []
    this.metadata = []
    this.overflowed = false
  }

  /** NOTIFY is in force: things are told although no command runs. */
  get pushes(): boolean {
    return this.overflowed || (this.#groups !== undefined && this.#groups.length > 0)
  }

  /** undefined: as without NOTIFY */
  get selected(): SelectedWish | undefined {
    if (!this.#groups) return undefined
    const group = this.#groups.find(({ filter }) => filter === 'selected' || filter === 'selected-delayed')
    return {
      delayed: group?.filter === 'selected-delayed',
      events: group?.events ?? new Set(),
      items: group?.items ?? [],
    }
  }

  /** Is this event of this mailbox asked for? The first group that has both, unless one before says NONE (§5, §6). */
  wants(event: NotifyEvent, { place, mailbox }: Located): boolean {
    if (!this.#groups) return event === 'MailboxMetadataChange' && this.#session.enabled.has('METADATA')
    for (const { filter, names, events } of this.#groups) {
      if (!isAmong({ place, mailbox }, filter, names)) continue
      if (events.size === 0) return false
      if (events.has(event)) return true
    }
    return false
  }

  /** Is it asked for in any group? Before anything is kept. */
  anywhere(event: NotifyEvent): boolean {
    if (this.#groups)
      return this.#groups.some(({ filter, events }) => !filter.startsWith('selected') && events.has(event))
    const { enabled } = this.#session
    if (event === 'ServerMetadataChange') return enabled.has('METADATA') || enabled.has('METADATA-SERVER')
    return event === 'MailboxMetadataChange' && enabled.has('METADATA')
  }

  hear(change: Change): void {
    if (this.overflowed || !this.#keep(change)) return
    if (this.messages.size + this.folders.length + this.metadata.length > maxNotices) {
      this.set([])
      this.overflowed = true
    }
    this.wake?.()
  }

  #keep(change: Change): boolean {
    switch (change.kind) {
      case 'exists':
      case 'vanished':
      case 'flags': {
        const event = eventOf[change.kind]
        if (this.#session.view?.watch.id === change.mailbox || !this.anywhere(event)) return false
        const known = this.messages.get(change.mailbox)
        if (known) known.add(event)
        else this.messages.set(change.mailbox, new Set([event]))
        return true
      }
      case 'folders': {
        const heard = change.events.filter(({ event }) =>
          this.anywhere(event === 'subscription' ? 'SubscriptionChange' : 'MailboxName'),
        )
        for (const event of heard) {
          if (this.folders.length > maxNotices) break
          this.folders.push({ account: change.account, event })
        }
        return heard.length > 0
      }
      case 'metadata': {
        const { of, by, entries } = change
        if (by === this.#session.ref || (of.holder !== 0 && of.holder !== this.#session.signedIn?.account.id))
          return false
        if (!this.anywhere(of.mailbox === 0 ? 'ServerMetadataChange' : 'MailboxMetadataChange')) return false
        this.metadata.push({ mailbox: of.mailbox, entries })
        return true
      }
      default:
        return false
    }
  }
}
