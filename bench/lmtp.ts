/** A plain LMTP client (RFC 2033) that speaks as fast as the server answers: the next command follows the last reply. */
import { createConnection, type Socket } from 'node:net'

export class LmtpConnection implements Disposable {
  readonly #socket: Socket
  #rest = ''
  #waiting: PromiseWithResolvers<string> | undefined
  readonly #replies: string[] = []

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => this.#read(chunk))
    socket.on('error', (err) => this.#waiting?.reject(err))
    socket.on('close', () => this.#waiting?.reject(new Error('LMTP connection closed')))
  }

  static async open(at: { host: string; port: number }): Promise<LmtpConnection> {
    const connection = new LmtpConnection(createConnection(at))
    await connection.#expect('2')
    await connection.#say('LHLO bench.invalid', '2')
    return connection
  }

  /** Resolves after the 250 of the message: it would then survive a power cut. */
  async deliver(to: string, raw: string): Promise<void> {
    await this.#say('MAIL FROM:<bench@example.org>', '2')
    await this.#say(`RCPT TO:<${to}>`, '2')
    await this.#say('DATA', '3')
    await this.#say(`${raw}\r\n.`, '2')
  }

  async #say(line: string, wanted: string): Promise<void> {
    this.#socket.write(`${line}\r\n`)
    await this.#expect(wanted)
  }

  async #expect(wanted: string): Promise<void> {
    this.#waiting = Promise.withResolvers()
    const reply = this.#replies.shift() ?? (await this.#waiting.promise)
    if (!reply.startsWith(wanted)) throw new Error(`LMTP answered ${reply}`)
  }

  #read(chunk: string): void {
    const lines = (this.#rest + chunk).split('\r\n')
    this.#rest = lines.pop()!
    for (const line of lines) {
      if (line[3] === '-') continue
      if (this.#waiting) this.#waiting.resolve(line)
      else this.#replies.push(line)
    }
  }

  [Symbol.dispose](): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }
}
