import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { Scanner } from '#mailserver/edge/scanner.ts'

/** A scanner with answers that a test sets. `scanned.test.ts` asks the real one. */
async function startFake(answer: (res: ServerResponse) => void) {
  const asked: { url: string; headers: IncomingHttpHeaders; rcpt: string[]; body: string }[] = []
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const rcpt = req.headersDistinct['rcpt'] ?? []
    asked.push({ url: req.url!, headers: req.headers, rcpt, body: Buffer.concat(chunks).toString() })
    answer(res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    asked,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const mail = {
  from: 'hà@example.com',
  to: ['an@haiduong.gov.vn', 'lan@haiduong.gov.vn'],
  helo: 'mail.example.com',
  host: 'mx.example.com',
  ip: '192.0.2.1',
  ref: 'A.1',
  tls: { version: 'TLSv1.3', name: 'TLS_AES_256_GCM_SHA384' },
  async *pieces() {
    yield Buffer.from('Subject: x\r\n\r\n')
    yield Buffer.from('body\r\n')
  },
}
const json = (value: unknown) => (res: ServerResponse) => res.end(JSON.stringify(value))

describe('the scanner', () => {
  it('is told where a letter came from and whom it is for, and is believed', async () => {
    const found = { action: 'add header', score: 7, required_score: 15, symbols: { A_B: { name: 'A_B', score: 1 } } }
    await using fake = await startFake(json(found))
    expect(await new Scanner({ port: fake.port }).scan(mail)).to.deep.equal({ found })
    const [asked] = fake.asked
    expect(asked).to.include({ url: '/checkv2', body: 'Subject: x\r\n\r\nbody\r\n' })
    expect(asked!.rcpt).to.deep.equal(mail.to)
    expect(asked!.headers).to.include({
      ip: mail.ip,
      helo: mail.helo,
      hostname: mail.host,
      from: Buffer.from(mail.from).toString('latin1'),
      'queue-id': mail.ref,
      'tls-version': 'TLSv1.3',
      'tls-cipher': mail.tls.name,
    })
  })
  it('says nothing of what is not known', async () => {
    await using fake = await startFake(json({ action: 'no action' }))
    await new Scanner({ port: fake.port }).scan({ ...mail, from: '', host: undefined, tls: undefined, to: ['x@y.vn'] })
    expect(fake.asked[0]!.headers).to.include({ 'deliver-to': 'x@y.vn', rcpt: 'x@y.vn' })
    for (const name of ['from', 'hostname', 'tls-version']) expect(fake.asked[0]!.headers).not.to.have.property(name)
  })

  const refusals: [what: string, answer: unknown, want: [kind: string, code: number, detail: string, text: RegExp]][] =
    [
      ['reject', { action: 'reject' }, ['refuse', 550, '7.1', /spam/]],
      [
        'reject with words of its own',
        { action: 'reject', messages: { smtp_message: 'Gtube\r\n250 ok' } },
        ['refuse', 550, '7.1', /^Gtube\?\?250 ok$/],
      ],
      [
        'soft reject',
        { action: 'soft reject', messages: { smtp_message: 'Greylisted' } },
        ['later', 451, '7.1', /^Greylisted$/],
      ],
      ['no action', {}, ['later', 450, '7.1', /later/]],
      ['an error', { error: 'no' }, ['later', 450, '7.1', /later/]],
      ['nothing', null, ['later', 450, '7.1', /later/]],
    ]
  for (const [what, answer, [kind, code, detail, text]] of refusals)
    it(`answers ${what}: ${code}`, async () => {
      await using fake = await startFake(json(answer))
      const { refused } = (await new Scanner({ port: fake.port }).scan(mail)) as { refused: { text: string } }
      expect(refused).to.include({ kind, code, detail })
      expect(refused.text).to.match(text)
    })

  const troubles: [what: string, answer: (res: ServerResponse) => void][] = [
    ['a fault', (res) => res.writeHead(500).end('{"action":"no action"}')],
    ['nonsense', (res) => res.end('<html>')],
    [
      'half an answer',
      (res) => res.writeHead(200, { 'content-length': '100' }).write('{"action"', () => res.destroy()),
    ],
    ['silence', () => {}],
  ]
  for (const [what, answer] of troubles)
    it(`answers with ${what}: the sender tries again`, async () => {
      await using fake = await startFake(answer)
      const scanned = await new Scanner({ port: fake.port, patienceMs: 500 }).scan(mail)
      expect(scanned).to.have.nested.include({ 'refused.kind': 'later', 'refused.code': 450 })
    })
  it('is not there: the sender tries again', async () => {
    const { port } = await (async () => {
      await using fake = await startFake(json({}))
      return fake
    })()
    expect(await new Scanner({ port }).scan(mail)).to.have.nested.include({ 'refused.kind': 'later' })
  })
})
