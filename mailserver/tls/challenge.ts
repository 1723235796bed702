/**
 * Answers HTTP-01 (RFC 8555 §8.3): a listener that exists only while an order is under way, and knows nothing but the answers of
 * that order. In production whatever has port 80 passes `/.well-known/acme-challenge/` on to it (docs/operations/tls.md).
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The authority asks from a few places at once; others have no business here. */
const maxConnections = 50
/** Milliseconds for one request; a challenge is one line. */
const requestMs = 5_000
const path = /^\/\.well-known\/acme-challenge\/([A-Za-z0-9_-]{1,256})$/

export class Challenges implements AsyncDisposable {
  readonly #server: Server
  readonly #answers = new Map<string, string>()

  private constructor() {
    this.#server = createServer(
      { headersTimeout: requestMs, requestTimeout: requestMs, maxHeaderSize: 8 * 1024 },
      ({ method, url = '' }, response) => {
        const answer = method === 'GET' ? this.#answers.get(path.exec(url)?.[1] ?? '') : undefined
        response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/octet-stream' })
        response.end(answer ?? '')
      },
    )
    this.#server.maxConnections = maxConnections
  }

  /** @throws Error EADDRINUSE */
  static async listen(at: { host: string; port: number }): Promise<Challenges> {
    const challenges = new Challenges()
    challenges.#server.listen(at)
    await once(challenges.#server, 'listening')
    return challenges
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  add(token: string, answer: string): void {
    this.#answers.set(token, answer)
  }

  remove(token: string): void {
    this.#answers.delete(token)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}
