/** One client's ManageSieve session (RFC 5804 §1.7): before sign-in, and after it. */
import { type Client, ClientSession, type Shared } from '#mailserver/sessions/session.ts'
import { commandMs, idleMs } from './limits.ts'
import { bye, writeReply } from './reply.ts'
import { serve } from './serve.ts'

export class Session extends ClientSession {
  readonly given: Shared
  readonly idleMs = idleMs
  /** since when the octets of a command have been coming in */
  receivingSince: number | undefined

  constructor(given: Shared, client: Client) {
    super(client)
    this.given = given
  }

  /** The person who has signed in. Commands that need one are refused before. */
  get owner(): number {
    return this.signedIn!.account.id
  }

  serve(): Promise<void> {
    return serve(this)
  }

  farewell(why: string): string {
    return `${writeReply(bye(why, 'TRYLATER'))}\r\n`
  }

  reasonToEnd(now: number): string | undefined {
    return this.receivingSince !== undefined && now - this.receivingSince > commandMs
      ? 'the command takes too long'
      : undefined
  }
}
