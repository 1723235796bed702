/**
 * Certificates as listeners use them: the right one for the name that a client asks for (SNI, RFC 6066 §3), and new ones for
 * new connections while old connections go on with what they shook hands on.
 */
import { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { type Pair, secureOptions } from './pair.ts'

type SniCallback = (name: string, done: (error: Error | null, context?: SecureContext) => void) => void
type Served = { cert: X509Certificate; context: SecureContext }

export class Contexts {
  #first!: Pair
  #served: readonly Served[] = []

  /** @param pairs the first is for clients that ask for no name, or for one that is not ours */
  constructor(pairs: readonly Pair[]) {
    this.replace(pairs)
  }

  /** For new connections. @throws Error when OpenSSL does not take a pair; then all stay as they were */
  replace(pairs: readonly Pair[]): void {
    const [first] = pairs
    if (!first) throw new Error('no certificate to serve')
    this.#served = pairs.map((pair) => ({
      cert: new X509Certificate(pair.cert),
      context: createSecureContext(secureOptions(pair)),
    }))
    this.#first = first
  }

  /** For `new TLSSocket` at this moment. */
  socketOptions(): { secureContext: SecureContext; SNICallback: SniCallback } {
    return { secureContext: this.#served[0]!.context, SNICallback: this.choose }
  }

  /** For a server that makes its own sockets. */
  serverOptions(): SecureContextOptions & { SNICallback: SniCallback } {
    return { ...secureOptions(this.#first), SNICallback: this.choose }
  }

  readonly choose: SniCallback = (name, done) => {
    const found = this.#served.find(({ cert }) => cert.checkHost(name) !== undefined)
    done(null, (found ?? this.#served[0]!).context)
  }
}
