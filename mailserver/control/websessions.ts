import { createHash } from 'node:crypto'
import type { AccountBook } from '#mailserver/accounts/open.ts'
import { isMeant, type Seen, type Which } from '#mailserver/sessions/seen.ts'

/** What stands for a token in lists: not the hash that finds it. */
const shownId = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 10)

type Book = Pick<AccountBook, 'openTokens' | 'byId' | 'endTokenById'>

/** Sign-ins of the pages. */
export function webSessions(accounts: Book): Seen[] {
  return seen(accounts).map(([, session]) => session)
}

/** @returns how many there were */
export function endWebSessions(accounts: Book, which: Which): number {
  const found = seen(accounts).filter(([, { id, account }]) => isMeant(which, id, account))
  for (const [token] of found) accounts.endTokenById(token)
  return found.length
}

function seen(accounts: Book): [token: string, session: Seen][] {
  return accounts.openTokens().flatMap(({ id, account, created, ip = '', client }): [string, Seen][] => {
    const address = accounts.byId(account)?.address
    if (address === undefined) return []
    const session: Seen = {
      id: shownId(id),
      protocol: 'web',
      account: address,
      ip,
      since: created,
      ...(client !== undefined && { client }),
    }
    return [[id, session]]
  })
}
