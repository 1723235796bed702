/** One client's POP3 session (RFC 1939 §3): in AUTHORIZATION until it has a maildrop, then in TRANSACTION. */
import type { Claims, Release } from '#mailserver/sessions/claims.ts'
import { type Client, ClientSession, type Shared } from '#mailserver/sessions/session.ts'
import { idleMs } from './limits.ts'
import type { Maildrop } from './maildrop.ts'
import { type Language, Refused } from './reply.ts'
import { serve } from './serve.ts'

export type Given = Shared & { claims: Claims }

export class Session extends ClientSession {
  readonly given: Given
  readonly idleMs = idleMs
  /** what USER gave */
  user: string | undefined
  drop: Maildrop | undefined
  /** gives the maildrop back for others */
  release: Release | undefined
  language: Language = 'both'
  /** the client reads UTF-8 in header fields (RFC 6856 §2) */
  utf8 = false
  /** the first line of an answer has gone out and its end has not */
  midAnswer = false

  constructor(given: Given, client: Client) {
    super(client)
    this.given = given
  }

  /** Commands of TRANSACTION only. */
  get maildrop(): Maildrop {
    if (!this.drop) throw new Refused('sign in first')
    return this.drop
  }

  serve(): Promise<void> {
    return serve(this)
  }

  /** RFC 1939 §3: an autologout says nothing; the client would take it for the answer to its next command. */
  farewell(): string {
    return ''
  }

  reasonToEnd(): undefined {
    return undefined
  }
}
