/** A plain IMAP client that counts: a command, its whole answer, and the milliseconds between. */
import { connect, type Socket } from 'node:net'
import { connect as connectSecured } from 'node:tls'

const patienceMs = 120_000

export class ImapConnection implements Disposable {
  readonly #socket: Socket
  #heard: Buffer[] = []
  #look: (() => void) | undefined
  #failed: Error | undefined
  #tags = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (octets: Buffer) => {
      this.#heard.push(octets)
      this.#look?.()
    })
    const end = (err?: Error) => {
      this.#failed ??= err ?? new Error('the server closed the connection')
      this.#look?.()
    }
    socket.on('error', end)
    socket.on('close', () => end())
  }

  static async open(port: number, given: { secured?: boolean } = {}): Promise<ImapConnection> {
    const connection = new ImapConnection(
      given.secured
        ? connectSecured({ host: '127.0.0.1', port, rejectUnauthorized: false }) // the service's own certificate
        : connect(port, '127.0.0.1'),
    )
    await connection.hear(/^\* OK.*\r\n/)
    return connection
  }

  /** @throws Error when it is not answered OK */
  async ask(command: string): Promise<{ said: string; ms: number }> {
    const tag = `a${++this.#tags}`
    const begun = performance.now()
    this.#socket.write(`${tag} ${command}\r\n`)
    const said = await this.hear(new RegExp(`(?:^|\r\n)${tag} (?:OK|NO|BAD)[^\r]*\r\n$`))
    const ms = performance.now() - begun
    if (!said.includes(`${tag} OK`)) throw new Error(`${command}: ${said.slice(-300)}`)
    return { said, ms }
  }

  write(text: string): void {
    this.#socket.write(text)
  }

  /** Waits until what has come since the last answer matches; takes all of it. */
  hear(wanted: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => done(() => reject(new Error(`waited for ${wanted}`))), patienceMs)
      const done = (then: () => void) => {
        clearTimeout(timer)
        this.#look = undefined
        then()
      }
      this.#look = () => {
        // answers of megabytes come in many pieces: only their end is looked at
        const last = this.#heard.at(-1)?.toString('latin1') ?? ''
        const tail = last.length > 200 ? last : Buffer.concat(this.#heard.slice(-8)).toString('latin1')
        if (wanted.test(tail)) {
          const said = Buffer.concat(this.#heard).toString()
          this.#heard = []
          done(() => resolve(said))
        } else if (this.#failed) done(() => reject(this.#failed))
      }
      this.#look()
    })
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}
