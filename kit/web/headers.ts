import type { RequestHandler } from 'express'
import { Refusal } from '#kit/refusal.ts'

/** What a page may load: its own origin only, and small pictures inside the style sheet. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/**
 * Security headers of every answer. A route that serves other people's content (a mail, an attachment) sets a
 * stricter `Content-Security-Policy` of its own afterwards.
 *
 * @param secure the site is reached by https: browsers are told to insist on it
 */
export function securityHeaders(secure: boolean): RequestHandler {
  return (_req, res, next) => {
    res.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'same-origin',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=()',
      'Cache-Control': 'no-store',
    })
    if (secure) res.set('Strict-Transport-Security', 'max-age=31536000')
    next()
  }
}

/**
 * Lets only pages of this very site change anything. Browsers say where a request comes from in Sec-Fetch-Site, older
 * ones and plain http in Origin; a request with neither comes from a program, which carries no one else's cookie.
 */
export const sameSiteOnly: RequestHandler = (req, _res, next) => {
  if (req.method === 'GET' || req.method === 'HEAD') return next()
  const site = req.get('sec-fetch-site')
  const origin = req.get('origin')
  const foreign =
    site !== undefined
      ? site !== 'same-origin' && site !== 'none'
      : origin !== undefined && !sameHost(origin, req.get('host'))
  if (!foreign) return next()
  next(
    new Refusal(
      403,
      'Yêu cầu đến từ một trang khác nên chưa làm gì. Mở lại trang này rồi làm lại.',
      `a ${req.method} from another site: sec-fetch-site ${site}, origin ${origin}`,
    ),
  )
}

function sameHost(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host
  } catch {
    return false // "null", from a sandboxed frame or a redirect between sites
  }
}
