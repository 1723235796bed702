/**
 * An error of a socket that nobody listens to ends Haraka, and with it every connection. Haraka stops listening to the plain socket
 * once that has closed under a failed STARTTLS, although replies written before may still be waiting in it, whose failure comes later;
 * and it listens to each socket's first error only. Here somebody always listens; what follows from an error is Haraka's, as before.
 */
import type { Socket } from 'node:net'

/** Haraka's `pluggableStream`: the plain socket, and after `upgrade` the one under TLS. */
export type HarakaClient = { targetsocket: Socket; upgrade: (secured: (...given: unknown[]) => void) => void }

export function alwaysListen(client: HarakaClient): void {
  const plain = client.targetsocket
  plain.on('error', ignore)
  const upgrade = client.upgrade.bind(client)
  client.upgrade = (secured) => {
    upgrade(secured) // takes every listener away
    plain.on('error', ignore)
    client.targetsocket.on('error', ignore)
  }
}

const ignore = (): void => undefined
