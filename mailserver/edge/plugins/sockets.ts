/**
 * An error of a socket that nobody listens to ends Haraka, and with it every connection. At STARTTLS Haraka takes all listeners from
 * the socket below, in which replies may still be waiting whose failure comes later. Here somebody always listens; what follows from an
 * error is Haraka's, as before.
 */
import type { Socket } from 'node:net'

/** Haraka's `pluggableStream`: the plain socket, and after `upgrade` the one under TLS. */
export type HarakaClient = { targetsocket: Socket; upgrade: (secured: (...given: unknown[]) => void) => void }

export function alwaysListen(client: HarakaClient): void {
  client.targetsocket.on('error', ignore)
  const upgrade = client.upgrade.bind(client)
  client.upgrade = (secured) => {
    const below = client.targetsocket
    upgrade(secured)
    for (const socket of [below, client.targetsocket]) socket.on('error', ignore)
  }
}

/**
 * Haraka writes each reply by itself, and its own `setNoDelay` does nothing: of three pipelined commands' replies the second would wait
 * for the client's acknowledgement of the first, 40 ms on Linux (RFC 1122 §4.2.3.4, RFC 2920 §3.2).
 */
export function answerAtOnce(client: HarakaClient): void {
  client.targetsocket.setNoDelay(true)
}

const ignore = (): void => undefined
