/** One client's ManageSieve session (RFC 5804 §1.7): before sign-in, and after it. */
import type { SignedIn, StoredAccount } from '#mailserver/accounts/port.ts'
import { type Client, ClientSession, type Shared } from '#mailserver/sessions/session.ts'
import { commandMs, idleMs } from './limits.ts'
import { bye, writeReply } from './reply.ts'
import { serve } from './serve.ts'

export class Session extends ClientSession {
  readonly given: Shared
  readonly idleMs = idleMs
  /** the office whose scripts are edited, when they are not the person's own */
  acting: StoredAccount | undefined
  /** since when the octets of a command have been coming in */
  receivingSince: number | undefined

  constructor(given: Shared, client: Client) {
    super(client)
    this.given = given
  }

  /** Whose scripts these are. Commands that need somebody signed in are refused before. */
  get owner(): StoredAccount {
    return this.acting ?? this.signedIn!.account
  }

  /** Who manages an office may be another by now. */
  get mayStill(): boolean {
    return !this.acting || mayManage(this.given, this.signedIn!, this.acting.address) !== undefined
  }

  /** A change of scripts, with both names. */
  note(what: string, more: object): void {
    const { address } = this.signedIn!.account
    if (this.acting)
      this.given.accounts.note({ by: address, what, account: this.acting.address, detail: JSON.stringify(more) })
    this.given.log.info({ ref: this.ref, account: this.owner.address, by: address, ...more }, what)
  }

  serve(): Promise<void> {
    return serve(this)
  }

  farewell(why: string): string {
    return `${writeReply(bye(why, 'TRYLATER'))}\r\n`
  }

  reasonToEnd(now: number): string | undefined {
    if (this.signedIn && !this.mayStill) return withdrawn
    return this.waited(this.receivingSince, now, commandMs) ? 'the command takes too long' : undefined
  }
}

export const withdrawn = 'the right to manage this mailbox has ended'

/** The office, when the person manages it now. */
export function mayManage(
  { accounts, now }: Pick<Shared, 'accounts' | 'now'>,
  { account: person }: SignedIn,
  address: string,
): StoredAccount | undefined {
  const office = accounts.byAddress(address)
  if (office?.kind !== 'office') return undefined
  const grant = accounts.holds({ person: person.address, office: office.address, right: 'manage', at: now() })
  return grant && office
}
