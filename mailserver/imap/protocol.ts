/**
 * IMAP for the session threads. Nothing is kept in this folder; mailboxes are the store's, rights the accounts'. Never happens
 * here: an answer before its commit, a number whose message the client does not know, an EXPUNGE while numbers are in use.
 */

import type { Protocol } from '#mailserver/sessions/session.ts'
import type { Store } from '#mailserver/store/port.ts'
import { appendBudget, progressMs as usualProgressMs } from './limits.ts'
import { Listeners } from './listeners.ts'
import { sentences } from './reply.ts'
import { Room } from './room.ts'
import { Session } from './session.ts'
import { Watches } from './watch.ts'

/** @returns the protocol, and what ends its subscription to the store */
export function imap({
  store,
  maxMessage,
  progressMs = usualProgressMs,
}: {
  store: Store
  maxMessage: number
  progressMs?: number | undefined
}): Protocol & { forget(): void } {
  const watches = new Watches(store)
  const listeners = new Listeners(store)
  const room = new Room(appendBudget)
  return {
    name: 'imap',
    full: `* BYE [UNAVAILABLE] ${sentences.full}\r\n`,
    open: (client, shared) => new Session({ ...shared, watches, listeners, maxMessage, progressMs, room }, client),
    forget: store.onChange((change) => {
      watches.changed(change)
      listeners.changed(change)
    }, 'followed'),
  }
}
