import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

let made: { key: string; cert: string } | undefined

/** A certificate for localhost by openssl, one for the whole run. @param dir gets the files at the first call */
export function selfSigned(dir: string): { key: string; cert: string } {
  if (made) return made
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  const args = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost'
  execFileSync(
    'openssl',
    [...args.split(' '), '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert],
    { stdio: 'ignore' },
  )
  made = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  return made
}
