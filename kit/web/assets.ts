/**
 * The files that pages load: style, fonts and scripts, ours and from npm packages, all under one address that
 * changes when any of them does, so browsers keep them for ever.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { brotliCompressSync, constants } from 'node:zlib'
import type { RequestHandler } from 'express'

const require = createRequire(import.meta.url)
const own = (name: string) => `${import.meta.dirname}/assets/${name}`
const font = (weight: number) => require.resolve(`@fontsource/be-vietnam-pro/${weight}.css`)

/** Style sheets, each joined from its parts in this order. */
const base = [
  require.resolve('bootstrap/dist/css/bootstrap.min.css'),
  font(400),
  font(500),
  font(600),
  own('tokens.css'),
  own('controls.css'),
  own('parts.css'),
]
const sheets: Record<string, readonly string[]> = {
  'portal.css': [...base, own('portal.css'), own('narrow.css')],
  'desk.css': [
    ...base,
    own('desk.css'),
    own('desk-more.css'),
    own('case.css'),
    own('narrow.css'),
    own('desk-narrow.css'),
  ],
}

const files: Record<string, string> = {
  'htmx.js': require.resolve('htmx.org/dist/htmx.min.js'),
  'page.js': own('page.js'),
  'desk.js': own('desk.js'),
  'passkey.js': own('passkey.js'),
  'mark.svg': own('mark.svg'),
  'inter/inter-latin-wght-normal.woff2': require.resolve(
    '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  ),
}
for (const weight of [400, 500, 600])
  for (const part of ['vietnamese', 'latin-ext', 'latin']) {
    const name = `files/be-vietnam-pro-${part}-${weight}-normal.woff2`
    files[name] = require.resolve(`@fontsource/be-vietnam-pro/${name}`)
  }

const types: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
  png: 'image/png',
}
type Served = { type: string; plain: Buffer; brotli: Buffer | undefined }

export type Assets = {
  /** address of an asset, for example url('desk.css'); throws for one that is not served */
  url: (name: string) => string
  /** answers requests below `/assets/` */
  serve: RequestHandler
}

/**
 * @param more further files by the name they are served under, with their place on disk (a part's own script or style)
 */
export function loadAssets(more: Record<string, string> = {}): Assets {
  const served = new Map<string, Served>()
  const digest = createHash('sha256')
  const add = (name: string, bytes: Buffer) => {
    digest.update(name).update(bytes)
    const kind = name.slice(name.lastIndexOf('.') + 1)
    served.set(name, { type: types[kind] ?? 'application/octet-stream', plain: bytes, brotli: packed(kind, bytes) })
  }
  for (const [name, parts] of Object.entries(sheets)) add(name, Buffer.from(parts.map(sheet).join('\n')))
  for (const [name, file] of Object.entries({ ...files, ...more })) add(name, readFileSync(file))
  const version = digest.digest('hex').slice(0, 12)
  return {
    url: (name) => {
      if (!served.has(name)) throw new Error(`there is no asset named "${name}"`)
      return `/assets/${version}/${name}`
    },
    serve: (req, res, next) => {
      const path = req.path.startsWith('/assets/') ? req.path.slice('/assets/'.length) : undefined
      if (path === undefined || (req.method !== 'GET' && req.method !== 'HEAD')) return next()
      const asset = served.get(path.slice(path.indexOf('/') + 1))
      if (asset === undefined) return next()
      const current = path.startsWith(`${version}/`)
      // an old address still answers, with the new content and for this once only
      res.set('Cache-Control', current ? 'public, max-age=31536000, immutable' : 'no-cache')
      res.set('Content-Type', asset.type)
      res.set('Vary', 'Accept-Encoding')
      if (asset.brotli && req.acceptsEncodings('br')) {
        res.set('Content-Encoding', 'br')
        res.end(asset.brotli)
      } else res.end(asset.plain)
    },
  }
}

/** One style sheet; fonts are offered as WOFF2 only, which every browser that we serve reads. */
function sheet(file: string): string {
  return readFileSync(file, 'utf8')
    .replaceAll(/,\s*url\([^)]*\.woff\) format\('woff'\)/g, '')
    .replaceAll(/\/\*# sourceMappingURL=[^*]*\*\//g, '')
}

/** Quality 7: the largest sheet takes about 15 ms at start and is 5 % larger than at the slowest setting. */
function packed(kind: string, bytes: Buffer): Buffer | undefined {
  if (kind === 'woff2' || kind === 'png') return undefined
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 7 } })
}
