import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/**
 * A name server with TXT records, and PTR records for names below in-addr.arpa; every other question is answered with "no such name".
 * `silent` ones get no answer.
 */
export async function startDns(records: Record<string, string>, silent: readonly string[] = []) {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    let end = 12
    const labels: string[] = []
    while (query[end]) {
      labels.push(query.subarray(end + 1, end + 1 + query[end]!).toString())
      end += query[end]! + 1
    }
    const name = labels.join('.').toLowerCase()
    if (silent.includes(name)) return
    const type = name.endsWith('.in-addr.arpa') ? 12 : 16
    const text = query.readUInt16BE(end + 1) === type ? records[name] : undefined
    const header = Buffer.alloc(12)
    query.copy(header, 0, 0, 2)
    header.writeUInt16BE(text === undefined ? 0x8183 : 0x8180, 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(text === undefined ? 0 : 1, 6)
    const pieces = type === 12 ? [...(text?.split('.') ?? []), ''] : (text?.match(/.{1,255}/g) ?? [])
    const parts = pieces.flatMap((p) => [Buffer.from([p.length]), Buffer.from(p)])
    const data = Buffer.concat(parts)
    const answer =
      text === undefined
        ? Buffer.alloc(0)
        : Buffer.concat([
            Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 255]),
            data,
          ])
    socket.send(Buffer.concat([header, query.subarray(12, end + 5), answer]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  }
}
