/** What a letter holds beside its text: its HTML in a frame, its files, its source. */
import { Router } from 'express'
import { Refusal } from '#kit/refusal.ts'
import { disposition } from '#kit/web/disposition.ts'
import { requireSession, sessionOf } from '#kit/web/session.ts'
import type { Webmail } from '#webmail/context.ts'
import { cleanHtml, framePage, framePolicy, type InlineImage } from '#webmail/read/html.ts'
import { readingOf } from '#webmail/read/parts.ts'
import { decodeText } from '#webmail/read/text.ts'
import { readUid } from '#webmail/uid.ts'

/** What browsers show by themselves without running anything of the file; all else is a download. */
const shownInPlace = new Set(['application/pdf', 'image/png', 'image/jpeg', 'image/gif', 'image/webp', 'text/plain'])

export function letterRouter(webmail: Webmail): Router {
  const router = Router()
  router.use('/thu/:uid', requireSession)

  router.get('/thu/:uid/noi-dung', async (req, res) => {
    const { folder, uid } = place(req)
    const remote = req.query['anh'] === '1'
    const account = await webmail.connections.of(sessionOf(res))
    const m = await account.summary({ folder, uid, structure: true })
    const { html, inline } = readingOf(m.structure!)
    if (!html) throw new Refusal(404, 'Thư này không có phần trình bày HTML.', `UID ${uid} has no html`)
    const images = new Map<string, InlineImage>()
    for (const part of inline.slice(0, 50))
      images.set(part.contentId!, { type: part.type, content: await account.part({ folder, uid, part: part.number }) })
    const text = decodeText(await account.part({ folder, uid, part: html.number }), html.parameters['charset'])
    const clean = cleanHtml(text, images, remote)
    res.set({
      'Content-Security-Policy': framePolicy(remote),
      'X-Frame-Options': 'SAMEORIGIN',
      'Referrer-Policy': 'no-referrer',
      'X-Blocked-Images': String(clean.blocked),
    })
    res.type('html').send(framePage(clean.html))
  })

  router.get('/thu/:uid/tep/:part', async (req, res) => {
    const { folder, uid } = place(req)
    const number = req.params['part']!
    if (!/^\d{1,4}(\.\d{1,4}){0,20}$/.test(number)) throw new Refusal(404, 'Không có tệp này.', `part ${number}`)
    const account = await webmail.connections.of(sessionOf(res))
    const m = await account.summary({ folder, uid, structure: true })
    const attachment = readingOf(m.structure!).attachments.find((a) => a.part === number)
    if (!attachment) throw new Refusal(404, 'Không có tệp này trong thư.', `UID ${uid} has no part ${number}`)
    const content = await account.part({ folder, uid, part: number })
    sendFile(res, { ...attachment, content, inPlace: req.query['xem'] === '1' })
  })

  router.get('/thu/:uid/nguon', async (req, res) => {
    const { folder, uid } = place(req)
    const account = await webmail.connections.of(sessionOf(res))
    const source = await account.source({ folder, uid })
    sendFile(res, { name: `thu-${uid}.eml`, type: 'message/rfc822', content: source, inPlace: false })
  })
  return router
}

/** A stranger's file: never a page of ours, whatever it says that it is. */
function sendFile(
  res: import('express').Response,
  file: { name: string; type: string; content: Uint8Array; inPlace: boolean },
): void {
  const inPlace = file.inPlace && shownInPlace.has(file.type)
  res.set({
    'Content-Type': inPlace ? file.type : 'application/octet-stream',
    'Content-Disposition': disposition(inPlace ? 'inline' : 'attachment', file.name),
    'Content-Security-Policy':
      file.type === 'application/pdf'
        ? "default-src 'none'; object-src 'self'; plugin-types application/pdf; frame-ancestors 'self'" // Chromium's viewer does not start in a sandbox
        : "sandbox; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; frame-ancestors 'self'",
    'X-Frame-Options': 'SAMEORIGIN',
    'Cache-Control': 'private, max-age=300',
  })
  res.send(Buffer.from(file.content))
}

export function place(req: import('express').Request): { folder: string; uid: number } {
  const uid = readUid(req.params['uid'])
  if (uid === undefined) throw new Refusal(404, 'Không có thư này.', `uid ${req.params['uid']}`)
  const folder = typeof req.query['f'] === 'string' && req.query['f'] ? req.query['f'] : 'INBOX'
  return { folder, uid }
}
