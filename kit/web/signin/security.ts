/** A person's own app passwords and second factor: `/toi/mat-khau-ung-dung`, `/toi/xac-thuc-hai-lop`. */
import { type Request, type Response, Router } from 'express'
import { appScopes, type Calls, type Directory } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { readDate } from '#kit/vi/dates.ts'
import { pages } from '#kit/web/page.ts'
import { qrSvg } from '#kit/web/qr.ts'
import { requireSession, sessionOf } from '#kit/web/session.ts'

const { show } = pages(import.meta.dirname, 'desk')
export const appPasswordPath = '/toi/mat-khau-ung-dung'
export const secondFactorPath = '/toi/xac-thuc-hai-lop'
const said: Record<string, string> = {
  tat: 'Đã tắt. Đăng nhập chỉ còn cần mật khẩu.',
  bo: 'Đã bỏ ứng dụng. Lớp thứ hai từ nay là khóa truy cập; mã dự phòng vẫn dùng được.',
}
const dayMs = 24 * 60 * 60_000

export type SecurityCalls = Pick<
  Directory,
  | 'auth.whoami'
  | 'appPassword.add'
  | 'appPassword.list'
  | 'appPassword.revoke'
  | 'secondFactor.state'
  | 'secondFactor.begin'
  | 'secondFactor.confirm'
  | 'secondFactor.end'
  | 'secondFactor.byKey'
  | 'passkey.list'
>

export function securityRouter(directory: SecurityCalls): Router {
  const router = Router()
  // These open doors that outlast the session: the token must hold now, not ten seconds ago.
  router.use([appPasswordPath, secondFactorPath], requireSession, async (_req, res, next) => {
    await directory['auth.whoami']({ token: sessionOf(res).token })
    res.set('Cache-Control', 'no-store') // secrets are shown once, and not by the button "back"
    next()
  })

  type AppPasswords = {
    made?: Calls['appPassword.add']['out']
    said?: string | undefined
    values?: Record<string, string>
    errors?: Readonly<Record<string, string>>
  }
  async function appPasswords(res: Response, given: AppPasswords): Promise<void> {
    const session = sessionOf(res)
    const { appPasswords: list } = await directory['appPassword.list']({ address: session.person.address })
    show(res, 'app-passwords', {
      title: 'Mật khẩu ứng dụng',
      active: 'me',
      session,
      list,
      made: undefined,
      said: undefined,
      values: { imap: '1', smtp: '1' },
      errors: {},
      ...given,
    })
  }

  router.get(appPasswordPath, (req, res) =>
    appPasswords(res, {
      said:
        req.query['xong'] === 'thu-hoi'
          ? 'Đã thu hồi. Máy đang dùng mật khẩu đó sẽ mất kết nối trong một phút.'
          : undefined,
    }),
  )
  router.post(appPasswordPath, async (req, res) => {
    const values = typed(req)
    try {
      const made = await directory['appPassword.add']({
        address: sessionOf(res).person.address,
        name: values['name'] ?? '',
        scopes: appScopes.filter((scope) => values[scope] === '1'),
        ...expiryOf(values['expires']),
        proof: { password: values['password'] ?? '', ip: req.ip ?? '' },
      })
      await appPasswords(res, { made })
    } catch (err) {
      if (!(err instanceof Refusal) || err.status < 409 || err.status > 422) throw err
      res.status(422)
      const { password: _, ...kept } = values
      await appPasswords(res, {
        values: kept,
        errors: Object.keys(err.fields).length > 0 ? err.fields : { '': err.advice },
      })
    }
  })
  router.post(`${appPasswordPath}/thu-hoi`, async (req, res) => {
    const { id = '' } = typed(req)
    await directory['appPassword.revoke']({ address: sessionOf(res).person.address, id })
    res.redirect(303, `${appPasswordPath}?xong=thu-hoi`)
  })

  type SecondFactor = {
    codes?: readonly string[]
    problem?: string
    password?: string
    keyPassword?: string
    said?: string | undefined
  }
  async function secondFactor(res: Response, given: SecondFactor): Promise<void> {
    const { address } = sessionOf(res).person
    const state = await directory['secondFactor.state']({ address })
    const { passkeys, origin } = await directory['passkey.list']({ address })
    const begun = state.on ? undefined : await directory['secondFactor.begin']({ address })
    show(res, 'second-factor', {
      title: 'Xác thực hai lớp',
      active: 'me',
      state,
      begun,
      keys: origin === undefined ? 0 : passkeys.filter(({ blocked }) => blocked === undefined).length,
      qr: begun && (await qrSvg(begun.uri)),
      codes: undefined,
      problem: undefined,
      password: undefined,
      keyPassword: undefined,
      said: undefined,
      ...given,
    })
  }

  router.get(secondFactorPath, (req, res) => secondFactor(res, { said: said[String(req.query['xong'])] }))
  router.post(secondFactorPath, async (req, res) => {
    const { address } = sessionOf(res).person
    const { code = '', answer = '', act, password } = typed(req)
    const ip = req.ip ?? ''
    try {
      if (act === 'by-key') {
        const proof = { password: password ?? '', ip }
        const { recoveryCodes: codes } = await directory['secondFactor.byKey']({ address, proof })
        return await secondFactor(res, { codes })
      }
      // without a code this would be the administrator's call
      if (code.trim() === '' && answer === '')
        throw new Refusal(422, 'Nhập mã 6 số đang hiện trên điện thoại.', 'no code')
      const shown = answer === '' ? { code } : { answer, ip }
      if (act === 'off' || act === 'no-app') {
        await directory['secondFactor.end']({ address, ...shown, ...(act === 'no-app' && { keepKeys: true }) })
        return res.redirect(303, `${secondFactorPath}?xong=${act === 'off' ? 'tat' : 'bo'}`)
      }
      const { recoveryCodes: codes } = await directory['secondFactor.confirm']({
        address,
        ...shown,
        ...(password !== undefined && { proof: { password, ip } }),
      })
      await secondFactor(res, { codes })
    } catch (err) {
      if (!(err instanceof Refusal) || err.status < 403 || err.status > 429) throw err
      res.status(422)
      const { password: wrong } = err.fields
      if (wrong === undefined) return secondFactor(res, { problem: err.advice })
      await secondFactor(res, act === 'by-key' ? { keyPassword: wrong } : { password: wrong })
    }
  })
  return router
}

/** The first instant after a typed day, in Vietnam. @throws Refusal 422 */
function expiryOf(text: string | undefined): { expires?: string } {
  if (!text?.trim()) return {}
  const day = readDate(text)
  const wrong = 'Ngày viết như 24/11/2026.'
  if (!day) throw new Refusal(422, wrong, 'expires', { fields: { expires: wrong } })
  return { expires: new Date(Date.parse(`${day}T00:00:00+07:00`) + dayMs).toISOString() }
}

/** Texts of a form; what came twice or as something else is not there. */
function typed(req: Request): Record<string, string> {
  const body = (req.body ?? {}) as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(body).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}
