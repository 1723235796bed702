import { Refusal } from '#kit/refusal.ts'
import type { SignedIn, StoredAccount } from '../port.ts'
import { type Asked, Malformed, type Mechanism, nothing } from './mechanism.ts'

export type Outcome =
  /** `as`: only where the protocol lets somebody act for another */
  | { kind: 'signed-in'; signedIn: SignedIn; as?: StoredAccount; data?: Buffer }
  /** the client sent "*" */
  | { kind: 'cancelled' }
  /** a syntax error in the protocol's terms; `why` is English */
  | { kind: 'malformed'; why: string }
  /** 401, 403 (its `advice` may be shown: the password was right), 429 */
  | { kind: 'refused'; refusal: Refusal }

/** Characters of one base64 response: a name of 320, a password of 1,024 characters in UTF-8, twice (authzid), with room. */
export const maxResponse = 12 * 1024

/** Responses of one exchange: SCRAM takes three with the empty one that ends it. */
const maxResponses = 6

export type Wire = {
  /** what came with the command, as it came; "=" is an empty response (RFC 4959 §3, RFC 4954 §4, RFC 5034 §4) */
  initial?: string | undefined
  /** Sends a challenge (base64, may be empty) and resolves to the client's line without its end. What it throws passes through. */
  ask(challenge: string): Promise<string>
  /** the protocol carries data with its success (ManageSieve does); others get it as a last challenge, answered by an empty line */
  dataWithSuccess?: true
}

/** Runs one exchange over base64 lines, as IMAP, POP3, SMTP and ManageSieve have them. Throws what `ask` throws, and our own faults. */
export async function converse(mechanism: Mechanism, asked: Asked, wire: Wire): Promise<Outcome> {
  try {
    const { initial } = wire
    const exchange = mechanism.run(
      asked,
      initial === undefined ? undefined : initial === '=' ? nothing : decode(initial),
    )
    let step = await exchange.next()
    for (let asks = 0; !step.done; asks++) {
      if (asks >= maxResponses) throw new Malformed('too many responses')
      step = await exchange.next(decode(await answer(wire, step.value)))
    }
    const { signedIn, as, data } = step.value
    const done = { kind: 'signed-in', signedIn, ...(as && { as }) } as const
    if (data === undefined || wire.dataWithSuccess) return { ...done, ...(data && { data }) }
    if (decode(await answer(wire, data)).length > 0) throw new Malformed('the last response must be empty')
    return done
  } catch (error) {
    if (error instanceof Cancelled) return { kind: 'cancelled' }
    if (error instanceof Malformed) return { kind: 'malformed', why: error.message }
    if (error instanceof Refusal) return { kind: 'refused', refusal: error }
    throw error
  }
}

class Cancelled extends Error {}

async function answer(wire: Wire, challenge: Buffer): Promise<string> {
  const line = await wire.ask(challenge.toString('base64'))
  if (line === '*') throw new Cancelled()
  return line
}

/** RFC 4648 §4 to the letter, with padding and without stray bits: Node alone would skip what is not base64. @throws Malformed */
export function decode(text: string): Buffer {
  if (text.length > maxResponse) throw new Malformed('the response is too long')
  const octets = Buffer.from(text, 'base64')
  if (octets.toString('base64') !== text) throw new Malformed('the response is not base64')
  return octets
}
