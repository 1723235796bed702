import { createHash, type X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { Channel } from '#mailserver/accounts/sasl/mechanism.ts'

/** RFC 9266 §2: "EXPORTER-Channel-Binding", no context, 32 octets. */
const exporterLabel = 'EXPORTER-Channel-Binding'
const exporterOctets = 32

/** Channel bindings of the server's end of a TLS connection whose handshake is done. */
export function channelOf(socket: TLSSocket): Channel {
  return {
    binding(type) {
      if (type === 'tls-server-end-point') {
        const certificate = socket.getX509Certificate()
        return certificate && endPointOf(certificate)
      }
      // Under TLS 1.2 the value is unique only with the extended master secret, of which Node tells nothing (RFC 9266 §3).
      if (socket.getProtocol() !== 'TLSv1.3') return undefined
      return socket.exportKeyingMaterial(exporterOctets, exporterLabel, Buffer.alloc(0))
    },
  }
}

/** RFC 5929 §4.1: hash of the certificate by the hash of its signature, SHA-256 in place of MD5 and SHA-1, none when it has no one hash. */
export function endPointOf(certificate: X509Certificate): Buffer | undefined {
  const named = /sha-?(1|224|256|384|512)(?!\d)|md5/i.exec(certificate.signatureAlgorithm ?? '')
  if (!named) return undefined
  const bits = named[1] === undefined || named[1] === '1' ? '256' : named[1]
  return createHash(`sha${bits}`).update(certificate.raw).digest()
}
