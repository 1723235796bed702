import { Resolver } from 'node:dns/promises'
import { authenticate } from 'mailauth'
import { subsystem } from '#kit/log.ts'

const log = subsystem('edge')

/** Some twenty names are asked for one mail; the sender waits for its 250 meanwhile (RFC 5321 §4.5.3.2.6 gives 10 minutes). */
const DEADLINE_MS = 10_000
const QUESTION_MS = 2_500

export type Sending = { raw: Buffer; ip: string; helo: string; from: string }
/** `headers`: CRLF-ended lines for the top of the message. `deceives`: the domain in From asks that such mail be set aside. */
export type Authenticated = { headers: string; deceives: boolean }

/**
 * SPF, DKIM, DMARC and ARC of mail from outside (RFC 7208, 6376, 7489, 8617), as Received-SPF and Authentication-Results. Only reports: what
 * fails a policy of quarantine or reject goes to Junk, and nothing is refused for it, since forwarders break SPF.
 */
export class Authentication {
  readonly #hostname: string
  readonly #resolver: Resolver

  /** @param dns addresses of servers; empty: the system's */
  constructor({ hostname, dns }: { hostname: string; dns: readonly string[] }) {
    this.#hostname = hostname
    this.#resolver = new Resolver({ timeout: QUESTION_MS, tries: 1 })
    if (dns.length > 0) this.#resolver.setServers([...dns])
  }

  async check(mail: Sending): Promise<Authenticated> {
    const unknown: Authenticated = { headers: `Authentication-Results: ${this.#hostname}; none\r\n`, deceives: false }
    const timer = Promise.withResolvers<'late'>()
    const timeout = setTimeout(() => timer.resolve('late'), DEADLINE_MS)
    try {
      const done = await Promise.race([timer.promise, this.#ask(mail)])
      if (done !== 'late') return done
      log.warn({ ip: mail.ip, from: mail.from }, 'SPF, DKIM and DMARC took too long')
      return unknown
    } catch (err) {
      // a header that its parser cannot take: the mail is none the worse, it is only not vouched for
      log.warn({ err, ip: mail.ip, from: mail.from }, 'SPF, DKIM and DMARC could not be checked')
      return unknown
    } finally {
      clearTimeout(timeout)
    }
  }

  async #ask({ raw, ip, helo, from }: Sending): Promise<Authenticated> {
    const resolver = (name: string, type: string) => this.#resolver.resolve(name, type)
    const result = (await authenticate(raw, {
      ip,
      helo,
      sender: from,
      mta: this.#hostname,
      resolver,
      disableBimi: true,
    } as unknown as Parameters<typeof authenticate>[1])) as unknown as {
      headers: string
      dmarc?: false | { policy?: string; status?: { result?: string } }
    }
    const dmarc = result.dmarc || undefined
    const headers = result.headers.endsWith('\r\n') ? result.headers : `${result.headers}\r\n`
    return { headers, deceives: dmarc?.status?.result === 'fail' && /^(quarantine|reject)$/.test(dmarc.policy ?? '') }
  }
}
