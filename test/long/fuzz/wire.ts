/** One connection of a fuzz run: sends octets, waits for texts within bounds, and keeps the last of what it heard. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { connect as connectSecured } from 'node:tls'
import { createDeflateRaw, createInflateRaw, constants as zlib } from 'node:zlib'

export type Address = { port: number; from: string } | { path: string }

/** Octets kept of what was heard: answers are looked at in it, and shown when something is wrong. */
const heardMost = 256 * 1024

export class Gone extends Error {
  override name = 'Gone'
}

export class Wire {
  readonly socket: Socket
  heard = ''
  closed = false
  /** that the server asks its clients to report a fault of its own */
  fault: string | undefined
  #sink: Writable
  #source: Readable | undefined
  #wake = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    this.#sink = socket
    this.#listen(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  static async open(at: Address, { secured }: { secured: boolean }): Promise<Wire> {
    const socket =
      'path' in at ? connect(at.path) : connect({ port: at.port, host: '127.0.0.1', localAddress: at.from })
    const wire = new Wire(socket)
    if (!wire.closed && socket.connecting) await Promise.race([once(socket, 'connect'), once(socket, 'close')])
    if (secured) await wire.secure()
    return wire
  }

  #listen(from: Readable): void {
    this.#source = from
    from.on('data', (chunk: Buffer) => {
      this.heard = (this.heard + chunk.toString('latin1')).slice(-heardMost)
      const fault = /SERVERBUG[^\r\n]*|^HTTP\/1\.1 500[^\r\n]*/m.exec(this.heard)
      if (fault) this.fault ??= fault[0]
      this.#wake()
    })
    from.on('end', () => {
      this.closed = true
      this.#wake()
    })
  }

  /** Shakes hands; what is sent from now on is under TLS. @throws Gone when the server will not */
  async secure(): Promise<void> {
    this.socket.removeAllListeners('data')
    const secured = connectSecured({ socket: this.socket, rejectUnauthorized: false })
    secured.on('error', () => undefined)
    await Promise.race([once(secured, 'secureConnect'), once(secured, 'close'), once(this.socket, 'close')]).catch(
      () => undefined,
    )
    if (!secured.encrypted || secured.getCipher() === undefined) throw new Gone('no TLS')
    this.heard = ''
    this.#sink = secured
    this.#listen(secured)
  }

  /** RFC 4978: what is sent from now on is deflated. */
  compress(): void {
    this.socket.removeAllListeners('data')
    const inflate = createInflateRaw({ finishFlush: zlib.Z_SYNC_FLUSH })
    const deflate = createDeflateRaw({ flush: zlib.Z_SYNC_FLUSH })
    inflate.on('error', () => undefined)
    this.socket.pipe(inflate)
    deflate.pipe(this.socket)
    this.#sink = deflate
    this.#listen(inflate)
  }

  send(octets: string | Buffer): void {
    if (!this.closed) this.#sink.write(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets)
  }

  /** Sends without a layer of ours, into whatever layer there is. */
  sendRaw(octets: Buffer): void {
    if (!this.closed) this.socket.write(octets)
  }

  /** Reads nothing from now on. */
  deaf(): void {
    this.#source?.removeAllListeners('data')
    this.#source?.pause()
  }

  end(): void {
    if (!this.closed) this.#sink.end()
  }

  /** Waits for this and forgets everything up to it. @throws Gone when the connection ends before, or after `ms` */
  async until(what: RegExp, ms = 20_000): Promise<string> {
    const deadline = Date.now() + ms
    for (;;) {
      const m = what.exec(this.heard)
      if (m) {
        this.heard = this.heard.slice(m.index + m[0].length)
        return m[0]
      }
      if (this.closed) throw new Gone(`closed while waiting for ${what}: ${JSON.stringify(this.heard.slice(-300))}`)
      if (!(await this.#more(deadline)))
        throw new Gone(`${ms} ms without ${what}: ${JSON.stringify(this.heard.slice(-300))}`)
    }
  }

  /** Until the other side has closed, or has said nothing for `ms`. */
  async quiet(ms: number): Promise<void> {
    while (!this.closed && (await this.#more(Date.now() + ms)));
  }

  /** @returns whether something came before the deadline */
  async #more(deadline: number): Promise<boolean> {
    return new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), Math.max(0, deadline - Date.now()))
      this.#wake = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }

  async ask(line: string, answer: RegExp): Promise<string> {
    this.send(`${line}\r\n`)
    return this.until(answer)
  }

  destroy(): void {
    this.socket.destroy()
  }
}
