/**
 * Marionette, the remote protocol of Gecko programs: frames of `<octets>:<JSON>` over TCP; commands `[0, id, name, parameters]`,
 * answers `[1, id, error, result]`. As much of it as runs a script in the program's own context and takes a picture.
 * Source: https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
 */
import { connect, type Socket } from 'node:net'

type Answer = { resolve(value: unknown): void; reject(err: Error): void }

export class Marionette implements Disposable {
  readonly #socket: Socket
  readonly #waiting = new Map<number, Answer>()
  #received = Buffer.alloc(0)
  #last = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', () => undefined) // 'close' follows
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the program closed its Marionette connection'))
      this.#waiting.clear()
    })
  }

  /** Opens a session whose scripts run with the program's own rights. */
  static async open(port: number): Promise<Marionette> {
    const socket = connect(port, '127.0.0.1')
    const marionette = new Marionette(socket)
    // the suite's own certificate, as a person accepts it once
    await marionette.#command('WebDriver:NewSession', { acceptInsecureCerts: true, unhandledPromptBehavior: 'ignore' })
    await marionette.#command('WebDriver:SetTimeouts', { script: 60_000 })
    await marionette.#command('Marionette:SetContext', { value: 'chrome' })
    return marionette
  }

  /**
   * Runs the body of an async function in the program's main window; `args` are its `arguments`.
   * @throws Error what the script threw
   */
  async run<T>(body: string, ...args: unknown[]): Promise<T> {
    const script = `const done = arguments[arguments.length - 1];
      (async function () { ${body} }).apply(this, [...arguments].slice(0, -1))
        .then((value) => done({ value }), (err) => done({ failed: String(err) + ' ' + (err.stack ?? '') }))`
    const parameters = { script, args, newSandbox: true }
    const answer = (await this.#command('WebDriver:ExecuteAsyncScript', parameters)) as {
      value: { value: T } | { failed: string }
    }
    if ('failed' in answer.value) throw new Error(answer.value.failed)
    return answer.value.value
  }

  /** @returns the main window as PNG */
  async picture(): Promise<Buffer> {
    const { value } = (await this.#command('WebDriver:TakeScreenshot', { full: false })) as { value: string }
    return Buffer.from(value, 'base64')
  }

  #command(name: string, parameters: object): Promise<unknown> {
    const id = ++this.#last
    const frame = Buffer.from(JSON.stringify([0, id, name, parameters]))
    this.#socket.write(`${frame.length}:`)
    this.#socket.write(frame)
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    for (;;) {
      const colon = this.#received.indexOf(':')
      if (colon === -1) return
      const end = colon + 1 + Number(this.#received.subarray(0, colon).toString())
      if (this.#received.length < end) return
      const frame: unknown = JSON.parse(this.#received.subarray(colon + 1, end).toString())
      this.#received = this.#received.subarray(end)
      if (Array.isArray(frame)) this.#answer(frame)
    }
  }

  #answer([, id, error, result]: unknown[]): void {
    const waiting = this.#waiting.get(id as number)
    this.#waiting.delete(id as number)
    if (error) waiting?.reject(new Error(JSON.stringify(error)))
    else waiting?.resolve(result)
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}
