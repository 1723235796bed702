import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned } from './selfsigned.ts'

/** Longest that mail programs on telephones accept, less a month. */
const selfSignedDays = 795

export type TlsFiles = { key: string; cert: string }

/**
 * PEM of the key and the certificate chain in `folder` (`key.pem`, `cert.pem`). Administrators put theirs there; at first start
 * a self-signed pair is made, and made again when one of ours has run out.
 *
 * @throws Error with a sentence when the files do not belong together
 */
export function readTls({
  folder,
  hostname,
  now = Date.now(),
}: {
  folder: string
  hostname: string
  now?: number
}): TlsFiles {
  const keyFile = join(folder, 'key.pem')
  const certFile = join(folder, 'cert.pem')
  const own = join(folder, 'self-signed')
  if (existsSync(keyFile) !== existsSync(certFile) && !existsSync(own))
    throw new Error(`${folder} has only one of key.pem and cert.pem; put both there, or remove the one`)
  if (!existsSync(certFile) || !existsSync(keyFile) || (existsSync(own) && isOver(certFile, now))) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const names = [hostname, 'localhost', '127.0.0.1', '::1']
    const made = selfSigned({ names, from: new Date(now - 3_600_000), days: selfSignedDays })
    write(own, 'Made by Công Sở at first start. Remove this file when you put your own key.pem and cert.pem here.\n')
    write(keyFile, made.key)
    write(certFile, made.certificate)
  }
  const files = { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') }
  const spki = createPublicKey(createPrivateKey(files.key)).export({ type: 'spki', format: 'der' })
  if (!new X509Certificate(files.cert).publicKey.export({ type: 'spki', format: 'der' }).equals(spki))
    throw new Error(`${certFile} is not the certificate of ${keyFile}`)
  return files
}

function isOver(certFile: string, now: number): boolean {
  return Date.parse(new X509Certificate(readFileSync(certFile)).validTo) <= now
}

function write(path: string, text: string): void {
  const fd = openSync(`${path}.new`, 'w', 0o600)
  writeSync(fd, text)
  fsyncSync(fd)
  closeSync(fd)
  renameSync(`${path}.new`, path)
}
