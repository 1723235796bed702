import { Resolver } from 'node:dns/promises'

/** The letter waits for its Received line; a name that nobody knows is often answered by silence. */
const QUESTION_MS = 2_500

/** Names of client addresses, as their owners publish them: nobody has checked that the name leads back. */
export class Hosts {
  readonly #resolver = new Resolver({ timeout: QUESTION_MS, tries: 1 })

  /** @param dns addresses of servers; empty: the system's */
  constructor(dns: readonly string[]) {
    if (dns.length > 0) this.#resolver.setServers([...dns])
  }

  /** @returns undefined when there is none, or none that is a host name. Does not reject. */
  async nameOf(ip: string): Promise<string | undefined> {
    try {
      const [name] = await this.#resolver.reverse(ip)
      return name !== undefined && /^[A-Za-z0-9_.-]{1,253}$/.test(name) ? name.toLowerCase() : undefined
    } catch {
      return undefined // no such name, or no answer: both are said by its absence
    }
  }
}
