/**
 * A web application of the suite, the same for staff and citizens: headers, assets, request references, same-site
 * posts, bounded bodies, error pages, health, and an orderly end. See docs/pages.md.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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
/** Between two requests of a browser; longer than what reverse proxies keep. */
const keepAliveMs = 65_000
const mostConnections = 4000
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
    res.once('close', () => {
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
        { requestTimeout: requestMs, headersTimeout: headersMs, keepAliveTimeout: keepAliveMs },
        app,
      )
      server.maxConnections = mostConnections
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
