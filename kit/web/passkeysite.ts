import { isIP } from 'node:net'

/** Where passkeys of an installation hold (WebAuthn Level 3 §5.1.2, §13.4.9). */
export type PasskeySite = {
  /** the domain that browsers bind a key to */
  rpId: string
  /** the only origin whose answers are taken */
  origin: string
}

/**
 * Browsers make passkeys only for names, and only where nobody can read along: by https, or on this very machine. The local
 * start is reached by 127.0.0.1, which is no name, so there they hold at `localhost` on the same port.
 *
 * @param deskOrigin public address of the desk
 * @returns nothing where no browser would make one
 */
export function passkeySite(deskOrigin: string): PasskeySite | undefined {
  const url = new URL(deskOrigin)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (host === '127.0.0.1' || host === '::1') url.hostname = 'localhost'
  else if (isIP(host) !== 0) return undefined
  const here = url.hostname === 'localhost' || url.hostname.endsWith('.localhost')
  return url.protocol === 'https:' || here ? { rpId: url.hostname, origin: url.origin } : undefined
}
