/** Whether a server's certificate is one that the TLSA records of its host name (RFC 6698 §2.1, RFC 7671 §5, RFC 7672 §3). Pure. */
import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { Tlsa } from './records.ts'

const DANE_TA = 2
const DANE_EE = 3
const digests = new Map([
  [1, 'sha256'],
  [2, 'sha512'],
])
const octets = new Map([
  [1, 32],
  [2, 64],
])

/**
 * @param chain the server's own certificate first, then those that it sent with it
 * @param names that the certificate may be for, beside the records' base: the MX host, and the domain of the recipient
 * @returns why the server is not the one, or undefined: it is, or no record can be used and TLS alone is demanded (RFC 7672 §2.2)
 */
export function daneFault(
  records: readonly Tlsa[],
  chain: readonly X509Certificate[],
  names: readonly string[],
  now: number,
): string | undefined {
  const usable = strongest(records.filter(isUsable))
  if (usable.length === 0) return undefined
  const [own] = chain
  if (!own) return 'the server shows no certificate'
  // usage 3: neither names nor dates of the certificate count (RFC 7672 §3.1.1)
  if (usable.some((record) => record.usage === DANE_EE && matches(record, own))) return undefined
  const anchored = usable.filter(({ usage }) => usage === DANE_TA)
  const faults = anchored.map((record) => anchorFault(record, chain, [record.base, ...names], now))
  if (faults.includes(undefined)) return undefined
  return faults.find((fault) => fault !== undefined) ?? 'the certificate is none of those that TLSA records name'
}

/** RFC 7672 §3.1.3: usages 0 and 1 are not for SMTP. What is malformed is as if it were not there. */
function isUsable({ usage, selector, matchingType, data }: Tlsa): boolean {
  if (usage !== DANE_TA && usage !== DANE_EE) return false
  if (selector !== 0 && selector !== 1) return false
  if (matchingType === 0) return data.length > 0
  return octets.get(matchingType) === data.length
}

/** RFC 7671 §9: of several digests the strongest counts, so that a broken one cannot be played against it. */
function strongest(records: readonly Tlsa[]): Tlsa[] {
  return records.filter(
    (one) =>
      one.matchingType === 0 ||
      !records.some(
        (other) =>
          other.usage === one.usage && other.selector === one.selector && other.matchingType > one.matchingType,
      ),
  )
}

function matches({ selector, matchingType, data }: Tlsa, certificate: X509Certificate): boolean {
  const what = selector === 0 ? certificate.raw : certificate.publicKey.export({ type: 'spki', format: 'der' })
  const digest = digests.get(matchingType)
  return data.equals(digest ? createHash(digest).update(what).digest() : what)
}

/** Usage 2: the anchor signs the chain down to the server's own certificate, which is in force and bears one of the names. */
function anchorFault(
  record: Tlsa,
  chain: readonly X509Certificate[],
  names: readonly string[],
  now: number,
): string | undefined {
  const own = chain[0]!
  const at = chain.findIndex((certificate, i) => i > 0 && matches(record, certificate))
  const path = at === -1 ? chain : chain.slice(0, at + 1)
  // "2 x 0" holds the anchor itself, and the server need not send it (RFC 7671 §5.2.3)
  const key = at === -1 ? keyOf(record) : undefined
  if (at === -1 && !(key && chain.some((each) => signedBy(each, key))))
    return 'no certificate of the chain is the trust anchor that TLSA records name'
  const last = at === -1 ? path.findIndex((each) => signedBy(each, key!)) : path.length - 1
  for (const [i, certificate] of path.slice(0, last + 1).entries()) {
    if (now < certificate.validFromDate.getTime() || now > certificate.validToDate.getTime())
      return `the certificate of ${certificate.subject.replaceAll('\n', ', ')} is not in force`
    const issuer = path[i + 1]
    if (i < last && !(issuer?.ca && signedBy(certificate, issuer.publicKey)))
      return 'the chain of certificates does not hold together'
  }
  if (!names.some((name) => own.checkHost(name) !== undefined))
    return `the certificate is not for ${[...new Set(names)].join(' or ')}`
  return undefined
}

function signedBy(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.verify(key)
  } catch {
    return false // a key of another kind
  }
}

function keyOf({ selector, matchingType, data }: Tlsa): KeyObject | undefined {
  if (matchingType !== 0) return undefined
  try {
    return selector === 0
      ? new X509Certificate(data).publicKey
      : createPublicKey({ key: data, type: 'spki', format: 'der' })
  } catch {
    return undefined // neither a certificate nor a key
  }
}
