import type { IncomingMessage } from 'node:http'
import type { CallName } from '#kit/directory/calls.ts'
import { octetsHeader, readBody } from '#kit/directory/wire.ts'
import { Refusal } from '#kit/refusal.ts'

const usualLimit = 256 * 1024
/** a province's procedures with their forms */
const provinceLimit = 8 * 1024 * 1024
/** a message of 50 MB, or an entry with its notices; more when larger messages are allowed */
const mailLimit = 80 * 1024 * 1024
/** what all bodies together may take at once; the rest is told to come again */
const togetherLimit = 512 * 1024 * 1024

/** Octets that a call's body may have. */
export function bodyLimit(name: CallName, maxMessage: number): number {
  if (name === 'handover' || name === 'ledger.commit' || name === 'mail.import')
    return Math.max(mailLimit, Math.ceil(maxMessage * 1.4) + usualLimit)
  return name === 'provision' ? provinceLimit : usualLimit
}

/** Reads bodies of a known length, so that room is taken before the first octet is kept. */
export class Bodies {
  #held = 0

  /** @throws Refusal 411, 413, 400, 503 (too many at once) */
  async read(request: IncomingMessage, limit: number): Promise<unknown> {
    const length = Number(request.headers['content-length'] ?? Number.NaN)
    if (!Number.isSafeInteger(length)) throw new Refusal(411, 'Yêu cầu không đúng mẫu.', 'Content-Length is missing')
    if (length > limit)
      throw new Refusal(413, 'Yêu cầu quá lớn.', `the body has ${length} octets, at most ${limit} are read`)
    if (this.#held + length > Math.max(togetherLimit, limit))
      throw new Refusal(503, 'Máy chủ đang bận. Vui lòng thử lại sau.', 'too many large bodies at once')
    this.#held += length
    try {
      const chunks: Buffer[] = []
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
      return readBody(Buffer.concat(chunks, length), octetsOf(request))
    } catch (err) {
      if (err instanceof SyntaxError)
        throw new Refusal(400, 'Yêu cầu không đúng mẫu.', `the body is not what it should be: ${err.message}`)
      throw err
    } finally {
      this.#held -= length
    }
  }
}

function octetsOf(request: IncomingMessage): string | undefined {
  const value = request.headers[octetsHeader]
  return Array.isArray(value) ? value.join(',') : value
}
