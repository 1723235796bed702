import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createDirectory, DirectoryUnavailable } from '#kit/directory/client.ts'

describe('directory client', () => {
  const folder = mkdtempSync(join(tmpdir(), 'congso-client-'))
  const socket = join(folder, 'sock')
  let server: Server
  async function serving(listener: RequestListener): Promise<void> {
    server = createServer({ keepAliveTimeout: 1_000 }, listener)
    server.listen(socket)
    await once(server, 'listening')
  }
  afterEach(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  const client = () =>
    createDirectory({ socket, process: 'desk', secret: 'bí-mật'.normalize('NFD').replace(/[^ -~]/g, '') })

  it('posts JSON under its name and secret, and gives the answer back', async () => {
    const seen: unknown[] = []
    await serving(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const { authorization, 'x-process': process } = request.headers
      seen.push(request.method, request.url, authorization, process, JSON.parse(body))
      response.end('{"domains":["a.vn"]}')
    })
    using directory = client()
    expect(await directory['domain.list']({})).to.deep.equal({ domains: ['a.vn'] })
    expect(seen).to.deep.equal(['POST', '/v1/domain.list', 'Bearer bi-mat', 'desk', {}])
  })

  const answers: [what: string, status: number, body: string, want: object][] = [
    [
      'a refusal',
      422,
      '{"error":{"status":422,"advice":"Sai.","why":"x","fields":{"name":"Trống."}}}',
      { name: 'Refusal', status: 422, advice: 'Sai.' },
    ],
    ['over quota', 507, '{"error":{"status":507,"advice":"Đầy.","why":"x"}}', { name: 'Refusal', status: 507 }],
    [
      'its own trouble',
      500,
      '{"error":{"status":500,"advice":"Lỗi.","why":"x"}}',
      { name: 'DirectoryUnavailable', later: true },
    ],
    [
      'too busy',
      503,
      '{"error":{"status":503,"advice":"Bận.","why":"x"}}',
      { name: 'DirectoryUnavailable', later: true },
    ],
    ['no error in it', 404, '{}', { name: 'DirectoryUnavailable', later: true }],
    ['no JSON', 200, '<html>', { name: 'DirectoryUnavailable', later: true }],
    ['half of it', 200, '{"domains":["a', { name: 'DirectoryUnavailable', later: true }],
  ]
  for (const [what, status, body, want] of answers)
    it(`an answer that is ${what} becomes ${Object.values(want)[0]}`, async () => {
      await serving((_, response) => response.writeHead(status).end(body))
      using directory = client()
      expect(await directory['domain.list']({}).catch((e: unknown) => e)).to.include(want)
    })

  it('many calls at once keep their connections for the next', async () => {
    await serving((_, response) => setImmediate(() => response.end('{"domains":[]}')))
    server.keepAliveTimeout = 60_000 // as the mail server; a client gives up what is about to be closed
    let connections = 0
    server.on('connection', () => connections++)
    using directory = client()
    for (let round = 0; round < 3; round++)
      await Promise.all(Array.from({ length: 20 }, () => directory['domain.list']({})))
    expect(connections).to.be.within(1, 20)
  })

  it('a call whose answer has begun and does not end in time is not made again, on a kept connection either', async () => {
    let calls = 0
    await serving((_, response) => {
      if (++calls === 1) response.end('{"domains":[]}')
      else response.writeHead(200, { 'content-length': '100' }).write('{"domains"')
    })
    server.keepAliveTimeout = 60_000
    using directory = createDirectory({ socket, process: 'desk', secret: 'x', patienceMs: 200 })
    await directory['domain.list']({})
    const failed = (await directory['domain.list']({}).catch((e: unknown) => e)) as Error
    expect(failed).to.be.instanceOf(DirectoryUnavailable)
    expect(calls).to.equal(2)
  })

  it('a server that dies in the middle is unavailable', async () => {
    await serving((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"domains"', () => response.destroy())
    })
    using directory = client()
    expect(await directory['domain.list']({}).catch((e: unknown) => e)).to.be.instanceOf(DirectoryUnavailable)
  })

  it('a kept connection that the server has closed costs nothing', async () => {
    let calls = 0
    await serving((request, response) => {
      calls++
      request.resume()
      response.end('{"domains":[]}')
    })
    using directory = client()
    await directory['domain.list']({})
    server.closeAllConnections()
    for (let i = 0; i < 5; i++) expect(await directory['domain.list']({})).to.deep.equal({ domains: [] })
    expect(calls).to.equal(6)
  })

  it('is not mistaken for a promise', async () => {
    await serving((_, response) => response.end('{}'))
    using directory = await Promise.resolve(client())
    expect(typeof directory.usage).to.equal('function')
    expect((directory as unknown as { then?: unknown }).then).to.equal(undefined)
  })
})
