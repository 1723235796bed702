/**
 * A web application of the suite, the same for staff and citizens: headers, assets, request references, same-site
 * posts, bounded bodies, error pages, health, and an orderly end. See docs/pages.md.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import express, { type Express, type RequestHandler, type Response } from 'express'
import { subsystem } from '#kit/log.ts'
import { type Assets, loadAssets } from '#kit/web/assets.ts'
import { errorPages, notFound } from '#kit/web/errors.ts'
import { sameSiteOnly, securityHeaders } from '#kit/web/headers.ts'
import type { Layout } from '#kit/web/page.ts'
import { createHub, type Hub } from '#kit/web/sse.ts'

/** Typed text of one form: ten times the longest that an act's form can hold. Files go through `readForm`. */
const mostFormBytes = 512 * 1024
const mostFormFields = 2000
/** A slow phone may need this long to upload; `readForm` limits how much. */
const requestMs = 15 * 60_000
const headersMs = 20_000
/** A browser that takes nothing of its page for so long has gone; event streams say something every 20 seconds. */
const silenceMs = 5 * 60_000
/** From the first octet of a request to the last of its answer, however little at a time is taken; event streams excepted. */
const exchangeMs = 2 * requestMs
/** Between two requests of a browser; longer than what reverse proxies keep. */
const keepAliveMs = 65_000
const mostConnections = 4000
const crowded = 'Máy chủ đang có quá nhiều kết nối. Vui lòng thử lại sau một phút.\n'
/** Sent to one more, which is not read. */
const noPlace = `HTTP/1.1 503 Service Unavailable\r\nRetry-After: 60\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(crowded)}\r\n\r\n${crowded}`
/** How long requests under way may take when the process ends. */
const graceMs = 5_000

export type Health = { code: 200 | 503; body: unknown }
export type AppOptions = {
  /** names the logger: "desk", "portal" */
  name: string
  layout: Layout
  /** public address, for example https://dichvucong.haiduong.gov.vn; says whether https is insisted on */
  origin?: string
  /** for every page: name of the province and so on */
  locals?: Record<string, unknown>
  /** further assets: served name → file on disk */
  assets?: Record<string, string>
  /** per cent of their time that clients are given (`CONGSO_PATIENCE`) */
  patience?: number
  /** answers `GET /healthz`; see kit/process/status.ts */
  health?: () => Health
  /** the suite's clock, as `now` of every page; the machine's when absent */
  now?: () => Date
  /** what a page does instead of an error when somebody must sign in (401) */
  signIn?: (res: Response) => void
}
export type Listening = AsyncDisposable & { origin: string; port: number }
export type WebApp = {
  express: Express
  assets: Assets
  hub: Hub
  use: (...handlers: RequestHandler[]) => void
  /** Adds the pages for what nobody answered, and listens. Port 0 takes a free one. */
  listen: (host: string, port: number) => Promise<Listening>
}

export function createApp(options: AppOptions): WebApp {
  const log = subsystem(options.name)
  const app = express()
  const hub = createHub()
  const given = (ms: number) => (ms * (options.patience ?? 100)) / 100
  const assets = loadAssets(options.assets)
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', 'loopback')
  app.set('query parser', 'simple')
  Object.assign(app.locals, { asset: assets.url, site: options.name, ...options.locals })

  app.use((req, res, next) => {
    res.locals['ref'] = reference()
    res.locals['path'] = req.path
    res.locals['now'] = (options.now?.() ?? new Date()).toISOString()
    res.set('X-Request-Ref', res.locals['ref'])
    const begun = performance.now()
    const late = setTimeout(() => {
      if (!String(res.getHeader('Content-Type')).startsWith('text/event-stream')) req.socket.destroy()
    }, given(exchangeMs)).unref()
    res.once('close', () => {
      clearTimeout(late)
      const ms = Math.round(performance.now() - begun)
      log.debug({ ref: res.locals['ref'], method: req.method, path: req.path, status: res.statusCode, ms }, 'request')
    })
    next()
  })
  app.get('/healthz', (_req, res) => {
    const { code, body } = options.health?.() ?? { code: 200, body: { ok: true } }
    res.status(code).set('Cache-Control', 'no-store').json(body)
  })
  app.use(securityHeaders(options.origin?.startsWith('https:') ?? false))
  app.use(assets.serve)
  app.get('/favicon.ico', (_req, res) => res.redirect(301, assets.url('mark.svg')))
  app.use(sameSiteOnly)
  app.use(express.urlencoded({ extended: false, limit: mostFormBytes, parameterLimit: mostFormFields }))

  return {
    express: app,
    assets,
    hub,
    use: (...handlers) => void app.use(...handlers),
    listen: async (host, port) => {
      app.use(notFound)
      app.use(errorPages(log, options.layout, options.signIn))
      const server = createServer(
        {
          requestTimeout: given(requestMs),
          headersTimeout: given(headersMs),
          keepAliveTimeout: given(keepAliveMs),
          connectionsCheckingInterval: given(headersMs) / 2,
        },
        app,
      )
      server.timeout = given(silenceMs)
      let open = 0
      server.prependListener('connection', (socket: Socket) => {
        open++
        socket.once('close', () => open--)
        if (open <= mostConnections) return
        socket.on('error', () => undefined) // it may hang up while it is told
        socket.end(noPlace, () => socket.destroy())
      })
      server.listen(port, host)
      await once(server, 'listening')
      const at = server.address() as AddressInfo
      return {
        port: at.port,
        origin: `http://${host}:${at.port}`,
        [Symbol.asyncDispose]: async () => {
          await hub[Symbol.asyncDispose]()
          const closed = once(server, 'close')
          server.close()
          server.closeIdleConnections()
          const patience = setTimeout(() => server.closeAllConnections(), graceMs)
          await closed
          clearTimeout(patience)
        },
      }
    },
  }
}

/** "7F2C-1193": short enough to be read out on the telephone, the same in the log and on the page. */
function reference(): string {
  const hex = randomBytes(4).toString('hex').toUpperCase()
  return `${hex.slice(0, 4)}-${hex.slice(4)}`
}
