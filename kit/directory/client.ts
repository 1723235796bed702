import { Agent, type IncomingMessage, request } from 'node:http'
import { Refusal } from '#kit/refusal.ts'
import type { CallName, Directory, ProcessName } from './calls.ts'
import { octetsHeader, writeBody } from './wire.ts'

/** The largest answer: 1,000 ledger entries with their data. */
const answerLimit = 128 * 1024 * 1024
/** Calls that carry mail wait for a durable commit behind others. */
const slowCalls: readonly CallName[] = [
  'ledger.commit',
  'handover',
  'store.verify',
  'provision',
  'expiry.run',
  'mail.find',
  'mail.expunge',
  'mail.move',
  'mail.import',
]
const timeoutMs = 30_000
const slowTimeoutMs = 180_000
const mostSockets = 32
/** Shorter than the server keeps an idle connection, so that it is we who close it. */
const idleMs = 20_000

/**
 * The world is broken, not the request: the mail server is not there, does not answer, or failed. Try again later; calls
 * that matter are idempotent.
 */
export class DirectoryUnavailable extends Error {
  override name = 'DirectoryUnavailable'
  readonly later = true
}

/**
 * The control API of the mail server, one method for each call: `await directory['directory.lookup']({ address })`.
 * Every method throws `Refusal` when the call was refused, `DirectoryUnavailable` when it should be tried again.
 *
 * @param socket path of the control socket, `paths(data).control`
 * @param secret of this process, the content of `paths(data).secret(process)`
 * @param patienceMs for the answer to any call, in place of what is usual for each
 */
export function createDirectory({
  socket,
  process,
  secret,
  patienceMs,
}: {
  socket: string
  process: ProcessName
  secret: string
  patienceMs?: number
}): Directory & Disposable {
  // as many are kept as may be open: to connect again costs both sides more than the call
  const agent = new Agent({ keepAlive: true, maxSockets: mostSockets, maxFreeSockets: mostSockets, timeout: idleMs })
  const headers = { authorization: `Bearer ${secret}`, 'x-process': process, 'content-type': 'application/json' }

  async function call(name: string, body: ReturnType<typeof writeBody>, again = true): Promise<unknown> {
    const sent = request({
      socketPath: socket,
      path: `/v1/${name}`,
      method: 'POST',
      agent,
      headers: {
        ...headers,
        'content-length': body.pieces.reduce((sum, piece) => sum + piece.length, 0),
        ...(body.octets === undefined ? {} : { [octetsHeader]: body.octets }),
      },
    })
    // not a signal: that would hold the call and its answer in memory until it fires
    const limit = patienceMs ?? (slowCalls.includes(name as CallName) ? slowTimeoutMs : timeoutMs)
    const timer = setTimeout(() => sent.destroy(new Error(`no answer within ${limit} ms`)), limit)
    let begun = false
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        sent.once('response', (answer) => {
          begun = true
          resolve(answer)
        })
        sent.on('error', reject)
        // head and body in one write to the socket
        sent.cork()
        for (const piece of body.pieces) sent.write(piece)
        sent.end()
      })
      return read(name, response.statusCode ?? 0, await collect(response)) // awaited here: what fails is caught below
    } catch (err) {
      if (err instanceof Refusal || err instanceof DirectoryUnavailable) throw err
      // a kept connection that the server had just closed: nothing of this call was read, and nothing answered
      if (again && !begun && sent.reusedSocket && (err as NodeJS.ErrnoException).code === 'ECONNRESET')
        return call(name, body, false)
      throw new DirectoryUnavailable(`${name}: the mail server cannot be reached (${(err as Error).message})`, {
        cause: err,
      })
    } finally {
      clearTimeout(timer)
    }
  }

  return new Proxy({} as Directory & Disposable, {
    get(_, name) {
      if (name === Symbol.dispose) return () => agent.destroy()
      if (
        typeof name !== 'string' ||
        (!name.includes('.') && name !== 'handover' && name !== 'provision' && name !== 'usage')
      )
        return undefined // `then` above all: a directory can be returned from an async function
      return (input: unknown) => call(name, writeBody(input))
    },
  })
}

function collect(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > answerLimit) response.destroy(new Error(`the answer is larger than ${answerLimit} octets`))
      else chunks.push(chunk)
    })
    response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    response.on('error', reject)
  })
}

type ErrorBody = { error?: { status?: number; advice?: string; why?: string; fields?: Record<string, string> } }

function read(name: string, status: number, text: string): unknown {
  const body: unknown = JSON.parse(text)
  if (status === 200) return body
  const { advice, why = `status ${status}`, fields } = (body as ErrorBody).error ?? {}
  // 507 is about the request (over quota, too large a group); the other 5xx are the server's own trouble
  if (advice === undefined || (status >= 500 && status !== 507)) throw new DirectoryUnavailable(`${name}: ${why}`)
  throw new Refusal(status, advice, `${name}: ${why}`, fields ? { fields } : {})
}
