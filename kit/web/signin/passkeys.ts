/** A person's own passkeys: `/toi/khoa-truy-cap`. */
import { type Response, Router } from 'express'
import type { Directory, PasskeyAsk } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { pages } from '#kit/web/page.ts'
import { requireSession, sessionOf } from '#kit/web/session.ts'

const { show } = pages(import.meta.dirname, 'desk')
export const passkeyPath = '/toi/khoa-truy-cap'
const said: Record<string, string> = {
  them: 'Đã thêm khóa truy cập. Lần sau chọn «Đăng nhập bằng khóa truy cập» ở trang đăng nhập.',
  go: 'Đã gỡ. Khóa đó không mở được tài khoản này nữa; xóa nó cả trong thiết bị.',
}

export type PasskeyCalls = Pick<
  Directory,
  'auth.whoami' | 'passkey.list' | 'passkey.begin' | 'passkey.add' | 'passkey.remove'
>

export function passkeyRouter(directory: PasskeyCalls): Router {
  const router = Router()
  // A passkey outlasts the session that made it: the token must hold now.
  router.use(passkeyPath, requireSession, async (_req, res, next) => {
    await directory['auth.whoami']({ token: sessionOf(res).token })
    next()
  })

  type Page = {
    /** the password was shown: what the browser is to make */
    ask?: PasskeyAsk
    name?: string
    said?: string | undefined
    problem?: string
    errors?: Readonly<Record<string, string>>
  }
  async function page(res: Response, given: Page): Promise<void> {
    const session = sessionOf(res)
    const { passkeys, origin } = await directory['passkey.list']({ address: session.person.address })
    show(res, 'passkeys', {
      title: 'Khóa truy cập',
      active: 'me',
      session,
      passkeys,
      origin,
      ask: undefined,
      name: '',
      said: undefined,
      problem: undefined,
      errors: {},
      ...given,
    })
  }
  const text = (body: unknown, name: string) => {
    const value = (body as Record<string, unknown> | undefined)?.[name]
    return typeof value === 'string' ? value : ''
  }
  /** What was refused is said on the page. */
  async function refused(res: Response, err: unknown, given: Page): Promise<void> {
    if (!(err instanceof Refusal) || err.status < 403 || err.status > 429) throw err
    res.status(422)
    const fields = Object.keys(err.fields).length > 0
    await page(res, { ...given, ...(fields ? { errors: err.fields } : { problem: err.advice }) })
  }

  router.get(passkeyPath, (req, res) => page(res, { said: said[String(req.query['xong'])] }))
  router.post(passkeyPath, async (req, res) => {
    const name = text(req.body, 'name')
    const proof = { password: text(req.body, 'password').slice(0, 1024), ip: req.ip ?? '' }
    try {
      if (name.trim() === '') {
        const why = 'Ghi tên thiết bị, để sau này biết khóa nào là khóa nào.'
        throw new Refusal(422, why, 'no name', { fields: { name: why } })
      }
      const ask = await directory['passkey.begin']({ address: sessionOf(res).person.address, proof })
      await page(res, { ask, name })
    } catch (err) {
      await refused(res, err, { name })
    }
  })
  router.post(`${passkeyPath}/them`, async (req, res) => {
    const { address } = sessionOf(res).person
    const name = text(req.body, 'name')
    try {
      await directory['passkey.add']({ address, name, answer: text(req.body, 'answer') })
    } catch (err) {
      return refused(res, err, { name })
    }
    res.redirect(303, `${passkeyPath}?xong=them`)
  })
  router.post(`${passkeyPath}/go`, async (req, res) => {
    try {
      await directory['passkey.remove']({ address: sessionOf(res).person.address, id: text(req.body, 'id') })
    } catch (err) {
      return refused(res, err, {})
    }
    res.redirect(303, `${passkeyPath}?xong=go`)
  })
  return router
}
