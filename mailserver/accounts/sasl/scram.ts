/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677) and its form bound to the TLS connection, SCRAM-SHA-256-PLUS (RFC 9266, RFC 5929):
 * the password never travels, and with -PLUS nobody in the middle can pass the proof on.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { Refusal } from '#kit/refusal.ts'
import { actingFor } from './acting.ts'
import { type Channel, Malformed, type Mechanism, nothing, type Success, textOf } from './mechanism.ts'

/** Octets of the client's nonce: 18 to 32 are usual; it is hashed and sent back. */
const maxNonce = 256
const ourNonceOctets = 24
const proofOctets = 32

export const scram: Mechanism = { name: 'SCRAM-SHA-256', run: exchange(false) }
export const scramPlus: Mechanism = { name: 'SCRAM-SHA-256-PLUS', bound: true, run: exchange(true) }

function exchange(plus: boolean): Mechanism['run'] {
  return async function* (asked, initial): AsyncGenerator<Buffer, Success, Buffer> {
    const { accounts, from, channel } = asked
    const first = readFirst(textOf(initial ?? (yield nothing), 'the first message'))
    const binding = boundTo(first, plus, channel)
    const acting = actingFor(asked, first.authorization, first.name)
    const offer = accounts.scram(first.name, from)
    const nonce = first.nonce + randomBytes(ourNonceOctets).toString('base64')
    const serverFirst = `r=${nonce},s=${offer.salt.toString('base64')},i=${offer.iterations}`

    const final = readFinal(textOf(yield Buffer.from(serverFirst), 'the final message'))
    if (final.nonce !== nonce) throw notProven('another nonce')
    if (!final.binding.equals(Buffer.concat([Buffer.from(first.header), binding])))
      throw notProven('bound to another connection')
    const message = `${first.bare},${serverFirst},${final.withoutProof}`
    const { signedIn, keys } = offer.prove(({ storedKey }) => {
      const signature = createHmac('sha256', storedKey).update(message).digest()
      const clientKey = signature.map((octet, i) => octet ^ final.proof[i]!)
      return timingSafeEqual(createHash('sha256').update(clientKey).digest(), storedKey)
    })
    const verifier = createHmac('sha256', keys.serverKey).update(message).digest('base64')
    return { signedIn, as: acting(signedIn), data: Buffer.from(`v=${verifier}`) }
  }
}

type First = {
  /** the gs2 header, which the final message repeats */
  header: string
  flag: string
  authorization: string
  bare: string
  name: string
  nonce: string
}

/** RFC 5802 §7 client-first-message. @throws Malformed */
function readFirst(text: string): First {
  const match = /^((n|y|p=([A-Za-z0-9.-]{1,64})),(?:a=([^,]*))?,)(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/s.exec(
    text,
  )
  // "m=" in the place of the name is an extension that must be understood; there is none
  if (!match) throw new Malformed('the first message is not one of SCRAM')
  const [, header, flag, , authorization = '', bare, name, nonce] = match as unknown as string[]
  if (nonce!.length > maxNonce) throw new Malformed('the nonce is too long')
  return {
    header: header!,
    flag: flag!,
    authorization: unescapeName(authorization),
    bare: bare!,
    name: unescapeName(name!),
    nonce: nonce!,
  }
}

/** RFC 5802 §5.1: `=2C` and `=3D` are the only escapes. @throws Malformed */
function unescapeName(name: string): string {
  if (/=(?!2C|3D)/.test(name)) throw new Malformed('"=" in a name must be written =3D')
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=')
}

/** Octets that the proof must be bound to. @throws Malformed, Refusal 401 (RFC 5802 §6) */
function boundTo({ flag }: First, plus: boolean, channel: Channel | undefined): Buffer {
  if (!flag.startsWith('p=')) {
    if (plus) throw new Malformed('-PLUS must be bound to the connection')
    // "I could bind, but you cannot": we can, so somebody took -PLUS out of our list
    if (flag === 'y' && channel) throw notProven('the client was told of no channel binding')
    return nothing
  }
  if (!plus) throw new Malformed('bound to the connection without -PLUS')
  const type = flag.slice(2)
  const octets = type === 'tls-exporter' || type === 'tls-server-end-point' ? channel?.binding(type) : undefined
  if (!octets) throw new Malformed('this channel binding is not available; tls-exporter is, with TLS 1.3')
  return octets
}

type Final = { binding: Buffer; nonce: string; proof: Buffer; withoutProof: string }

/** RFC 5802 §7 client-final-message. @throws Malformed */
function readFinal(text: string): Final {
  const match = /^(c=([A-Za-z0-9+/=]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,(?!p=)[A-Za-z]=[^,]*)*),p=([A-Za-z0-9+/=]+)$/.exec(
    text,
  )
  if (!match) throw new Malformed('the final message is not one of SCRAM')
  const [, withoutProof, binding, nonce, proof] = match as unknown as [string, string, string, string, string]
  const octets = Buffer.from(proof, 'base64')
  if (octets.length !== proofOctets || octets.toString('base64') !== proof)
    throw new Malformed('the proof is not 32 octets in base64')
  return { binding: Buffer.from(binding, 'base64'), nonce, proof: octets, withoutProof }
}

const notProven = (why: string) => new Refusal(401, 'Địa chỉ hoặc mật khẩu không đúng.', why)
