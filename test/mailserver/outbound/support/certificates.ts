/** Certificates that openssl makes: an authority, and servers' own under it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Made = { key: string; cert: string; file: string }

export class Authority implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'certificates-'))
  readonly own: Made

  constructor(name: string) {
    this.own = this.#make('ca', [
      ...['-x509', '-days', '30', '-subj', `/CN=${name}`],
      ...['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    ])
  }

  /** @param dates as `openssl ca` takes them, absent: from now on */
  issue(host: string, days = '30'): Made {
    const request = this.#make(host, ['-subj', `/CN=${host}`])
    const names = join(this.folder, 'names')
    writeFileSync(names, `subjectAltName=DNS:${host}\nbasicConstraints=CA:FALSE\n`)
    const from = ['-CA', join(this.folder, 'ca.pem'), '-CAkey', join(this.folder, 'ca.key'), '-CAcreateserial']
    execFileSync(
      'openssl',
      ['x509', '-req', '-in', request.file, ...from, '-days', days, '-extfile', names, '-out', request.file],
      {
        stdio: 'ignore',
      },
    )
    return { ...request, cert: readFileSync(request.file, 'utf8') }
  }

  #make(name: string, more: readonly string[]): Made {
    const [key, file] = [join(this.folder, `${name}.key`), join(this.folder, `${name}.pem`)]
    const kind = 'req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -batch'.split(' ')
    execFileSync('openssl', [...kind, '-keyout', key, '-out', file, ...more], { stdio: 'ignore' })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(file, 'utf8'), file }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
