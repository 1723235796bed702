/**
 * Certificates as listeners use them: the right one for the name that a client asks for (SNI, RFC 6066 §3), and new ones for
 * new connections while old connections go on with what they shook hands on.
 */
import { createSecureContext, type SecureContext, type SecureContextOptions, type Server } from 'node:tls'
import type { Pair } from './pair.ts'

/** RFC 8996 forbids 1.0 and 1.1. */
export const minVersion = 'TLSv1.2'

export class Contexts {
  #pairs: readonly Pair[] = []
  #byName = new Map<string, SecureContext>()
  #default!: SecureContext
  readonly #servers = new Set<Server>()

  /** @param pairs the first is for clients that ask for no name, or for one that is not ours */
  constructor(pairs: readonly Pair[]) {
    this.replace(pairs)
  }

  /** For new connections. @throws Error when OpenSSL does not take a pair; then all stay as they were */
  replace(pairs: readonly Pair[]): void {
    const made = pairs.map((pair) => [pair.name.toLowerCase(), createSecureContext(secureOptions(pair))] as const)
    this.#pairs = pairs
    this.#byName = new Map(made)
    this.#default = made[0]![1]
    for (const server of this.#servers) server.setSecureContext(secureOptions(pairs[0]!))
  }

  /** For `new TLSSocket` at this moment. */
  socketOptions(): { secureContext: SecureContext; SNICallback: SniCallback } {
    return { secureContext: this.#default, SNICallback: this.#choose }
  }

  /** For `tls.createServer`; the server then takes over what `replace` brings once it is given to `follow`. */
  serverOptions(): SecureContextOptions & { SNICallback: SniCallback } {
    return { ...secureOptions(this.#pairs[0]!), SNICallback: this.#choose }
  }

  follow(server: Server): void {
    this.#servers.add(server)
    server.once('close', () => this.#servers.delete(server))
  }

  readonly #choose: SniCallback = (name, done) => done(null, this.#byName.get(name.toLowerCase()) ?? this.#default)
}

type SniCallback = (name: string, done: (error: Error | null, context?: SecureContext) => void) => void

export const secureOptions = ({ key, cert }: Pair): SecureContextOptions => ({ key, cert, minVersion })
