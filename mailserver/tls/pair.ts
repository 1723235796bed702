import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'

/** A private key and its certificate chain, PEM, for one host name. */
export type Pair = { name: string; key: string; cert: string }

/** RFC 8996 forbids 1.0 and 1.1. */
export const minVersion = 'TLSv1.2'
export const secureOptions = ({ key, cert }: Pair): SecureContextOptions => ({ key, cert, minVersion })

/** @throws Error with a sentence when they cannot be served; `where` names them in it. Dates are not looked at. */
export function mustBePair(pair: Pair, where: { key: string; cert: string }): X509Certificate {
  const key = attempt(() => createPrivateKey(pair.key), `${where.key} is no private key in PEM without a password`)
  const cert = attempt(() => new X509Certificate(pair.cert), `${where.cert} is no certificate in PEM`)
  if (!spki(cert.publicKey).equals(spki(createPublicKey(key))))
    throw new Error(`${where.cert} is not the certificate of ${where.key}`)
  attempt(() => createSecureContext(secureOptions(pair)), `OpenSSL does not take ${where.key} and ${where.cert}`)
  return cert
}

/** For certificates that are about to replace others. @throws Error with a sentence when it is of no use for this name now */
export function mustServe(pair: Pair, cert: X509Certificate, now: number): void {
  const { from, until } = datesOf(cert)
  if (until <= now) throw new Error(`the certificate for ${pair.name} ran out on ${new Date(until).toISOString()}`)
  if (from > now) throw new Error(`the certificate for ${pair.name} counts from ${new Date(from).toISOString()} only`)
  if (cert.checkHost(pair.name) === undefined)
    throw new Error(`the certificate does not name ${pair.name}; it names ${cert.subjectAltName ?? 'nothing'}`)
}

/** Milliseconds since 1970. */
export function datesOf(cert: X509Certificate): { from: number; until: number } {
  return { from: Date.parse(cert.validFrom), until: Date.parse(cert.validTo) }
}

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })

function attempt<T>(work: () => T, sentence: string): T {
  try {
    return work()
  } catch (cause) {
    throw new Error(sentence, { cause })
  }
}
