/** Sessions as administrators see them. */
import type { Scope } from '#mailserver/accounts/port.ts'

/** `since`: milliseconds since 1970 */
export type Seen = {
  id: string
  protocol: Scope
  account: string
  ip: string
  /** absent for pages */
  encrypted?: boolean
  client?: string
  folder?: string
  since: number
  /** since it was heard last; absent where that is not known */
  idleMs?: number
}

/** One session, or all of an account; with both, that session if it is the account's. */
export type Which = { id?: string; account?: string }

export const isMeant = ({ id, account }: Which, ref: string, of: string): boolean =>
  (id !== undefined || account !== undefined) && (id ?? ref) === ref && (account ?? of) === of
