/**
 * Server side of SASL (RFC 4422), free of any protocol: one file for each mechanism, `table.ts` lists them, `converse.ts`
 * runs one over a protocol that sends base64 lines. Every mechanism signs in through the accounts, so all failures are
 * slowed alike; none learns more of a person than that she is not signed in.
 */
import type { Accounts, Scope, SignedIn, StoredAccount } from '../port.ts'

/** What names a TLS connection, so that a sign-in on it is of use on no other. */
export type Channel = {
  /** octets of this channel binding; undefined when this connection has none of the kind */
  binding(type: 'tls-exporter' | 'tls-server-end-point'): Buffer | undefined
}

export type Asked = {
  accounts: Accounts
  from: { ip: string; scope: Scope }
  /** absent in the clear */
  channel?: Channel
  /** The account of that address, where this person may act for it; absent: nobody acts for another in this protocol. */
  mayActFor?: (signedIn: SignedIn, address: string) => StoredAccount | undefined
}

export type Success = {
  signedIn: SignedIn
  /** the authorization identity, when it is another account than the person's */
  as?: StoredAccount | undefined
  /** what the mechanism says to the client with its success (RFC 4422 §3.6 "additional data"); the server's proof in SCRAM */
  data?: Buffer
}

/**
 * One exchange: a generator that yields challenges and is given the client's responses.
 * `initial` undefined: the client sent none with its command, and is asked for it (RFC 4422 §3.1).
 * @throws Malformed the responses are not of this mechanism
 * @throws Refusal 401, 403, 429 as `Accounts.signIn`
 */
export type Exchange = (asked: Asked, initial: Buffer | undefined) => AsyncGenerator<Buffer, Success, Buffer>

export type Mechanism = {
  /** as registered with IANA */
  name: string
  /** only where there is a channel to bind to */
  bound?: true
  run: Exchange
}

/** What came is not what the mechanism's grammar says; text is English, for people who write clients. */
export class Malformed extends Error {
  override name = 'Malformed'
}

export const nothing = Buffer.alloc(0)

/** Strict UTF-8 without NUL (RFC 4616 §2: 1*SAFE). @throws Malformed */
export function textOf(octets: Buffer, what: string): string {
  if (octets.includes(0)) throw new Malformed(`${what} contains NUL`)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets)
  } catch {
    throw new Malformed(`${what} is not UTF-8`)
  }
}
