import { Resolver } from 'node:dns/promises'
import { arc, authenticate, dkimVerify } from 'mailauth'
import { subsystem } from '#kit/log.ts'
import { peekHeader } from '#kit/message/header.ts'

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
      const chain = this.#chain(mail.raw)
      const done = await Promise.race([timer.promise, this.#ask(mail)])
      if (done !== 'late') return withChain(done, await Promise.race([timer.promise, chain]))
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

  /**
   * ARC's line, where there is a chain. Beside the others and after them: a chain may have fifty links on slow servers, and must not
   * keep a forged From from being found out.
   */
  async #chain(raw: Buffer): Promise<string | undefined> {
    if (!peekHeader(raw).some(({ name }) => /^arc-seal$/i.test(name))) return undefined
    try {
      const options = { resolver: this.#resolve } as unknown as Parameters<typeof dkimVerify>[1]
      const { arc: data } = await dkimVerify(raw, options)
      const { info } = await arc(data as unknown as Parameters<typeof arc>[0], options as Parameters<typeof arc>[1])
      return info
    } catch (err) {
      log.info({ err }, 'an ARC chain could not be read')
      return undefined
    }
  }

  readonly #resolve = (name: string, type: string) => this.#resolver.resolve(name, type)

  async #ask({ raw, ip, helo, from }: Sending): Promise<Authenticated> {
    const result = (await authenticate(raw, {
      ip,
      helo,
      sender: from,
      mta: this.#hostname,
      resolver: this.#resolve,
      disableBimi: true,
      disableArc: true,
    } as unknown as Parameters<typeof authenticate>[1])) as unknown as {
      headers: string
      dmarc?: false | { policy?: string; status?: { result?: string } }
    }
    const dmarc = result.dmarc || undefined
    const headers = result.headers.endsWith('\r\n') ? result.headers : `${result.headers}\r\n`
    return { headers, deceives: dmarc?.status?.result === 'fail' && /^(quarantine|reject)$/.test(dmarc.policy ?? '') }
  }
}

/** As one more result of the field (RFC 8601 §2.2); "late" and absent say nothing. */
function withChain(done: Authenticated, chain: string | undefined): Authenticated {
  if (chain === undefined || chain === 'late') return done
  const field = /^Authentication-Results:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*/m
  const said = chain.replaceAll(/[\r\n]+[ \t]*/g, ' ')
  return { ...done, headers: done.headers.replace(field, (whole) => `${whole};\r\n ${said}`) }
}
