import { createPublicKey } from 'node:crypto'
import type { SealKey } from '#kit/directory/calls.ts'

export type DnsRecord = { name: string; type: 'MX' | 'TXT'; value: string; why: string }

/** RFC 1035 §3.3.14: a string of a TXT record has at most 255 octets. */
const stringLimit = 255

/**
 * What the owner of a mail domain must publish so that the world delivers to this server and believes what it sends. Pure.
 *
 * @param keys those of the domain; ended ones are left out
 */
export function dnsRecords(given: {
  domain: string
  hostname: string
  keys: readonly SealKey[]
  now: number
}): DnsRecord[] {
  const { domain, hostname, now } = given
  const inForce = given.keys.filter((k) => k.domain === domain && (k.to === undefined || Date.parse(k.to) > now))
  return [
    { name: `${domain}.`, type: 'MX', value: `10 ${hostname}.`, why: 'RFC 5321 §5: mail for the domain comes here' },
    {
      name: `${domain}.`,
      type: 'TXT',
      value: '"v=spf1 mx -all"',
      why: 'RFC 7208: only the hosts of MX send for the domain',
    },
    ...inForce.map(
      (key): DnsRecord => ({
        name: `${key.selector}._domainkey.${domain}.`,
        type: 'TXT',
        value: strings(`v=DKIM1; k=${key.algorithm}; p=${publicOctets(key)}`),
        why: `RFC 6376 §3.6.1: the seal, ${key.algorithm}`,
      }),
    ),
    {
      name: `_dmarc.${domain}.`,
      type: 'TXT',
      value: `"v=DMARC1; p=quarantine; rua=mailto:postmaster@${domain}"`,
      why: 'RFC 7489: what others do with forged mail, and where they report',
    },
  ]
}

/** As a zone file has them. */
export function zoneText(records: readonly DnsRecord[]): string {
  return records.map((r) => `; ${r.why}\n${r.name} IN ${r.type} ${r.value}`).join('\n')
}

function strings(text: string): string {
  const pieces = text.match(new RegExp(`.{1,${stringLimit}}`, 'g')) ?? []
  return pieces.map((p) => `"${p}"`).join(' ')
}

/** RFC 6376 §3.6.1 has the SPKI of an RSA key; RFC 8463 §4.2 the bare 32 octets of an Ed25519 key. */
function publicOctets(key: SealKey): string {
  const spki = createPublicKey(key.publicKey).export({ type: 'spki', format: 'der' })
  return (key.algorithm === 'ed25519' ? spki.subarray(-32) : spki).toString('base64')
}
