/** Every mechanism of this server, the strongest first: clients take the first that they know. */
import type { Accounts } from '../port.ts'
import { login } from './login.ts'
import type { Channel, Mechanism } from './mechanism.ts'
import { oauthbearer, xoauth2 } from './oauth.ts'
import { plain } from './plain.ts'
import { scram, scramPlus } from './scram.ts'

const all: readonly Mechanism[] = [scramPlus, scram, oauthbearer, xoauth2, plain, login]

type Offering = Pick<Accounts, 'offersScram'>

/**
 * The mechanisms to offer on this connection. Passwords travel in most of them: ask only where nobody can listen.
 * @param channel absent without TLS
 */
export function offered(channel: Channel | undefined, { offersScram }: Offering): readonly Mechanism[] {
  return all.filter((m) => (!m.bound || channel !== undefined) && (offersScram || (m !== scram && m !== scramPlus)))
}

/** @param name as the client wrote it; names of mechanisms have no case of their own */
export function mechanismOf(name: string, channel: Channel | undefined, offering: Offering): Mechanism | undefined {
  return offered(channel, offering).find((m) => m.name === name.toUpperCase())
}
