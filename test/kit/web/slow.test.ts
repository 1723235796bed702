/** Clients of a page that send or take next to nothing are ended; a hundredth of the usual time is given here. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import { createApp, type Listening } from '#kit/web/app.ts'

/** more than the system's buffers take of an answer that is not read */
const large = 64 * 1024 * 1024

describe('web application: slow clients', function () {
  this.timeout(60_000)
  let at: Listening
  const gone: { path: string; finished: boolean }[] = []
  const begun = new Map<string, () => void>()
  before(async () => {
    const app = createApp({ name: 'test', layout: 'plain', patience: 1 })
    app.use((req, res, next) => {
      res.once('close', () => {
        gone.push({ path: req.path, finished: res.writableFinished })
        begun.get(req.path)?.()
      })
      next()
    })
    app.express.get('/large', (_req, res) => void res.type('bin').send(Buffer.alloc(large)))
    app.express.post('/form', (req, res) => void res.json(req.body))
    at = await app.listen('127.0.0.1', 0)
  })
  after(() => at[Symbol.asyncDispose]())

  const open = async (text: string): Promise<Socket> => {
    const socket = connect(at.port, '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(text)
    return socket
  }
  const dripping = async (text: string): Promise<string> => {
    const socket = await open(text)
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk
    })
    const drip = setInterval(() => socket.write('x'), 50)
    await once(socket, 'close')
    clearInterval(drip)
    return heard
  }

  it('a header that does not end is 408', async () => {
    expect(await dripping('GET /form HTTP/1.1\r\nHost: x\r\nX-Slow: ')).to.match(/^HTTP\/1\.1 408 /)
  })

  it('a body that does not end is 408', async () => {
    const head = 'POST /form HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n'
    const type = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n'
    expect(await dripping(head + type)).to.match(/^HTTP\/1\.1 408 /)
  })

  it('an answer that is not read is broken off', async () => {
    const closed = new Promise<void>((resolve) => begun.set('/large', resolve))
    const socket = await open('GET /large HTTP/1.1\r\nHost: x\r\n\r\n')
    await closed
    expect(gone.find(({ path }) => path === '/large')).to.deep.equal({ path: '/large', finished: false })
    socket.destroy()
  })
})
