/**
 * Haraka reads its certificate once. Here it takes over what the mail service keeps, also after a renewal: for new connections, while
 * those under way go on. What cannot be used is left aside until it can.
 */
import { subsystem } from '#kit/log.ts'
import type { TlsSockets } from '#mailserver/edge/plugins/haraka.ts'
import { Contexts } from '#mailserver/tls/contexts.ts'
import { readAll } from '#mailserver/tls/files.ts'
import type { Pair } from '#mailserver/tls/pair.ts'

export type CertificatesAt = { folder: string; hostname: string; tlsNames: string }

const log = subsystem('edge')
/** Milliseconds between two looks at a few small files. */
const lookMs = 2_000

export function followCertificates(sockets: TlsSockets, { folder, ...settings }: CertificatesAt): void {
  let contexts: Contexts | undefined
  let inUse = ''
  let failed = ''
  const look = () => {
    try {
      const pairs = readAll(folder, settings)
      const now = JSON.stringify(pairs)
      // Haraka puts its options together when it begins to listen, which may be after us
      if (now === inUse && sockets.certsByHost.get('*.SNICallback') === contexts?.choose) return
      if (sockets.certsByHost.get('*.cert') === undefined) return
      if (contexts) contexts.replace(pairs)
      else contexts = new Contexts(pairs)
      give(sockets, pairs, contexts)
      if (inUse !== '' && now !== inUse) log.info('new certificate in use')
      inUse = now
      failed = ''
    } catch (err) {
      const { message } = err as Error
      if (message !== failed) log.warn({ err }, 'certificates are not usable; the old ones are served on')
      failed = message
    }
  }
  look()
  setInterval(look, lookMs).unref()
}

function give({ certsByHost }: TlsSockets, pairs: readonly Pair[], { choose }: Contexts): void {
  certsByHost.set('*.key', [Buffer.from(pairs[0]!.key)])
  certsByHost.set('*.cert', [Buffer.from(pairs[0]!.cert)])
  certsByHost.set('*.SNICallback', choose)
}
