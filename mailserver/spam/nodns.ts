import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/**
 * A name server that knows no name, for machines without DNS: without one every scan waits for timeouts (0.6 s). Its answers carry
 * an OPT record (RFC 6891 §6.1.1); rspamd waits for another when it is missing.
 */
export async function startNoDns(): Promise<AsyncDisposable & { address: string }> {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const answer = nxdomain(query)
    if (answer) socket.send(answer, from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  }
}

/** RFC 1035 §4.1. Undefined for what is not one question. */
export function nxdomain(query: Buffer): Buffer | undefined {
  if (query.length < 17 || query.readUInt16BE(4) !== 1 || query[2]! & 0x80) return undefined
  let end = 12
  while (end < query.length && query[end] !== 0) end += query[end]! + 1
  end += 5 // the root label, type and class
  if (end > query.length) return undefined
  const header = Buffer.alloc(12)
  query.copy(header, 0, 0, 2)
  header.writeUInt16BE(0x8183, 2) // response, recursion desired and available, NXDOMAIN
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(1, 10)
  const opt = Buffer.from([0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]) // root, OPT, 1232 octets
  return Buffer.concat([header, query.subarray(12, end), opt])
}
