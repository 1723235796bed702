/** Deleted mail: found by sender, subject and day, put back, or removed for good; one's own, or of an office that one manages. */
import { type Request, type Response, Router } from 'express'
import type { DeletedWhich } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { pages } from '#kit/web/page.ts'
import { requireSession, sessionOf } from '#kit/web/session.ts'
import type { Webmail } from '#webmail/context.ts'
import { deletedBy, rowsOf } from '#webmail/deleted/rows.ts'
import { type Asked, readSearch, whichOf } from '#webmail/deleted/search.ts'
import { foldersOf } from '#webmail/folders.ts'
import { type Box, boxesOf, boxHref } from '#webmail/share/boxes.ts'

const { show } = pages(import.meta.dirname, 'desk')
const path = '/thu/da-xoa'
const pageSize = 50

export function deletedRouter(webmail: Webmail): Router {
  const router = Router()
  const { directory } = webmail

  /** @param ask what is to be removed for good: shown as a question first */
  async function page(res: Response, asked: Asked, ask?: { uids: string[]; messages: number }): Promise<void> {
    const { req } = res
    const session = sessionOf(res)
    const { box, boxes } = await boxesOf(directory, session, req)
    const number = Math.min(10_000, Math.max(1, Math.trunc(Number(req.query['trang'])) || 1))
    const { found, total, octets, days } = await directory['deleted.list']({
      address: box.owner,
      which: asked.errors ? {} : whichOf(asked),
      offset: (number - 1) * pageSize,
      limit: pageSize,
      by: session.person.address,
    })
    const folders = await foldersOf(await webmail.connections.of(session), box.office ? box.owner : undefined)
    const label = (folder: string) => folders.find((f) => f.path === folder)?.label ?? folder.replaceAll('/', ' / ')
    const now = Date.parse(String(res.locals['now']))
    const link = (over: Record<string, string> = {}) => {
      const given = { q: asked.q, tu: asked.from, den: asked.to, ...over }
      return boxHref(path, box, Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')))
    }
    show(res, 'deleted', {
      title: 'Khôi phục thư đã xóa',
      active: 'mail',
      styles: ['webmail.css'],
      path,
      box,
      boxes,
      href: (each: Box) => boxHref(path, each),
      asked,
      searching: asked.q !== '' || asked.from !== '' || asked.to !== '',
      rows: rowsOf(found, { days, now, label, by: await deletedBy(directory, found, session.person.address) }),
      total,
      octets,
      days,
      page: number,
      pageCount: Math.max(1, Math.ceil(total / pageSize)),
      link,
      folders,
      ask,
      said: said(req, label),
    })
  }

  router.get(path, requireSession, (req, res) => page(res, readSearch(req.query)))
  router.post(path, requireSession, async (req, res) => {
    const session = sessionOf(res)
    // the token may have ended since the page was opened; this goes by the session alone
    await directory['auth.whoami']({ token: session.token })
    const { box } = await boxesOf(directory, session, req)
    const asked = readSearch(req.body)
    const uids = [req.body['uid'] ?? []].flat().filter((n): n is string => /^[1-9]\d{0,9}$/.test(String(n)))
    if (asked.errors) throw new Refusal(422, Object.values(asked.errors)[0]!, 'no such day')
    const all = one(req, 'tat-ca') === '1'
    if (!all && uids.length === 0)
      throw new Refusal(422, 'Chưa chọn thư nào. Đánh dấu thư trong danh sách rồi làm lại.', 'nothing chosen')
    const which: DeletedWhich = all ? whichOf(asked) : { uids: uids.map(Number) }
    const given = { address: box.owner, which, by: session.person.address }
    switch (one(req, 'viec')) {
      case 'khoi-phuc': {
        const to = one(req, 'vao')
        const done = await directory['deleted.restore']({ ...given, ...(to !== '' && { to }) })
        const where: Record<string, string> = done.folders.length === 1 ? { o: done.folders[0]! } : {}
        return res.redirect(303, boxHref(path, box, { xong: 'khoi-phuc', so: String(done.messages), ...where }))
      }
      case 'xoa': {
        const { messages } = await directory['deleted.purge']({ ...given, dryRun: true })
        return page(res, asked, { uids: all ? [] : uids, messages })
      }
      case 'xoa-han': {
        const { messages } = await directory['deleted.purge'](given)
        return res.redirect(303, boxHref(path, box, { xong: 'xoa', so: String(messages) }))
      }
      default:
        throw new Refusal(422, 'Chưa chọn việc cần làm.', 'no deed')
    }
  })
  return router
}

const one = (req: Request, name: string): string => {
  const value: unknown = req.body?.[name]
  return typeof value === 'string' ? value : ''
}

function said(req: Request, label: (folder: string) => string): { text: string; folder?: string } | undefined {
  const { xong, so, o } = req.query
  if (typeof so !== 'string' || !/^\d{1,9}$/.test(so)) return undefined
  if (xong === 'xoa') return { text: `Đã xóa hẳn ${so} thư.` }
  if (xong !== 'khoi-phuc') return undefined
  return typeof o === 'string' && o !== ''
    ? { text: `Đã khôi phục ${so} thư vào ${label(o)}.`, folder: o }
    : { text: `Đã khôi phục ${so} thư.` }
}
