/**
 * MTA-STS policies of other domains (RFC 8461) that were found once. A policy holds until its max_age, whatever is heard meanwhile
 * (§5.1): whoever hides the record or the page from us must not be able to take TLS away.
 *
 * In memory: a restart forgets them, and begins anew with what the world then says (docs/rfc.md).
 */
export type Policy = {
  id?: string | false
  mode: string
  mx?: readonly string[]
  maxAge?: number
  expires?: string
  error?: unknown
}

/** A province writes to some thousand domains; few of them have a policy. */
const MOST = 10_000

export class Policies {
  readonly #found = new Map<string, { policy: Policy; until: number }>()

  /** in force, or undefined */
  of(domain: string, now = Date.now()): Policy | undefined {
    const known = this.#found.get(domain)
    return known && known.until > now ? known.policy : undefined
  }

  /** What was heard just now; failures and "there is none" leave a policy in force as it is. */
  learn(domain: string, policy: Policy | undefined, now = Date.now()): void {
    if (!policy?.id || policy.error !== undefined || policy.maxAge === undefined) return
    this.#found.delete(domain)
    this.#found.set(domain, { policy, until: now + policy.maxAge * 1000 })
    for (const oldest of this.#found.keys()) {
      if (this.#found.size <= MOST) break
      this.#found.delete(oldest)
    }
  }
}
