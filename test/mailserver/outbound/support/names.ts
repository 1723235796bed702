/** A name server of the test's own: what it knows, what of it is signed, and what it fails on. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { type Answer, AUTHENTIC_DATA, decode, encode, type Packet, streamDecode, streamEncode } from 'dns-packet'

export type Zone = {
  /** "name TYPE" in lower case → its records; what is not there does not exist */
  records: Record<string, readonly Answer[]>
  /** whether the resolver vouches for an answer about this name */
  secure: (name: string) => boolean
  /** names on which it fails, as on a signature that does not hold */
  bogus?: (name: string) => boolean
  /** answers over UDP are cut, so that TCP must be asked */
  cut?: boolean
}

export async function startNames(zone: Zone) {
  const asked: string[] = []
  const answer = (query: Packet, udp: boolean): Packet => {
    const { name, type } = query.questions![0]!
    const key = `${name.toLowerCase()} ${type}`
    asked.push(udp ? key : `${key} over TCP`)
    const found = zone.records[key]
    const cut = udp && zone.cut === true
    const rcode = zone.bogus?.(name)
      ? 2
      : found || Object.keys(zone.records).some((k) => k.startsWith(`${name} `))
        ? 0
        : 3
    const wanted = ((query.flags ?? 0) & AUTHENTIC_DATA) !== 0
    return {
      type: 'response',
      id: query.id!,
      flags: 0x0180 | rcode | (cut ? 0x0200 : 0) | (wanted && rcode !== 2 && zone.secure(name) ? AUTHENTIC_DATA : 0),
      questions: query.questions!,
      answers: rcode === 0 && !cut ? [...(found ?? [])] : [],
    }
  }
  const tcp = createServer((socket) =>
    socket
      .on('error', () => undefined)
      .once('data', (octets: Buffer) => socket.end(streamEncode(answer(streamDecode(octets)!, false)))),
  )
  const udp = await samePort(tcp)
  udp.on('message', (message, from) => udp.send(encode(answer(decode(message), true)), from.port, from.address))
  return {
    address: `127.0.0.1:${udp.address().port}`,
    asked,
    async [Symbol.asyncDispose]() {
      tcp.close()
      await new Promise<void>((resolve) => udp.close(() => resolve()))
    },
  }
}

/** Both on one port. One that is free for TCP may be somebody's for UDP: then another is tried. @returns the socket, bound */
async function samePort(tcp: Server): Promise<Socket> {
  for (let attempt = 1; ; attempt++) {
    tcp.listen(0, '127.0.0.1')
    await once(tcp, 'listening')
    const udp = createSocket('udp4')
    udp.bind((tcp.address() as AddressInfo).port, '127.0.0.1')
    try {
      await once(udp, 'listening')
      return udp
    } catch (err) {
      tcp.close()
      await once(tcp, 'close')
      if (attempt === 10) throw err
    }
  }
}
