/** smtp-server as both of our listeners use it: no early-talker wait, no Nagle delay, whole messages within a size. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import type { SMTPServerDataStream, SMTPServerOptions, SMTPServerSession } from 'smtp-server'
import { SMTPServer } from 'smtp-server'
import type { SignedIn } from '#mailserver/accounts/port.ts'
import { isMeant, type Seen, type Which } from '#mailserver/sessions/seen.ts'
import { type Pair, secureOptions } from '#mailserver/tls/pair.ts'
import type { AuthConnection } from './authenticate.ts'
import { Data } from './data.ts'
import { type Pace, type Paced, Pacer } from './pace.ts'

/** At the end, a message that is under way has this long to be committed and answered; idle clients hold nothing up longer. */
const CLOSE_MS = 2_000

/** What smtp-server keeps to itself; the tests notice when a new version names it otherwise. */
type Inner = Paced & {
  _setListeners(ready: () => void): void
  connectionReady(): void
  init(): void
  send(code: number, text: string, context?: string | false): void
  session: SMTPServerSession
  secure: boolean
  close(): void
  _socket: Socket
  _parser: Parser
  _createParser(): Parser
}
type Parser = {
  _dataMode: boolean
  _dataStream: Data | null
  _maxBytes: number
  dataBytes: number
  startDataMode(most?: number): Data
  _feedDataStream(chunk: Buffer, done: () => void): void
  _endDataMode(chunk: false, rest: Buffer, done: () => void): void
}

/** Replies that neither end the connection nor change what it is written through. */
const staysOpen = (code: number): boolean => code !== 220 && code !== 221 && code !== 421

/** Replies to commands that came together, and those of LMTP to one message, leave together: each write is a call of the system. */
function sendTogether(connection: Inner): void {
  const send = connection.send.bind(connection)
  let corked: Socket | undefined
  const release = (): void => {
    corked?.uncork()
    corked = undefined
  }
  connection.send = (code, text, given) => {
    // our own texts begin with their code
    const context = /^[245]\.\d{1,3}\.\d{1,3} /.test(text) ? false : given
    if (!staysOpen(code)) release()
    else if (!corked) {
      corked = connection._socket
      corked.cork()
      process.nextTick(release)
    }
    send(code, text, context)
  }
}

/** @returns the same, taking messages whole (data.ts) */
function takingWhole(parser: Parser, connection: Inner): Parser {
  parser.startDataMode = (most) => {
    parser._dataMode = true
    parser.dataBytes = 0
    parser._maxBytes = most || Number.POSITIVE_INFINITY
    parser._dataStream = new Data(parser._maxBytes, announcedSize(connection.session))
    return parser._dataStream
  }
  parser._feedDataStream = (chunk, done) => {
    const data = parser._dataStream!
    const rest = data.feed(chunk)
    parser.dataBytes = data.byteLength
    if (rest) parser._endDataMode(false, rest, done)
    else done()
  }
  return parser
}

/**
 * Strangers never reach these listeners without signing in (or at all), so nobody is caught by the 100 ms that smtp-server
 * waits before its greeting, which every page that sends mail would pay.
 */
class PromptServer extends SMTPServer {
  readonly began = new WeakMap<Inner, { at: number; id: string }>()
  readonly pacer: Pacer

  /** by their raw sockets, the TLS connections that shake hands */
  get pending(): Map<Socket, Socket> {
    return (this as unknown as { _pendingSockets: Map<Socket, Socket> })._pendingSockets
  }

  get inner(): Set<Inner> {
    return (this as unknown as { connections: Set<Inner> }).connections
  }

  constructor(options: SMTPServerOptions, pace: Pace, onConnection?: (connection: AuthConnection) => void) {
    super({ closeTimeout: CLOSE_MS, hideENHANCEDSTATUSCODES: false, ...options, ...({ noDelay: true } as object) })
    this.pacer = new Pacer(pace)
    if (options.secure)
      this.server.on('connection', (socket: Socket) =>
        this.pacer.shake(socket, () => this.pending.get(socket) ?? socket),
      )
    const connections = this.inner
    const most = options.maxClients ?? 0
    const add = connections.add.bind(connections)
    connections.add = (connection) => {
      connection.init = () =>
        connection._setListeners(() => {
          if (most > 0 && connections.size > most)
            return connection.send(421, '4.3.2 Too many connections / Qua nhieu ket noi')
          // so that no single machine takes all places without ever signing in
          if (pace.signInMs !== undefined && this.pacer.strangersFrom(connection.remoteAddress) > most / 2)
            return connection.send(
              421,
              '4.3.2 Too many connections from your address / Qua nhieu ket noi tu mot dia chi',
            )
          connection.connectionReady()
        })
      const createParser = connection._createParser.bind(connection)
      connection._createParser = () => takingWhole(createParser(), connection) // another one after STARTTLS
      takingWhole(connection._parser, connection)
      sendTogether(connection)
      this.pacer.enter(connection)
      connection._socket.once('close', () => this.pacer.leave(connection))
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
  at: { host: string; port: number; pace: Pace },
  onError: (err: Error) => void,
  onConnection?: (connection: AuthConnection) => void,
): Promise<Listening> {
  const server = new PromptServer(options, at.pace, onConnection)
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
    [Symbol.asyncDispose]: () => {
      server.pacer[Symbol.dispose]()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** The whole message, or undefined when it is larger than the listener's `size`; the rest of it is read and dropped. */
export const readAll = (stream: SMTPServerDataStream): Promise<Buffer<ArrayBuffer> | undefined> =>
  (stream as unknown as Data).whole

/** Its sender has an answer, or is gone: what the message held is free for others. To be called once `readAll` and what follows it are done. */
export const letGo = (stream: SMTPServerDataStream): void => (stream as unknown as Data).answered()

/** SIZE of MAIL (RFC 1870) in octets; 0 when the client did not say. */
export function announcedSize({ envelope: { mailFrom } }: SMTPServerSession): number {
  const args = mailFrom ? mailFrom.args : undefined
  return (args ? Number(args['SIZE']) : 0) || 0
}
