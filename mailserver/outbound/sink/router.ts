import { randomUUID } from 'node:crypto'
import { type Request, Router } from 'express'
import { compose } from '#kit/mail/compose.ts'
import { sendPlain } from '#kit/mail/sendplain.ts'
import { Refusal } from '#kit/refusal.ts'
import { pages } from '#kit/web/page.ts'
import { partOf, readSunk } from '#mailserver/outbound/sink/letter.ts'
import type { Letters } from '#mailserver/outbound/sink/store/letters.ts'

const { show } = pages(import.meta.dirname, 'plain')
const pageSize = 50
const noScripts = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"

/** Pages of the sink and, below `/api`, the same for programs. */
export function sinkRouter(letters: Letters, edge: { host: string; port: number }): Router {
  const router = Router()

  router.get('/', (req, res) => {
    const to = query(req, 'den')
    const before = Number(query(req, 'truoc')) || undefined
    const rows = letters.list({ to, limit: pageSize, ...(before ? { before } : {}) })
    show(res, 'list', {
      title: 'Hộp thư bên ngoài',
      bare: true,
      to,
      rows,
      recipients: letters.recipients(),
      more: rows.length === pageSize ? rows.at(-1)!.id : undefined,
      sent: query(req, 'da-gui') === '1',
    })
  })
  router.get('/thu/:id', (req, res) => {
    const letter = find(letters, req)
    show(res, 'letter', { title: letter.subject || 'Thư', bare: true, letter, ...readSunk(letter.raw) })
  })
  router.get('/thu/:id/html', (req, res) => {
    const { html } = readSunk(find(letters, req).raw)
    if (html === undefined) throw new Refusal(404, 'Thư này không có phần HTML.', 'no html')
    res.set({ 'Content-Security-Policy': noScripts, 'X-Frame-Options': 'SAMEORIGIN' })
    res.type('html').send(html)
  })
  router.get('/thu/:id/phan/:part', (req, res) => {
    const found = partOf(find(letters, req).raw, String(req.params['part']))
    if (!found) throw new Refusal(404, 'Không có tệp này trong thư.', `part ${req.params['part']}`)
    const name = encodeURIComponent(found.part.filename ?? 'tep').replaceAll("'", '%27')
    res.set({
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': `attachment; filename*=UTF-8''${name}`,
      'Content-Security-Policy': noScripts,
    })
    res.send(found.content)
  })
  router.get('/thu/:id/nguon', (req, res) => {
    res.type('text/plain; charset=utf-8').send(find(letters, req).raw)
  })

  router.post('/gui', async (req, res) => {
    const from = field(req, 'from').trim()
    const to = field(req, 'to').trim()
    const subject = field(req, 'subject').trim().slice(0, 500)
    const text = field(req, 'text')
    for (const address of [from, to])
      if (!/^[^\s@<>,"]{1,64}@[^\s@<>,"]{1,190}$/u.test(address))
        throw new Refusal(422, `“${address}” chưa phải địa chỉ thư. Ghi dạng ten@vi-du.vn.`, 'bad address')
    const messageId = `${randomUUID()}@sink.example`
    const raw = await compose({
      from: { address: from },
      to: [{ address: to }],
      subject,
      messageId,
      date: new Date(),
      text,
    })
    await sendPlain({ ...edge, from, to: [to], raw })
    res.redirect(303, '/?da-gui=1')
  })

  router.get('/api/messages', (req, res) => {
    res.json(letters.list({ to: query(req, 'to'), limit: 500 }))
  })
  router.get('/api/messages/:id', (req, res) => {
    const { raw, ...letter } = find(letters, req)
    res.json({ ...letter, ...readSunk(raw), raw: raw.toString('base64') })
  })
  return router
}

function find(letters: Letters, req: Request) {
  const letter = letters.get(Number(req.params['id']))
  if (!letter) throw new Refusal(404, 'Không có thư này.', `letter ${req.params['id']}`)
  return letter
}
const query = (req: Request, name: string): string => (typeof req.query[name] === 'string' ? req.query[name] : '')
const field = (req: Request, name: string): string => (typeof req.body?.[name] === 'string' ? req.body[name] : '')
