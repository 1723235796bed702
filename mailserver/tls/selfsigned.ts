import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  set,
  time,
  tlv,
  utf8String,
} from './der.ts'

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'))
const dayMs = 24 * 60 * 60_000

/**
 * A self-signed server certificate (RFC 5280) with a P-256 key, for a first start on a machine where nobody has put a
 * certificate yet. Mail programs warn about it once.
 *
 * @param names host names and IP addresses; the first is the subject
 * @returns PEM of both
 */
export function selfSigned({ names, from, days }: { names: readonly string[]; from: Date; days: number }): {
  key: string
  certificate: string
} {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(oid('2.5.4.3'), utf8String(names[0]!))))
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const serial = randomBytes(16)
  serial[0] = (serial[0]! & 0x7f) | 0x40 // positive and of full length
  const tbs = sequence(
    explicit(0, integer(Uint8Array.of(2))), // v3
    integer(serial),
    ecdsaWithSha256,
    name,
    sequence(time(from), time(new Date(from.getTime() + days * dayMs))),
    name,
    spki,
    explicit(
      3,
      sequence(
        extension('2.5.29.19', sequence(), true), // basicConstraints: not a CA
        extension('2.5.29.15', bitString(Uint8Array.of(0x80), 7), true), // keyUsage: digitalSignature
        extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))), // serverAuth
        extension('2.5.29.17', sequence(...names.map(generalName))),
      ),
    ),
  )
  const certificate = sequence(tbs, ecdsaWithSha256, bitString(sign('sha256', tbs, privateKey)))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: pem(certificate),
  }
}

function extension(id: string, value: Uint8Array, critical = false): Buffer {
  return critical ? sequence(oid(id), boolean(true), octetString(value)) : sequence(oid(id), octetString(value))
}

/** dNSName or iPAddress (RFC 5280 §4.2.1.6) */
function generalName(name: string): Buffer {
  if (isIP(name) === 4) return implicit(7, Buffer.from(name.split('.').map(Number)))
  if (name === '::1') return implicit(7, Buffer.from([...Array<number>(15).fill(0), 1]))
  return tlv(0x82, Buffer.from(name, 'ascii'))
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g)!
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
