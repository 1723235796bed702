import { execFileSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { expect } from 'chai'
import { endPointOf } from '#mailserver/tls/channel.ts'

describe('tls-server-end-point (RFC 5929 §4.1)', () => {
  const cases: [what: string, options: string[], hash: string | undefined][] = [
    ['ECDSA with SHA-256', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-sha256'], 'sha256'],
    ['ECDSA with SHA-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1', '-sha384'], 'sha384'],
    ['RSA with SHA-512', ['-newkey', 'rsa:2048', '-sha512'], 'sha512'],
    ['RSA with SHA-1, hashed by SHA-256', ['-newkey', 'rsa:2048', '-sha1'], 'sha256'],
    ['Ed25519, which has no one hash', ['-newkey', 'ed25519'], undefined],
  ]
  for (const [what, options, hash] of cases)
    it(what, () => {
      const pem = execFileSync(
        'openssl',
        ['req', '-x509', ...options, '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout', '/dev/null'],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      )
      const certificate = new X509Certificate(pem)
      const want = hash && createHash(hash).update(certificate.raw).digest('hex')
      expect(endPointOf(certificate)?.toString('hex')).to.equal(want)
    })
})
