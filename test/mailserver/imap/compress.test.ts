import { once } from 'node:events'
import { constants, createDeflateRaw, createInflateRaw, deflateRawSync } from 'node:zlib'
import { expect } from 'chai'
import { until } from '#test/until.ts'
import { an, type Client, type Fixture, mail, startFixture } from './fixture.ts'

/** Continues compressed, as a client does. */
async function deflate(c: Client): Promise<{ raw: Client['socket']; wire: () => number }> {
  expect(await c.ok('COMPRESS DEFLATE')).to.match(/^OK/)
  const raw = c.socket
  raw.removeAllListeners('data')
  let octets = 0
  const inflate = createInflateRaw()
  const out = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH })
  raw.on('data', (chunk: Buffer) => {
    octets += chunk.length
    inflate.write(chunk)
  })
  out.on('data', (chunk: Buffer) => raw.write(chunk))
  c.take(inflate)
  c.write = (data) => void out.write(data)
  return { raw, wire: () => octets }
}

describe('IMAP: COMPRESS=DEFLATE', () => {
  let f: Fixture
  before(async () => {
    f = await startFixture({ threads: 1 })
  })
  after(() => f[Symbol.asyncDispose]())

  it('compresses both ways, tells each answer at once, and is smaller', async () => {
    const c = await f.as(an)
    expect(await c.ok('CAPABILITY')).to.contain('COMPRESS=DEFLATE')
    const { wire } = await deflate(c)
    expect(await c.ok('CAPABILITY')).not.to.contain('COMPRESS=DEFLATE')
    for (let i = 0; i < 50; i++) await c.append('INBOX', mail(`letter ${i}`, 'x'.repeat(2000)))
    await c.ok('SELECT INBOX')
    const before = wire()
    const answer = await c.ok('FETCH 1:* (FLAGS ENVELOPE BODY.PEEK[])')
    expect(answer.length).to.be.above(100_000)
    expect(wire() - before).to.be.below(answer.length / 10)
  })
  it('is refused twice, for other algorithms, and before sign-in', async () => {
    const stranger = await f.connect()
    expect(await stranger.command('COMPRESS DEFLATE')).to.match(/^BAD/)
    const c = await f.as(an)
    expect(await c.command('COMPRESS LZW')).to.match(/^NO/)
    expect(await c.command('COMPRESS')).to.match(/^BAD/)
    await c.ok('NOOP')
    await deflate(c)
    expect(await c.command('COMPRESS DEFLATE')).to.match(/^NO \[COMPRESSIONACTIVE\]/)
  })
  it('works under STARTTLS and with IDLE, and ends with BYE in the same stream', async () => {
    const c = await f.connect()
    await c.ok('STARTTLS')
    await c.secure()
    await c.ok(`LOGIN ${an} "Hoa phượng 2026!"`)
    await deflate(c)
    await c.ok('SELECT INBOX')
    c.write('i IDLE\r\n')
    await c.until('+ idling\r\n')
    await f.deliver(an, mail('while idle'))
    await c.until(/\* \d+ EXISTS\r\n/)
    c.write('DONE\r\n')
    await c.until('i OK')
    c.write('l LOGOUT\r\n')
    await until('the farewell', () => /\* BYE[\s\S]*l OK/.test(c.received)) // inflated after the socket has ended
    await c.untilClosed()
  })
  it('ends the session at garbage, and at a stream that ends', async () => {
    for (const bad of [
      Buffer.from('a NOOP\r\nb NOOP\r\n'),
      Buffer.alloc(5000, 255),
      Buffer.concat([deflateRawSync('a NOOP\r\n'), Buffer.from('more')]),
    ]) {
      const c = await f.as(an)
      const { raw } = await deflate(c)
      raw.write(bad)
      if (!raw.destroyed && !raw.readableEnded) await once(raw, 'end')
    }
  })
  it('a bomb is taken as slowly as it is read: little memory, and the others are served', async () => {
    const bomb = deflateRawSync(Buffer.alloc(256 * 1024 * 1024, 0x61), { level: 9 })
    expect(bomb.length).to.be.below(300_000)
    const other = await f.as(an)
    const before = process.memoryUsage().rss
    const clients: Client['socket'][] = []
    for (let i = 0; i < 4; i++) {
      const c = await f.as(an)
      const { raw } = await deflate(c)
      raw.write(bomb)
      clients.push(raw)
    }
    // A line of 256 MB: refused at its first octets, thrown away up to a bound, and then the connection ends.
    await until('the bombs to have ended their sessions', () =>
      clients.every((raw) => raw.destroyed || raw.readableEnded),
    )
    expect(process.memoryUsage().rss - before).to.be.below(200 * 1024 * 1024)
    await other.ok('NOOP')
  })
  it('a reader that does not read costs one chunk', async () => {
    const c = await f.as(an)
    const noise = Buffer.from(Array.from({ length: 3 * 1024 ** 2 }, () => 33 + Math.floor(Math.random() * 90)))
    await c.append('INBOX', Buffer.concat([Buffer.from('Subject: noise\r\n\r\n'), noise]))
    await c.ok('SELECT INBOX')
    const { raw, wire } = await deflate(c)
    raw.pause()
    c.write('a FETCH * BODY.PEEK[]\r\nb FETCH * BODY.PEEK[]\r\n')
    await f.as(an).then((other) => other.ok('NOOP'))
    const stalled = wire()
    raw.resume()
    await c.until(/^b OK/m)
    expect(wire() - stalled).to.be.above(2 * 1024 ** 2)
  })
})
