/** What is logged of a page that fails: a fault of ours loudly, a browser that went away not as one. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect } from 'chai'
import express, { type RequestHandler } from 'express'
import type { Log } from '#kit/log.ts'
import { errorPages } from '#kit/web/errors.ts'

describe('web application: pages that fail', () => {
  const gone = (res: Parameters<RequestHandler>[1]) => once(res, 'close')
  const cases: [what: string, level: 'info' | 'error', handler: RequestHandler][] = [
    [
      'the browser has gone when the answer begins',
      'info',
      async (_req, res) => {
        await gone(res)
        await pipeline(Readable.from(['x']), res)
      },
    ],
    [
      'the browser goes while it is answered',
      'info',
      async (_req, res) => {
        await pipeline(
          (async function* () {
            yield 'x'
            await gone(res)
            yield 'y'
          })(),
          res,
        )
      },
    ],
    [
      'a fault of ours, with nobody there',
      'error',
      async (_req, res) => {
        await gone(res)
        throw new TypeError('ours')
      },
    ],
  ]
  for (const [what, level, handler] of cases)
    it(`${what}: ${level}`, async () => {
      const app = express()
      app.use((_req, res, next) => {
        Object.assign(res.locals, { ref: '0000-0000', now: new Date().toISOString(), path: '/' })
        next()
      })
      app.get('/', handler)
      const logged = new Promise<string>((resolve) => {
        const log = { info: () => resolve('info'), error: () => resolve('error') } as unknown as Log
        app.use(errorPages(log, 'plain'))
      })
      const server = createServer(app).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const arrived = once(server, 'request')
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      await arrived
      socket.destroy()
      expect(await logged).to.equal(level)
      server.closeAllConnections()
      server.close()
    })
})
