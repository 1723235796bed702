/**
 * DNS questions whose answer says whether it was validated (DNSSEC). Node's own resolver does not show the AD bit (RFC 4035 §3.2.3),
 * and DANE is worth nothing without it. The resolver validates, not we: its word counts only over a way that nobody else writes on,
 * which `trusted.ts` decides.
 */
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, isIPv6 } from 'node:net'
import { type Answer, decode, encode, type Packet, RECURSION_DESIRED, streamDecode, streamEncode } from 'dns-packet'

export type Question = 'A' | 'AAAA' | 'MX' | 'TLSA'
/** `secure`: a validating resolver vouches for it; also for the answer that there is no such record */
export type Answered = { secure: boolean; answers: readonly Answer[] }
export type Ask = (name: string, type: Question) => Promise<Answered>

/** RFC 6840 §5.7: the bit in a question asks for it in the answer. */
const AUTHENTIC_DATA = 1 << 5
const DNSSEC_OK = 1 << 15
/** Survives without fragments everywhere (DNS flag day 2020). */
const UDP_OCTETS = 1232
/** A resolver on this machine or beside it, which may have to ask others first. */
const PATIENCE_MS = 5_000
/** Each server is asked so often before the question counts as unanswered. */
const TRIES = 2

type Found = Packet & { flag_qr?: boolean; flag_tc?: boolean; flag_ad?: boolean; rcode?: string }

/**
 * @param servers "address" or "address:port", as of `dns.getServers()`
 * @returns asks one after the other. It throws Error where none answers, or the answer is a failure: SERVFAIL is what a bogus signature looks like
 */
export function asker(servers: readonly string[]): Ask {
  return async (name, type) => {
    let last: unknown = new Error('no DNS server is known')
    for (let i = 0; i < TRIES * servers.length; i++)
      try {
        const found = await one(place(servers[i % servers.length]!), name, type)
        if (found.rcode !== 'NOERROR' && found.rcode !== 'NXDOMAIN')
          throw Object.assign(new Error(`${found.rcode} for ${type} of ${name}`), { code: `E${found.rcode}` })
        return { secure: found.flag_ad === true, answers: found.answers ?? [] }
      } catch (err) {
        last = err
      }
    throw last
  }
}

type Place = { host: string; port: number }

export function place(server: string): Place {
  if (isIPv6(server)) return { host: server, port: 53 }
  const m = /^\[([^\]]+)\](?::(\d+))?$/.exec(server) ?? /^([^:]+)(?::(\d+))?$/.exec(server)
  return { host: m?.[1] ?? server, port: Number(m?.[2] ?? 53) }
}

async function one(at: Place, name: string, type: Question): Promise<Found> {
  const id = randomInt(65_536)
  const question: Packet = {
    type: 'query',
    id,
    flags: RECURSION_DESIRED | AUTHENTIC_DATA,
    questions: [{ type, name }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_OCTETS,
        flags: DNSSEC_OK,
        options: [],
        extendedRcode: 0,
        ednsVersion: 0,
        flag_do: true,
      },
    ],
  }
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const mine = (found: Found) =>
    found.id === id && found.flag_qr === true && found.questions?.[0]?.name.toLowerCase() === name.toLowerCase()
  const short = await overUdp(at, encode(question), mine, signal)
  return short.flag_tc ? overTcp(at, question, mine, signal) : short
}

async function overUdp(
  at: Place,
  octets: Buffer,
  mine: (found: Found) => boolean,
  signal: AbortSignal,
): Promise<Found> {
  const socket = createSocket(isIPv6(at.host) ? 'udp6' : 'udp4')
  try {
    socket.connect(at.port, at.host) // from now on the system drops what others send
    await once(socket, 'connect', { signal })
    socket.send(octets)
    for (;;) {
      const [message] = (await once(socket, 'message', { signal })) as [Buffer]
      const found = readable(() => decode(message) as Found)
      if (found && mine(found)) return found
    }
  } finally {
    socket.close()
  }
}

async function overTcp(
  at: Place,
  question: Packet,
  mine: (found: Found) => boolean,
  signal: AbortSignal,
): Promise<Found> {
  const socket = connect({ host: at.host, port: at.port, signal })
  try {
    await once(socket, 'connect', { signal })
    socket.write(streamEncode(question))
    const chunks: Buffer[] = []
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      const all = Buffer.concat(chunks)
      if (all.length < 2 || all.length < 2 + all.readUInt16BE(0)) continue
      const found = readable(() => streamDecode(all) as Found)
      if (found && mine(found)) return found
      break
    }
    throw new Error(`${at.host} did not answer over TCP`)
  } finally {
    socket.destroy()
  }
}

function readable(read: () => Found): Found | undefined {
  try {
    return read()
  } catch {
    return undefined // not a DNS message: like one that never came
  }
}
