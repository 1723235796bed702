/** A plain LMTP (RFC 2033) or SMTP client that speaks as fast as the server answers: the next command follows the last reply. */
import { createConnection, type Socket } from 'node:net'

type At = { host: string; port: number }

export class LmtpConnection implements Disposable {
  readonly #socket: Socket
  #rest = ''
  #waiting: PromiseWithResolvers<string> | undefined
  #failed: Error | undefined
  readonly #replies: string[] = []

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => this.#read(chunk))
    const end = (err: Error) => {
      this.#failed ??= err
      this.#waiting?.reject(this.#failed)
    }
    socket.on('error', end)
    socket.on('close', () => end(new Error('LMTP connection closed')))
  }

  static async open(at: At): Promise<LmtpConnection> {
    const connection = new LmtpConnection(createConnection(at))
    await connection.#expect('2')
    await connection.#say('LHLO bench.invalid', '2')
    return connection
  }

  /** SMTP, signed in where a password is given. */
  static async openSmtp(at: At, person?: { address: string; password: string }): Promise<LmtpConnection> {
    const connection = new LmtpConnection(createConnection(at))
    await connection.#expect('2')
    await connection.#say('EHLO bench.invalid', '2')
    if (person) {
      const plain = Buffer.from(`\0${person.address}\0${person.password}`).toString('base64')
      await connection.#say(`AUTH PLAIN ${plain}`, '2')
    }
    return connection
  }

  /** Resolves after the 250 of the message: it would then survive a power cut. */
  async deliver(to: string, raw: string): Promise<void> {
    await this.#say('MAIL FROM:<bench@example.org>', '2')
    await this.#say(`RCPT TO:<${to}>`, '2')
    await this.#say('DATA', '3')
    await this.#say(`${raw}\r\n.`, '2')
  }

  /**
   * One message for many. @param answers that follow DATA: one for each recipient in LMTP, one in SMTP
   * @returns milliseconds from the last octet's leaving to the last answer
   */
  async deliverToAll(given: { from: string; to: readonly string[]; raw: Buffer; answers: number }): Promise<number> {
    await this.#say(`MAIL FROM:<${given.from}>`, '2')
    for (const to of given.to) await this.#say(`RCPT TO:<${to}>`, '2')
    await this.#say('DATA', '3')
    await new Promise<void>((resolve) => this.#socket.write(given.raw, () => resolve()))
    const begun = performance.now()
    this.#socket.write('\r\n.\r\n')
    for (let n = 0; n < given.answers; n++) await this.#expect('2')
    return performance.now() - begun
  }

  async #say(line: string, wanted: string): Promise<void> {
    this.#socket.write(`${line}\r\n`)
    await this.#expect(wanted)
  }

  async #expect(wanted: string): Promise<void> {
    let reply = this.#replies.shift()
    if (reply === undefined) {
      if (this.#failed) throw this.#failed
      this.#waiting = Promise.withResolvers()
      reply = await this.#waiting.promise
    }
    if (!reply.startsWith(wanted)) throw new Error(`LMTP answered ${reply}`)
  }

  /** Several answers may come in one packet. */
  #read(chunk: string): void {
    const lines = (this.#rest + chunk).split('\r\n')
    this.#rest = lines.pop()!
    for (const line of lines) {
      if (line[3] === '-') continue
      const waiting = this.#waiting
      this.#waiting = undefined
      if (waiting) waiting.resolve(line)
      else this.#replies.push(line)
    }
  }

  [Symbol.dispose](): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }
}
