import { createPublicKey } from 'node:crypto'
import type { SealKey } from '#kit/directory/calls.ts'
import type { MailService } from '#mailserver/autoconfig/services.ts'

export type DnsRecord = { name: string; type: 'MX' | 'TXT' | 'SRV' | 'CNAME'; value: string; why: string }

/** RFC 6186 §3.2, 3.4 and RFC 8314 §5.1 (IMAP, POP3, submission), RFC 5804 §1.8 (ManageSieve). */
const srvNames: Record<MailService['protocol'], Record<MailService['security'], string>> = {
  imap: { tls: '_imaps', starttls: '_imap' },
  pop3: { tls: '_pop3s', starttls: '_pop3' },
  smtp: { tls: '_submissions', starttls: '_submission' },
  sieve: { tls: '_sieve', starttls: '_sieve' },
}

/** RFC 1035 §3.3.14: a string of a TXT record has at most 255 octets. */
const stringLimit = 255

/**
 * What the owner of a mail domain must publish so that the world delivers to this server and believes what it sends. Pure.
 *
 * @param given.keys those of the domain; ended ones are left out
 * @param given.services what mail programs of people here may use, the first of a protocol preferred
 * @param given.deskOrigin where programs ask for their settings; without https they cannot
 */
export function dnsRecords(given: {
  domain: string
  hostname: string
  keys: readonly SealKey[]
  services: readonly MailService[]
  deskOrigin: string
  now: number
}): DnsRecord[] {
  const { domain, hostname, now, services } = given
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
    ...services.map(
      ({ protocol, security, host, port }): DnsRecord => ({
        name: `${srvNames[protocol][security]}._tcp.${domain}.`,
        type: 'SRV',
        value: `${priority(services, { protocol, security })} 1 ${port} ${host}.`,
        why: `${protocol === 'sieve' ? 'RFC 5804' : 'RFC 6186, 8314'}: where mail programs find ${protocol.toUpperCase()} by themselves`,
      }),
    ),
    ...settingsRecords(domain, given.deskOrigin),
  ]
}

/** RFC 6186 §3.4: IMAP before POP3; the lower goes first. */
function priority(
  services: readonly MailService[],
  { protocol, security }: Omit<MailService, 'host' | 'port'>,
): number {
  const first = services.findIndex((s) => s.protocol === protocol)
  const place = services.findIndex((s) => s.protocol === protocol && s.security === security) - first
  return protocol === 'pop3' ? 20 + place : place
}

/** Thunderbird and Outlook ask below these names, by https. */
function settingsRecords(domain: string, deskOrigin: string): DnsRecord[] {
  const desk = new URL(deskOrigin)
  if (desk.protocol !== 'https:') return []
  return [
    {
      name: `autoconfig.${domain}.`,
      type: 'CNAME',
      value: `${desk.hostname}.`,
      why: 'Thunderbird fetches https://autoconfig.<domain>/mail/config-v1.1.xml; the web server needs a certificate for the name',
    },
    {
      name: `_autodiscover._tcp.${domain}.`,
      type: 'SRV',
      value: `0 1 ${desk.port || 443} ${desk.hostname}.`,
      why: 'Outlook (MS-OXDISCO §2.1.5.3) asks https://<this host>/autodiscover/autodiscover.xml',
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
