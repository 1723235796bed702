/** smtp-server as both of our listeners use it: no early-talker wait, no Nagle delay, whole messages within a size. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import type { SMTPServerDataStream, SMTPServerOptions, SMTPServerSession } from 'smtp-server'
import { SMTPServer } from 'smtp-server'
import type { SignedIn } from '#mailserver/accounts/port.ts'
import { isMeant, type Seen, type Which } from '#mailserver/sessions/seen.ts'
import { type Pair, secureOptions } from '#mailserver/tls/pair.ts'
import type { AuthConnection } from './authenticate.ts'

/** At the end, a message that is under way has this long to be committed and answered; idle clients hold nothing up longer. */
const CLOSE_MS = 2_000

/** What smtp-server keeps to itself; the tests notice when a new version names it otherwise. */
type Inner = {
  _setListeners(ready: () => void): void
  connectionReady(): void
  init(): void
  send(code: number, text: string): void
  session: SMTPServerSession
  secure: boolean
  close(): void
}

/**
 * Strangers never reach these listeners without signing in (or at all), so nobody is caught by the 100 ms that smtp-server
 * waits before its greeting, which every page that sends mail would pay.
 */
class PromptServer extends SMTPServer {
  readonly began = new WeakMap<Inner, { at: number; id: string }>()

  get inner(): Set<Inner> {
    return (this as unknown as { connections: Set<Inner> }).connections
  }

  constructor(options: SMTPServerOptions, onConnection?: (connection: AuthConnection) => void) {
    super({ closeTimeout: CLOSE_MS, ...options, ...({ noDelay: true } as object) })
    const connections = this.inner
    const most = options.maxClients ?? 0
    const add = connections.add.bind(connections)
    connections.add = (connection) => {
      connection.init = () =>
        connection._setListeners(() => {
          if (most > 0 && connections.size > most)
            return connection.send(421, '4.3.2 Too many connections / Qua nhieu ket noi')
          connection.connectionReady()
        })
      this.began.set(connection, { at: Date.now(), id: randomBytes(5).toString('hex') })
      onConnection?.(connection as unknown as AuthConnection)
      return add(connection)
    }
  }
}

export type Listening = AsyncDisposable & {
  port: number
  /** those that are signed in */
  list(): Seen[]
  /** @returns how many there were */
  end(which: Which): number
  /** certificates for new connections */
  secure(pairs: readonly Pair[]): void
}

function signedIn(server: PromptServer): [Inner, Seen][] {
  return [...server.inner].flatMap((connection): [Inner, Seen][] => {
    const { user, remoteAddress, clientHostname, hostNameAppearsAs } = connection.session
    const began = server.began.get(connection)
    if (!user || !began) return []
    const client = hostNameAppearsAs || clientHostname
    return [
      [
        connection,
        {
          id: began.id,
          protocol: 'smtp',
          account: (user as SignedIn).account.address,
          ip: remoteAddress,
          encrypted: connection.secure,
          ...(client && { client: String(client).slice(0, 200) }),
          since: began.at,
        },
      ],
    ]
  })
}

/** As smtp-server wants them: one for who asks for no name, and one for each name. */
export function smtpTls(
  pairs: readonly Pair[],
): SecureContextOptions & { sniOptions: Map<string, SecureContextOptions> } {
  const [first] = pairs
  if (!first) throw new Error('no certificate to serve')
  return { ...secureOptions(first), sniOptions: new Map(pairs.map((pair) => [pair.name, secureOptions(pair)])) }
}

/** @throws Error EADDRINUSE and the like */
export async function listen(
  options: SMTPServerOptions,
  at: { host: string; port: number },
  onError: (err: Error) => void,
  onConnection?: (connection: AuthConnection) => void,
): Promise<Listening> {
  const server = new PromptServer(options, onConnection)
  const listener = server.listen(at.port, at.host)
  await Promise.race([
    once(listener, 'listening'),
    once(server as never, 'error').then(([err]) => Promise.reject(err as Error)),
  ])
  server.on('error', onError)
  return {
    port: (listener.address() as AddressInfo).port,
    list: () => signedIn(server).map(([, seen]) => seen),
    end(which) {
      const found = signedIn(server).filter(([, { id, account }]) => isMeant(which, id, account))
      for (const [connection] of found) {
        connection.send(421, '4.7.0 Ended by an administrator / Quan tri vien da ket thuc phien nay')
        connection.close()
      }
      return found.length
    },
    secure: (pairs) => server.updateSecureContext(smtpTls(pairs)),
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

/** The whole message, or undefined when it is larger than the listener's `size`; the rest of it is read and dropped. */
export async function readAll(stream: SMTPServerDataStream): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (stream.sizeExceeded) chunks.length = 0
    else chunks.push(chunk)
  }
  return stream.sizeExceeded ? undefined : Buffer.concat(chunks)
}

/** SIZE of MAIL (RFC 1870) in octets; 0 when the client did not say. */
export function announcedSize({ envelope: { mailFrom } }: SMTPServerSession): number {
  const args = mailFrom ? mailFrom.args : undefined
  return (args ? Number(args['SIZE']) : 0) || 0
}
