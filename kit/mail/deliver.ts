import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import SMTPConnection from 'nodemailer/lib/smtp-connection'

/** RFC 5321 §4.5.3.2: a server may think for minutes about the end of DATA, a silent greeting is dead earlier. */
const greetingMs = 60_000
const silenceMs = 5 * 60_000

/** What the other side said; `code` is absent when it said nothing (the connection failed). */
export type Answer = { ok: true; reply: string } | { ok: false; code?: number; reply: string }

/** TLS as it was demanded (MTA-STS, DANE) is not to be had from this server now; no letter was shown to it. */
export class NotSecure extends Error {
  override name = 'NotSecure'
}

/** A chain that is longer than this is made by nobody who wants mail. */
const CHAIN_MOST = 10

function chainOf(socket: Socket | undefined): X509Certificate[] {
  const chain: X509Certificate[] = []
  let one = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  while (one && chain.length < CHAIN_MOST) {
    chain.push(one)
    const next: X509Certificate | undefined = one.issuerCertificate
    one = next && !next.raw.equals(one.raw) ? next : undefined
  }
  return chain
}

/**
 * One connection to somebody else's server, used for one message after another. TLS is taken when it is offered
 * (RFC 7435), and demanded when the caller says so (MTA-STS, DANE).
 */
export class Delivery {
  readonly #connection: SMTPConnection
  readonly host: string
  #usable = true

  private constructor(connection: SMTPConnection, host: string) {
    this.#connection = connection
    this.host = host
  }

  /** @throws Error when no greeting or no EHLO answer came; its `responseCode` is the server's, if it spoke */
  static async open(given: {
    host: string
    port: number
    /** connected already, by whoever looked up the MX */
    socket?: Socket
    /** our name in EHLO */
    name: string
    requireTls?: boolean
    /** the certificate must be this name's; absent: any certificate is better than none */
    servername?: string
    /** says what is wrong with the server's certificates (its own first), by other rules than names and authorities; needs requireTls */
    peerFault?: (chain: readonly X509Certificate[]) => string | undefined
    /** the name that the server is asked for in its handshake, when nothing else is (RFC 7672 §8.1) */
    sni?: string
  }): Promise<Delivery> {
    const connection = new SMTPConnection({
      host: given.host,
      port: given.port,
      ...(given.socket ? { connection: given.socket } : {}),
      name: given.name,
      opportunisticTLS: !given.requireTls,
      requireTLS: given.requireTls ?? false,
      tls: given.servername
        ? { servername: given.servername, rejectUnauthorized: true, minVersion: 'TLSv1.2' }
        : { rejectUnauthorized: false, ...(given.sni ? { servername: given.sni } : {}) },
      connectionTimeout: greetingMs,
      greetingTimeout: greetingMs,
      socketTimeout: silenceMs,
      logger: false,
    } as SMTPConnection.Options)
    const delivery = new Delivery(connection, given.host)
    const ended = () => {
      delivery.#usable = false
    }
    connection.once('end', ended)
    connection.on('error', ended)
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject)
      connection.once('end', () => reject(new Error('connection ended before it was ready')))
      connection.connect((err) => (err ? reject(err) : resolve()))
    }).catch((err: Error & { code?: string; responseCode?: number }) => {
      // a server that has no TLS today refuses nothing for good: 502 to STARTTLS is not its word on the letter
      if (given.requireTls && (err.code === 'ETLS' || err.responseCode === undefined))
        throw new NotSecure(`4.7.5 TLS is demanded and not to be had: ${err.message}`)
      throw err
    })
    const fault = given.peerFault?.(chainOf((connection as unknown as { _socket?: Socket })._socket))
    if (fault !== undefined) {
      delivery.close()
      throw new NotSecure(fault)
    }
    // small commands one after another: Nagle with delayed ACK would cost 40 ms for each message
    ;(connection as unknown as { _socket?: Socket })._socket?.setNoDelay(true)
    return delivery
  }

  get usable(): boolean {
    return this.#usable
  }

  offers(extension: 'SMTPUTF8' | '8BITMIME' | 'DSN'): boolean {
    const known = (this.#connection as unknown as { _supportedExtensions?: string[] })._supportedExtensions ?? []
    return extension === '8BITMIME'
      ? /8BITMIME/i.test(this.#greeting()) || known.includes('8BITMIME')
      : known.includes(extension)
  }

  #greeting(): string {
    return String((this.#connection as unknown as { lastServerResponse?: string }).lastServerResponse ?? '')
  }

  /** One message to one recipient. Never throws: the answer says what became of it. */
  async send(mail: {
    from: string
    to: string
    raw: Uint8Array
    eightBit: boolean
    /** what the sender wants to be told (RFC 3461 §4); said to servers that offer it */
    dsn?: { ret?: string; envid?: string; notify?: readonly string[]; orcpt?: string }
  }): Promise<Answer> {
    const octets = Buffer.from(mail.raw.buffer, mail.raw.byteOffset, mail.raw.byteLength)
    return new Promise((resolve) => {
      const lost = (err?: Error) => resolve({ ok: false, reply: err?.message ?? 'connection ended' })
      this.#connection.once('end', lost)
      this.#connection.once('error', lost)
      this.#connection.send(
        {
          from: mail.from,
          to: [mail.to],
          size: octets.length,
          use8BitMime: mail.eightBit,
          ...(mail.dsn ? { dsn: { ...mail.dsn, notify: mail.dsn.notify?.join(',') } } : {}),
        } as SMTPConnection.Envelope,
        octets,
        (err, info) => {
          this.#connection.off('end', lost)
          this.#connection.off('error', lost)
          if (!err) return resolve({ ok: true, reply: info.response })
          const first = (err as { rejectedErrors?: SmtpError[] }).rejectedErrors?.[0] ?? (err as SmtpError)
          resolve({
            ok: false,
            ...(first.responseCode === undefined ? {} : { code: first.responseCode }),
            reply: first.response ?? first.message,
          })
        },
      )
    })
  }

  /** After a refusal: the next message begins anew. Resolves to false when the connection is no good any more. */
  async reset(): Promise<boolean> {
    if (!this.#usable) return false
    return new Promise((resolve) => this.#connection.reset((err) => resolve(!err)))
  }

  close(): void {
    this.#usable = false
    this.#connection.quit()
    this.#connection.close()
  }
}

type SmtpError = Error & { responseCode?: number; response?: string }
