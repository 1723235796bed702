import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** A base from which the ports that a test needs are free. They stay below those of outgoing connections, which come and go. */
export async function freeBase(offsets: readonly number[]): Promise<number> {
  for (let i = 0; i < 50; i++) {
    const base = 20_000 + Math.floor(Math.random() * 12_000)
    const free = await Promise.all(offsets.map((o) => isFree(base + o)))
    if (free.every(Boolean)) return base
  }
  throw new Error('no free ports')
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

/** A sender that shows every reply. Lines are sent one by one; `data` is dot-stuffed and ended here. */
export class Sender implements Disposable {
  readonly #socket
  #text = ''
  #wake = () => {}
  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1')
      this.#wake()
    })
    this.#socket.on('close', () => this.#wake())
    this.#socket.on('error', () => this.#wake())
  }
  async reply(): Promise<string> {
    for (;;) {
      const m = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(this.#text)
      if (m) {
        this.#text = this.#text.slice(m[0].length)
        return m[0].trim()
      }
      if (this.#socket.destroyed) return 'closed'
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
  async say(line: string): Promise<string> {
    this.#socket.write(`${line}\r\n`)
    return this.reply()
  }
  /** Octets as they are, and no reply awaited. Resolves when the kernel has them. */
  write(octets: string | Buffer): Promise<void> {
    const all = typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets
    return new Promise((resolve) => this.#socket.write(all, () => resolve()))
  }
  /** EHLO, MAIL, RCPT and DATA: the message is next. */
  async untilData(to: string): Promise<void> {
    await this.reply()
    for (const line of ['EHLO a.example.com', 'MAIL FROM:<sender@example.com>', `RCPT TO:<${to}>`]) await this.say(line)
    await this.say('DATA')
  }
  async data(message: string | Buffer): Promise<string> {
    const go = await this.say('DATA')
    if (!go.startsWith('354')) return go
    const text = Buffer.from(message).toString('latin1').replaceAll(/^\./gm, '..')
    this.#socket.write(Buffer.from(`${text}${text.endsWith('\r\n') ? '' : '\r\n'}.\r\n`, 'latin1'))
    return this.reply()
  }
  /** One mail in one connection: every reply in order, the last for DATA. */
  static async send(
    port: number,
    mail: { from?: string; to: readonly string[]; message: string | Buffer; helo?: string },
  ): Promise<string[]> {
    using s = new Sender(port)
    const replies = [
      await s.reply(),
      await s.say(`EHLO ${mail.helo ?? 'client.example.com'}`),
      await s.say(`MAIL FROM:<${mail.from ?? 'sender@example.com'}> SIZE=${mail.message.length}`),
    ]
    for (const to of mail.to) replies.push(await s.say(`RCPT TO:<${to}>`))
    if (replies.slice(3).some((r) => r.startsWith('250'))) replies.push(await s.data(mail.message))
    return replies
  }
  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}
