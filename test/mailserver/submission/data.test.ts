import { expect } from 'chai'
import { Data, release } from '#mailserver/submission/data.ts'
import type { SmtpReply } from '#mailserver/submission/recipients.ts'

const latin = (text: string): Buffer => Buffer.from(text, 'latin1')
type Read = { message: string; rest: string } | undefined

async function read(chunks: readonly string[]): Promise<Read> {
  const data = new Data(1000)
  for (const [i, chunk] of chunks.entries()) {
    const rest = data.feed(latin(chunk))
    if (!rest) continue
    data.end()
    return {
      message: (await data.whole)!.toString('latin1'),
      rest: rest.toString('latin1') + chunks.slice(i + 1).join(''),
    }
  }
  return undefined
}

/** The same of the whole at once: the beginning counts as the beginning of a line. */
function expected(text: string): Read {
  const all = `\r\n${text}`
  const end = all.indexOf('\r\n.\r\n')
  if (end === -1) return undefined
  const message = all
    .slice(0, end + 2)
    .replaceAll('\r\n.', '\r\n')
    .replaceAll(/(?<!\r)\n\.\./g, '\n.')
    .slice(2)
  return { message, rest: all.slice(end + 5) }
}

function* texts(length: number): Generator<string> {
  if (length === 0) return yield ''
  for (const begun of texts(length - 1)) for (const c of '.\r\nx') yield begun + c
}

describe('DATA', () => {
  it('ends and loses dots in the same places, wherever the chunks are cut', async () => {
    for (const body of texts(6)) {
      const text = `${body}\r\n.\r\nRSET\r\n`
      const want = expected(text)
      for (let cut = 0; cut <= body.length + 5; cut++) {
        const chunks = [text.slice(0, cut), text.slice(cut)].filter((c) => c !== '')
        expect(await read(chunks), JSON.stringify(chunks)).to.deep.equal(want)
      }
      expect(await read([...text]), JSON.stringify(text)).to.deep.equal(want)
    }
  })

  it('does not end beside a bare line feed', async () => {
    for (const text of ['x\n.\r\n', 'x\r\n.\n', 'x\n.\n', 'x\r.\r\n'])
      expect(await read([text]), JSON.stringify(text)).to.equal(undefined)
  })

  it('drops what is larger than allowed as it comes', async () => {
    const data = new Data(10)
    data.feed(latin('x'.repeat(6)))
    expect(data.sizeExceeded).to.equal(false)
    data.feed(latin('x'.repeat(6)))
    expect(data.sizeExceeded).to.equal(true)
    expect(data.feed(latin('\r\n.\r\n'))?.length).to.equal(0)
    data.end()
    expect(await data.whole).to.equal(undefined)
  })

  for (const announced of [0, 1, 200_000, 400_000, 1e12])
    it(`takes 300,000 octets where ${announced} were announced, and gives their memory back`, async () => {
      const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => 97 + (i % 26)))
      const data = new Data(1e9, announced)
      for (let at = 0; at < sent.length; at += 65_536) data.feed(Buffer.from(sent.subarray(at, at + 65_536)))
      data.feed(latin('\r\n.\r\n'))
      data.end()
      const raw = (await data.whole)!
      expect(raw.equals(Buffer.concat([sent, latin('\r\n')]))).to.equal(true)
      expect(raw.buffer.byteLength).to.be.at.most(1024 * 1024)
      release(raw)
      expect([raw.length, raw.buffer.byteLength]).to.deep.equal([0, 0])
    })

  it('holds so much of all messages together; what finds no room is to be sent again, ordinary letters are taken', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x')
    const fill = (data: Data, megabytes: number) => {
      for (let n = 0; n < megabytes; n++) data.feed(Buffer.from(megabyte))
    }
    const most = 70 * 1024 * 1024
    const large = Array.from({ length: 5 }, () => new Data(most))
    for (const data of large) fill(data, 64)
    const late = new Data(most)
    fill(late, 64)
    const small = new Data(most)
    small.feed(latin('x'.repeat(100_000)))
    for (const data of [...large, late, small]) data.feed(latin('\r\n.\r\n'))
    for (const data of [...large, late, small]) data.end()
    const taken = await Promise.allSettled([...large, late, small].map((data) => data.whole))
    const refused = taken.flatMap((t) => (t.status === 'rejected' ? [t.reason as SmtpReply] : []))
    expect(refused.length).to.be.within(1, 2)
    for (const why of refused) expect(why).to.include({ responseCode: 452 })
    expect(taken.at(-1)!.status, 'the small one').to.equal('fulfilled')

    for (const data of [...large, late, small]) data.answered()
    const next = new Data(most)
    fill(next, 40)
    next.feed(latin('\r\n.\r\n'))
    next.end()
    expect((await next.whole)!.length).to.be.greaterThan(40 * 1024 * 1024)
    next.answered()
  })
})
