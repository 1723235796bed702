/** Sharing: who may see which of one's folders, and who may send on one's behalf; given for a time, and taken back at once. */
import { type Request, type Response, Router } from 'express'
import { type FolderShare, type Grant, officeRights } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { pages } from '#kit/web/page.ts'
import { requireSession, sessionOf } from '#kit/web/session.ts'
import type { Webmail } from '#webmail/context.ts'
import { foldersOf, nameOf } from '#webmail/folders.ts'
import { type Box, boxesOf, boxHref } from '#webmail/share/boxes.ts'
import { type Body, lastDay, readPeriod, readWith, wrong } from '#webmail/share/form.ts'
import { levelOf, levels, rightWords } from '#webmail/share/levels.ts'

const { show } = pages(import.meta.dirname, 'desk')
const path = '/thu/chia-se'
const said: Record<string, string> = {
  'chia-se': 'Đã chia sẻ. Người được chia sẻ thấy thư mục này ngay.',
  'thu-hoi': 'Đã thu hồi. Máy đang mở thư mục bị ngắt trong vòng một phút.',
  'gui-thay': 'Đã cho gửi thay.',
  'thoi-gui-thay': 'Đã thôi cho gửi thay.',
}
type Given = { owner: string; by: string; body: Body }
type Typed = { form: 'thu-muc' | 'gui-thay'; values: Body; errors: Readonly<Record<string, string>> }

export function shareRouter(webmail: Webmail): Router {
  const router = Router()
  const { directory } = webmail

  async function page(res: Response, typed?: Typed): Promise<void> {
    const session = sessionOf(res)
    const { box, boxes } = await boxesOf(directory, session, res.req)
    const { owner } = box
    const now = new Date().toISOString()
    const open = ({ to }: { to?: string }) => to === undefined || to > now
    const none = { behalf: [], grants: [] }
    const [account, { shares }, given, got, { grants }] = await Promise.all([
      webmail.connections.of(session),
      directory['share.list']({ owner }),
      box.office ? none : directory['behalf.list']({ owner, all: true }),
      box.office ? none : directory['behalf.list']({ person: owner }),
      box.office ? directory['directory.grants']({ office: owner, all: true }) : none,
    ])
    const folders = await foldersOf(account, box.office ? owner : undefined)
    const label = new Map(folders.map((f) => [f.path, f.label]))
    show(res, 'share', {
      title: box.office ? 'Chia sẻ thư mục' : 'Chia sẻ và gửi thay',
      active: 'mail',
      styles: ['webmail.css'],
      scripts: ['webmail.js'],
      path,
      box,
      boxes,
      href: (each: Box) => boxHref(path, each),
      levels,
      rightWords,
      holders: await Promise.all(
        held(grants.filter(open)).map(async (g) => ({ ...g, name: await holderName(g.person) })),
      ).then((all) => all.sort((a, b) => a.name.localeCompare(b.name, 'vi'))),
      folders,
      shares: await Promise.all(
        shares.filter(open).map(async (s) => ({
          ...s,
          label: label.get(s.folder) ?? s.folder,
          level: levelOf(s.rights),
          by: s.by.endsWith('@cli') ? 'Quản trị hệ thống' : await nameOf(directory, s.by),
        })),
      ),
      given: await Promise.all(
        given.behalf.filter(open).map(async (b) => ({ ...b, name: await holderName(b.person) })),
      ),
      got: await Promise.all(got.behalf.map(async (b) => ({ ...b, name: await nameOf(directory, b.owner) }))),
      lastDay,
      said: said[String(res.req.query['xong'] ?? '')],
      chosen: typeof res.req.query['f'] === 'string' ? res.req.query['f'] : 'INBOX',
      typed,
    })
  }

  async function holderName(address: string): Promise<string> {
    const name = await nameOf(directory, address)
    if (name !== address) return name
    const { groups } = await directory['directory.search']({ q: address, limit: 1, groups: true })
    return groups[0]?.address === address ? groups[0].name : address
  }

  /** The token may have ended since the page was opened; these acts go by the session alone. @throws Refusal 401 */
  async function asked(req: Request, res: Response): Promise<{ box: Box; by: string; body: Body }> {
    const session = sessionOf(res)
    await directory['auth.whoami']({ token: session.token })
    const body = (req.body ?? {}) as Record<string, unknown>
    const { box } = await boxesOf(directory, session, req)
    return {
      box,
      by: session.person.address,
      body: Object.fromEntries(Object.entries(body).flatMap(([name, v]) => (typeof v === 'string' ? [[name, v]] : []))),
    }
  }

  /** Does it and goes back; what was refused is said beside its field, with what was typed. */
  const doing =
    (form: Typed['form'], done: string, work: (given: Given) => Promise<unknown>) =>
    async (req: Request, res: Response): Promise<void> => {
      const { box, by, body } = await asked(req, res)
      try {
        await work({ owner: box.owner, by, body })
      } catch (err) {
        if (!(err instanceof Refusal) || err.status < 404 || err.status > 422) throw err
        const { with: other, person, to, from, rights, ...rest } = err.fields
        const fields = {
          ...rest,
          ...((other ?? person) && { voi: other ?? person }),
          ...(to && { den: to }),
          ...(from && { tu: from }),
          ...(rights && { muc: rights }),
        } as Record<string, string>
        res.status(422)
        return page(res, { form, values: body, errors: Object.keys(fields).length > 0 ? fields : { '': err.advice } })
      }
      res.redirect(303, boxHref(path, box, { xong: done }))
    }

  router.get(path, requireSession, (_req, res) => page(res))
  router.post(
    path,
    requireSession,
    doing('thu-muc', 'chia-se', ({ owner, by, body }) => {
      const level = levels.find((each) => each.id === body['muc'])
      if (!level) throw wrong('muc', 'Chọn một mức quyền.')
      const given = { with: readWith(body['voi']), ...readPeriod(body) }
      return directory['share.set']({ owner, by, folder: body['f'] ?? '', rights: level.rights, ...given })
    }),
  )
  router.post(
    `${path}/thu-hoi`,
    requireSession,
    doing('thu-muc', 'thu-hoi', ({ owner, by, body }) => {
      const share: Pick<FolderShare, 'folder' | 'with' | 'negative'> = {
        folder: body['f'] ?? '',
        with: body['voi'] ?? '',
        negative: body['tru'] === '1',
      }
      return directory['share.set']({ owner, by, rights: '', ...share })
    }),
  )
  router.post(
    `${path}/gui-thay`,
    requireSession,
    doing('gui-thay', 'gui-thay', ({ by: owner, body }) => {
      const { from = new Date().toISOString(), to } = readPeriod(body)
      return directory['behalf.add']({ owner, by: owner, person: readWith(body['voi']), from, ...(to && { to }) })
    }),
  )
  router.post(
    `${path}/gui-thay/thoi`,
    requireSession,
    doing('gui-thay', 'thoi-gui-thay', async ({ by: owner, body }) => {
      const { behalf } = await directory['behalf.list']({ owner, all: true })
      const mine = behalf.find((b) => b.behalf === body['ma'])
      if (!mine) throw new Refusal(404, 'Quyền gửi thay này không còn.', `no behalf ${body['ma']} of ${owner}`)
      return directory['behalf.end']({ behalf: mine.behalf, at: new Date().toISOString(), by: owner })
    }),
  )
  return router
}

/** One line for each person, or group, and time: rights that were given one after the other are one. */
function held(grants: readonly Grant[]): Grant[] {
  const now = new Date().toISOString()
  const lines = new Map<string, Grant>()
  for (const g of grants) {
    const key = JSON.stringify([g.person, g.from > now ? g.from : '', g.to])
    const rights = new Set([...(lines.get(key)?.rights ?? []), ...g.rights])
    lines.set(key, { ...g, rights: officeRights.filter((r) => rights.has(r)) })
  }
  return [...lines.values()]
}
