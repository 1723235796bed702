import { Router } from 'express'
import { Refusal } from '#kit/refusal.ts'
import { sessionOf } from '#kit/web/session.ts'
import { openCase } from './case.ts'
import { fetchFile, kindOf } from './files.ts'
import type { Given } from './given.ts'

/** Of the page that says what went wrong: the site's own style, inside our own frame. */
const framePolicy =
  "default-src 'none'; style-src 'self'; font-src 'self'; script-src 'self'; img-src 'self' data:; frame-ancestors 'self'"

/** `GET /ho-so/<case>/tep/<sha256>`: a file of the case, shown where the browser can do so safely, else to be saved (`?tai`). */
export function attachmentRouter(given: Given): Router {
  const router = Router()
  router.get('/ho-so/:id/tep/:sha256', async (req, res) => {
    // also for what goes wrong: it is shown in the same frame
    res.set({ 'X-Frame-Options': 'SAMEORIGIN', 'Content-Security-Policy': framePolicy })
    const { viewer, row, files } = await openCase(given, res, req.params.id)
    const file = files.find((f) => f.sha256 === req.params.sha256)
    if (!file)
      throw new Refusal(
        404,
        'Hồ sơ này không có tệp đó. Mở lại hồ sơ để xem danh sách tệp.',
        `no file ${req.params.sha256.slice(0, 64)}`,
      )
    const octets = await given.mailboxes.use(sessionOf(res), (account) =>
      fetchFile(account, { case: row.case, register: viewer.register, file }),
    )
    const { preview, type } = kindOf(octets)
    const inline = preview !== 'none' && req.query['tai'] === undefined
    res.set({
      'Content-Type': inline ? type : 'application/octet-stream',
      'Content-Disposition': `${inline ? 'inline' : 'attachment'}; filename="tep"; filename*=UTF-8''${encodeName(file.name)}`,
      // Chromium shows no PDF in a sandbox; a PDF has no page of ours to run in, and its type is not guessed (nosniff)
      'Content-Security-Policy': `default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'${preview === 'pdf' ? '' : '; sandbox'}`,
    })
    res.end(octets)
  })
  return router
}

/** RFC 8187: everything but attr-char is escaped. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
