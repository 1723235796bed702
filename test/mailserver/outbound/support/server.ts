import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { Made } from './certificates.ts'

/** Somebody else's server, with STARTTLS when it is given a certificate; `seen`: how each letter came. */
export async function startServer(made: Made | undefined, chain: readonly Made[] = []) {
  const seen: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    disabledCommands: made ? ['AUTH'] : ['AUTH', 'STARTTLS'],
    ...(made ? { key: made.key, cert: [made, ...chain].map(({ cert }) => cert).join('\n') } : {}),
    onData(stream, session, done) {
      stream.resume()
      stream.on('end', () => {
        seen.push(session.secure ? 'with TLS' : 'in the clear')
        done()
      })
    },
  })
  server.on('error', () => {}) // handshakes that the other side ends
  const listener = server.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return {
    seen,
    port: (listener.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
