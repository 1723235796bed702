/** Who is signed in where; one session, or all of an account, can be ended. */
import { Router } from 'express'
import type { Directory, OpenSession } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { pages } from '#kit/web/page.ts'
import { sessionOf } from '#kit/web/session.ts'
import { browserName } from '#kit/web/useragent.ts'

const { show } = pages(import.meta.dirname, 'desk')
const path = '/quan-tri/phien'
/** more is looked for by address, or with `congso sessions list` */
const mostRows = 300

export function sessionRouter(directory: Directory): Router {
  const router = Router()
  router.get(path, async (req, res) => {
    const q = typeof req.query['q'] === 'string' ? req.query['q'].trim().slice(0, 200) : ''
    const { sessions } = await directory['sessions.list']({})
    const all = sessions.filter((s) => has(s, q.toLowerCase()))
    const found = req.query['ca'] === '1' ? all : all.filter((s) => !isOurs(s))
    show(res, 'sessions', {
      title: 'Đang đăng nhập',
      active: 'admin',
      path,
      q,
      own: all.length - found.length,
      total: found.length,
      rows: found.slice(0, mostRows).map((s) => ({ ...s, program: programOf(s), idle: idleWords(s.idle) })),
      alone: new Set(found.map((s) => s.account)).size === 1 ? found[0]!.account : undefined,
      ended: /^\d{1,6}$/.test(String(req.query['xong'])) ? Number(req.query['xong']) : undefined,
    })
  })
  router.post(`${path}/ket-thuc`, async (req, res) => {
    const body = (req.body ?? {}) as Record<string, unknown>
    const [id, address, q] = ['id', 'address', 'q'].map((name) =>
      typeof body[name] === 'string' && body[name] !== '' ? body[name].slice(0, 400) : undefined,
    )
    const by = sessionOf(res).person.address
    const ended = await directory['sessions.end']({ ...(id && { id }), ...(address && { address }), by }).then(
      (done) => done.ended,
      (err: unknown) => {
        if (err instanceof Refusal && err.status === 404) return 0 // it ended by itself meanwhile
        throw err
      },
    )
    res.redirect(303, `${path}?${new URLSearchParams({ ...(q && { q }), xong: String(ended) })}`)
  })
  return router
}

/** The workers, the portal, and the pages on behalf of who is signed in there, which is a line of its own. */
const isOurs = ({ protocol, client = '' }: OpenSession): boolean => protocol === 'imap' && client.startsWith('cong-so ')

/** As people call it: browsers call themselves by all that there is. */
const programOf = ({ client = '' }: OpenSession): string => browserName(client) ?? client

const has = (session: OpenSession, q: string): boolean =>
  q === '' ||
  [session.account, session.ip, session.client ?? '', programOf(session)].some((text) => text.toLowerCase().includes(q))

function idleWords(seconds: number | undefined): string {
  if (seconds === undefined) return ''
  if (seconds < 60) return 'đang dùng'
  return seconds < 3600 ? `im ${Math.floor(seconds / 60)} phút` : `im ${Math.floor(seconds / 3600)} giờ`
}
