import type { Answer, TlsaAnswer } from 'dns-packet'
import type { Ask } from './ask.ts'

/** TLSA (RFC 6698 §2.1). `base`: the name under which it was found, one of those that a certificate may bear. */
export type Tlsa = { usage: number; selector: number; matchingType: number; data: Buffer; base: string }

/**
 * The TLSA records of one MX host, where all on the way to them is signed (RFC 7672 §2.2). Where its address is not, they are not
 * even asked for (§2.2.2): servers of unsigned zones are known to fail on them.
 *
 * @returns none: DANE says nothing about this host
 * @throws Error the question found no answer, or one whose signature does not hold: the host must not be used
 */
export async function tlsaOf(host: string, port: number, ask: Ask): Promise<Tlsa[]> {
  const v4 = await ask(host, 'A')
  const address = v4.answers.some(({ type }) => type === 'A') ? v4 : await ask(host, 'AAAA')
  if (!address.secure) return []
  for (const base of new Set([lastAlias(host, address.answers), host])) {
    const { secure, answers } = await ask(`_${port}._tcp.${base}`, 'TLSA')
    const records = answers.filter((answer): answer is TlsaAnswer => answer.type === 'TLSA')
    if (secure && records.length > 0)
      return records.map(({ data: { usage, selector, matchingType, certificate } }) => ({
        usage,
        selector,
        matchingType,
        data: certificate,
        base,
      }))
  }
  return []
}

/** RFC 7672 §2.2.3: where an alias leads is the first base name. */
function lastAlias(host: string, answers: readonly Answer[]): string {
  const aliases = new Map(
    answers.flatMap((answer) =>
      answer.type === 'CNAME' ? [[answer.name.toLowerCase(), answer.data.toLowerCase()] as const] : [],
    ),
  )
  let name = host.toLowerCase()
  for (let step = 0; step < aliases.size; step++) name = aliases.get(name) ?? name
  return name
}
