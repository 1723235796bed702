import type { Directory, SealKey } from '#kit/directory/calls.ts'
import { domainOf, readAddresses } from '#kit/mail/addresses.ts'
import { type Field, values } from '#kit/message/header.ts'
import { checkSeal } from '#kit/message/seal.ts'

/** Domains and keys change a few times a year; asking for each mail would double the calls of the edge. */
const KEEP_MS = 60_000

export type Origin = 'foreign' | 'ours' | 'broken' | 'forged'

/**
 * Whether mail from outside that claims one of our domains in From is ours: officials send through submission, which seals. Back from
 * a forwarder with its seal whole it is ours; with a seal that no longer holds (a list added a footer) it is
 * suspect; without any it is forged.
 */
export class OriginCheck {
  readonly #directory: Pick<Directory, 'domain.list' | 'keys.list'>
  #known: { domains: ReadonlySet<string>; keys: readonly SealKey[]; until: number } | undefined

  constructor(directory: Pick<Directory, 'domain.list' | 'keys.list'>) {
    this.#directory = directory
  }

  /**
   * @param fields of the message's header
   * @throws whatever the directory throws: the caller answers "later"
   */
  async judge(raw: Buffer, fields: readonly Field[], now: number): Promise<Origin> {
    const { domains, keys } = await this.#facts(now)
    const claimed = values(fields, 'From')
      .flatMap((value) => readAddresses(value))
      .map((a) => domainOf(a.address))
    if (!claimed.some((domain) => isOurs(domain, domains))) return 'foreign'
    const signed = values(fields, 'DKIM-Signature').some((value) =>
      claimed.includes(/(?:^|;)\s*d=\s*([^;\s]+)/i.exec(value)?.[1]?.toLowerCase() ?? ''),
    )
    if (!signed) return 'forged'
    const holds = async (known: readonly SealKey[]) =>
      (await checkSeal(raw, { keys: known, at: new Date(now).toISOString() })).ok
    if (await holds(keys)) return 'ours'
    this.#known = undefined // a key may be newer than what is known here
    return (await holds((await this.#facts(now)).keys)) ? 'ours' : 'broken'
  }

  async #facts(now: number) {
    if (this.#known && this.#known.until > now) return this.#known
    const [{ domains }, { keys }] = await Promise.all([
      this.#directory['domain.list']({}),
      this.#directory['keys.list']({}),
    ])
    this.#known = { domains: new Set(domains.map((d) => d.toLowerCase())), keys, until: now + KEEP_MS }
    return this.#known
  }
}

/** A subdomain that nobody set up is ours too: a letter from @so.haiduong.gov.vn would deceive as well. */
function isOurs(domain: string, domains: ReadonlySet<string>): boolean {
  for (let d = domain; d !== ''; d = d.includes('.') ? d.slice(d.indexOf('.') + 1) : '') if (domains.has(d)) return true
  return false
}
