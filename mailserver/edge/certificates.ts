/**
 * The certificates that the mail service keeps, also after a renewal: for new connections, while those under way go on. What cannot be
 * used is left aside until it can.
 */
import { subsystem } from '#kit/log.ts'
import { Contexts } from '#mailserver/tls/contexts.ts'
import { readAll } from '#mailserver/tls/files.ts'

export type CertificatesAt = { folder: string; hostname: string; tlsNames: string }

const log = subsystem('edge')
/** Milliseconds between two looks at a few small files. */
const lookMs = 2_000

/** @throws Error with a sentence when there are none that can be served now */
export function followCertificates({ folder, hostname, tlsNames }: CertificatesAt) {
  const read = () => readAll(folder, { hostname, tlsNames })
  const pairs = read()
  const contexts = new Contexts(pairs)
  let changed = () => {}
  let inUse = JSON.stringify(pairs)
  let failed = ''
  const look = () => {
    try {
      const found = read()
      const now = JSON.stringify(found)
      failed = ''
      if (now === inUse) return
      contexts.replace(found)
      changed()
      inUse = now
      log.info('new certificate in use')
    } catch (err) {
      const { message } = err as Error
      if (message !== failed) log.warn({ err }, 'certificates are not usable; the old ones are served on')
      failed = message
    }
  }
  const timer = setInterval(look, lookMs).unref()
  return {
    contexts,
    onChange(listener: () => void) {
      changed = listener
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
