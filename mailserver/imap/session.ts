/**
 * One client's session: what it has shown of itself (RFC 9051 §3: not authenticated, authenticated,
 * selected), and its two streams. Commands get it and nothing else.
 */
import type { SignedIn } from '#mailserver/accounts/port.ts'
import { type Client, ClientSession, type Shared } from '#mailserver/sessions/session.ts'
import { commandMs, idleMs } from './limits.ts'
import type { Listeners } from './listeners.ts'
import type { Notices } from './notices.ts'
import { rightsOn } from './places.ts'
import { No, sentences } from './reply.ts'
import type { Room } from './room.ts'
import { serve } from './serve.ts'
import type { UidRange, View } from './view.ts'
import type { Watches } from './watch.ts'

/** What all IMAP sessions of a thread share. */
export type Given = Shared & {
  watches: Watches
  listeners: Listeners
  /** largest message, octets */
  maxMessage: number
  /** milliseconds between two words on a long command */
  progressMs: number
  /** for messages about to be read or put together */
  room: Room
}

export type Feature = 'CONDSTORE' | 'IMAP4REV2' | 'QRESYNC' | 'UTF8=ACCEPT' | 'METADATA' | 'METADATA-SERVER' | 'UIDONLY'

export class Session extends ClientSession {
  readonly given: Given
  readonly idleMs = idleMs
  view: View | undefined
  readonly enabled = new Set<Feature>()
  /** RFC 5182: what "$" stands for */
  saved: UidRange[] = []
  /** a command with literals began to arrive then */
  receivingSince: number | undefined
  /** made by NOTIFY, and by ENABLE METADATA */
  notices: Notices | undefined
  /** changes are being told although no command runs; whoever writes meanwhile waits for it */
  telling: Promise<void> | undefined
  /** a FETCH line has been begun and not ended */
  midLine = false

  constructor(given: Given, client: Client) {
    super(client)
    this.given = given
  }

  serve(): Promise<void> {
    return serve(this)
  }

  override get openFolder(): string {
    return this.view?.place.name ?? ''
  }

  farewell(why: string): string {
    return `* BYE ${why}\r\n`
  }

  reasonToEnd(now: number): string | undefined {
    this.notices?.refresh() // whoever was given a right since is told from now on
    if (this.waited(this.receivingSince, now, commandMs)) return 'the command takes too long'
    if (this.view?.place.shared && !rightsOn(this, this.view).includes('r')) return sentences.withdrawn
    return undefined
  }

  /** The signed-in user; commands of that state only. */
  get user(): SignedIn {
    if (!this.signedIn) throw new No(undefined, sentences.notAllowed)
    return this.signedIn
  }

  /** The selected mailbox; commands of that state only. */
  get selected(): View {
    if (!this.view) throw new No(undefined, 'no mailbox is selected')
    return this.view
  }

  get rev2(): boolean {
    return this.enabled.has('IMAP4REV2')
  }

  /** Mailbox names and texts as UTF-8 in quoted strings (RFC 9051 §5.1, RFC 6855 §3). */
  get utf8(): boolean {
    return this.rev2 || this.enabled.has('UTF8=ACCEPT')
  }

  get condstore(): boolean {
    return this.enabled.has('CONDSTORE')
  }

  /** VANISHED instead of EXPUNGE, HIGHESTMODSEQ after removals (RFC 7162 §3.2) */
  get qresync(): boolean {
    return this.enabled.has('QRESYNC')
  }

  /** RFC 9586: no sequence numbers, neither way */
  get uidOnly(): boolean {
    return this.enabled.has('UIDONLY')
  }

  unselect(): void {
    if (this.view) this.given.watches.close(this.view)
    this.view = undefined
    this.saved = []
  }
}
