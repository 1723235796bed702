import { type RequestHandler, type Response, Router } from 'express'
import type { Directory, PasskeyAsk } from '#kit/directory/calls.ts'
import { subsystem } from '#kit/log.ts'
import { Refusal } from '#kit/refusal.ts'
import { pages } from '#kit/web/page.ts'
import { cookieName, requireSession, type Session, type Sessions, sessionOf } from '#kit/web/session.ts'
import { type PasskeyCalls, passkeyRouter } from '#kit/web/signin/passkeys.ts'
import { type SecurityCalls, securityRouter } from '#kit/web/signin/security.ts'

const log = subsystem('desk:signin')
const signInPage = pages(import.meta.dirname, 'plain')
const deskPage = pages(import.meta.dirname, 'desk')

export type SignInOptions = {
  directory: Pick<
    Directory,
    | 'auth.signIn'
    | 'auth.secondStep'
    | 'auth.secondAsk'
    | 'auth.passkeyAsk'
    | 'auth.passkey'
    | 'auth.signOut'
    | 'auth.whoami'
  > &
    SecurityCalls &
    PasskeyCalls
  sessions: Sessions
  /** the site is reached by https */
  secure: boolean
  /** added to a name typed without @, for example haiduong.gov.vn */
  domain: string
  /** shown on the page: "Tỉnh Hải Dương" */
  province: string
  /** where citizens go instead */
  portalOrigin: string
}

/** The longest that anybody types; argon2id is not asked about more. */
const longestPassword = 1024
/** a recovery code with spaces */
const longestCode = 40

/** Sign-in, sign-out, and the person's own page: `/dang-nhap`, `/dang-xuat`, `/toi`. Mounted at the root, behind `deskFrame`. */
export function signInRouter(given: SignInOptions): Router {
  const router = Router()
  const cookie = cookieName(given.secure)
  const cookieOptions = { httpOnly: true, sameSite: 'lax', secure: given.secure, path: '/' } as const
  const form = (
    res: Response,
    data: { address: string; back: string; problem?: string; keyProblem?: string; ended?: boolean },
  ) =>
    signInPage.show(res, 'sign-in', {
      title: 'Đăng nhập',
      bare: true,
      ...given,
      problem: undefined,
      keyProblem: undefined,
      ended: false,
      ...data,
    })

  type SecondStep = { half: string; address: string; back: string; problem?: string; app: boolean; key?: PasskeyAsk }
  const secondStep = (res: Response, data: SecondStep) =>
    signInPage.show(res, 'second-step', {
      title: 'Nhập mã xác thực',
      bare: true,
      ...given,
      problem: undefined,
      key: undefined,
      ...data,
    })

  router.use(stillInForce(given.directory))
  router.use(securityRouter(given.directory))
  router.use(passkeyRouter(given.directory))
  router.get('/dang-nhap', (req, res) => {
    const back = safeReturn(req.query['ve'])
    if (res.locals['session']) return res.redirect(303, back)
    form(res, { address: '', back, ended: req.query['het'] !== undefined })
  })

  router.post('/dang-nhap', async (req, res) => {
    const body = (req.body ?? {}) as Record<string, unknown>
    const typed = String(body['address'] ?? '')
      .trim()
      .slice(0, 320)
    const password = String(body['password'] ?? '')
    const back = safeReturn(body['back'])
    try {
      if (typed === '' || password === '' || password.length > longestPassword)
        throw new Refusal(422, 'Ghi địa chỉ thư và mật khẩu rồi bấm Đăng nhập.', 'a field was left empty')
      const address = typed.includes('@') ? typed.toLowerCase() : `${typed.toLowerCase()}@${given.domain}`
      const agent = req.get('user-agent') ?? ''
      const ip = req.ip ?? ''
      const { token, expires, person, second } = await given.directory['auth.signIn']({
        address,
        password,
        ip,
        client: agent.slice(0, 300),
      })
      if (second) return secondStep(res, { half: token, address: person.address, back, ...second })
      res.cookie(cookie, given.sessions.begin({ token, person, expires, ip, agent }), cookieOptions)
      res.redirect(303, back)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      res.status(error.status === 401 ? 422 : error.status) // not 401: that would lead back here
      form(res, { address: typed, back, problem: error.advice })
    }
  })

  router.get('/dang-nhap/khoa-truy-cap', async (_req, res) => {
    try {
      res.json(await given.directory['auth.passkeyAsk']({}))
    } catch (err) {
      if (!(err instanceof Refusal)) throw err
      res.status(err.status).json({ problem: err.advice })
    }
  })
  router.post('/dang-nhap/khoa-truy-cap', async (req, res) => {
    const body = (req.body ?? {}) as Record<string, unknown>
    const back = safeReturn(body['back'])
    const agent = req.get('user-agent') ?? ''
    const ip = req.ip ?? ''
    try {
      const answer = typeof body['answer'] === 'string' ? body['answer'] : ''
      const { token, expires, person } = await given.directory['auth.passkey']({
        answer,
        ip,
        client: agent.slice(0, 300),
      })
      res.cookie(cookie, given.sessions.begin({ token, person, expires, ip, agent }), cookieOptions)
      res.redirect(303, back)
    } catch (err) {
      if (!(err instanceof Refusal)) throw err
      log.info({ ip, why: err.message }, 'a passkey was not taken')
      res.status(err.status)
      form(res, { address: '', back, keyProblem: err.advice })
    }
  })

  router.post('/dang-nhap/ma', async (req, res) => {
    const text = (name: string) => String((req.body as Record<string, unknown>)?.[name] ?? '').slice(0, 320)
    const [half, address, back] = [
      text('half'),
      text('address'),
      safeReturn((req.body as Record<string, unknown>)?.['back']),
    ]
    try {
      const agent = req.get('user-agent') ?? ''
      const ip = req.ip ?? ''
      const client = agent.slice(0, 300)
      const answer = String((req.body as Record<string, unknown>)?.['answer'] ?? '')
      const shown = answer === '' ? { code: text('code').slice(0, longestCode) } : { answer }
      const { token, expires, person } = await given.directory['auth.secondStep']({ token: half, ...shown, ip, client })
      res.cookie(cookie, given.sessions.begin({ token, person, expires, ip, agent }), cookieOptions)
      res.redirect(303, back)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      res.status(error.status === 401 ? 422 : error.status)
      if (error.status === 401) return form(res, { address, back, problem: error.advice })
      // the challenge of the page may be used up: a new one, unless the tries are
      const ask = await given.directory['auth.secondAsk']({ token: half }).catch((err: unknown) => {
        if (err instanceof Refusal) return undefined
        throw err
      })
      if (!ask) return form(res, { address, back, problem: error.advice })
      secondStep(res, { half, address, back, problem: error.advice, ...ask })
    }
  })

  router.post('/dang-xuat', requireSession, async (req, res) => {
    const mine = sessionOf(res)
    const other = String((req.body as Record<string, unknown>)?.['session'] ?? '')
    const id = other === '' ? mine.id : other
    const owned = given.sessions.of(mine.person.address).some((s) => s.id === id)
    const ended = owned ? given.sessions.end(id) : undefined
    if (ended)
      await given.directory['auth.signOut']({ token: ended.token }).catch((err: unknown) => {
        // the row is gone, so nobody comes in by it; the token itself ends by its own time
        log.warn({ err, person: mine.person.address }, 'a token could not be ended')
      })
    if (id !== mine.id) return res.redirect(303, '/toi')
    res.clearCookie(cookie, cookieOptions)
    res.redirect(303, '/dang-nhap')
  })

  router.get('/toi', requireSession, async (_req, res) => {
    const session = sessionOf(res)
    const { address } = session.person
    const [second, { appPasswords }, { passkeys }] = await Promise.all([
      given.directory['secondFactor.state']({ address }),
      given.directory['appPassword.list']({ address }),
      given.directory['passkey.list']({ address }),
    ])
    deskPage.show(res, 'me', {
      title: 'Tài khoản và cài đặt',
      active: 'me',
      session,
      sessions: given.sessions.of(address),
      second,
      appPasswords: appPasswords.length,
      passkeys: passkeys.length,
    })
  })

  router.post('/giao-dien', requireSession, (req, res) => {
    const theme = (req.body as Record<string, unknown>)?.['theme']
    given.sessions.setTheme(sessionOf(res).person.address, theme === 'light' || theme === 'dark' ? theme : undefined)
    res.redirect(303, '/toi')
  })
  return router
}

/** A person who was disabled, or whose password changed, is out after at most this; IMAP refuses the token at once. */
const recheckMs = 10_000
const mostRemembered = 5_000

/** Asks the mail server now and then whether the session's token still holds, and ends the session when not. */
function stillInForce(directory: SignInOptions['directory']): RequestHandler {
  const checked = new Map<string, number>()
  return async (_req, res, next) => {
    const session = res.locals['session'] as Session | undefined
    const at = performance.now()
    if (!session || at - (checked.get(session.id) ?? Number.NEGATIVE_INFINITY) < recheckMs) return next()
    if (checked.size >= mostRemembered) checked.clear()
    checked.set(session.id, at)
    try {
      await directory['auth.whoami']({ token: session.token })
    } catch (error) {
      checked.delete(session.id)
      // the mail server is away: what was true ten seconds ago holds for reading; every act asks it anyway
      if (!(error instanceof Refusal) || error.status !== 401) {
        log.warn({ err: error, person: session.person.address }, 'a session could not be checked')
        return next()
      }
      const end = res.locals['endSession'] as () => void
      end()
      res.locals['session'] = undefined
      res.locals['desk'] = undefined
    }
    next()
  }
}

/** For `createApp({signIn})`: leads to the sign-in and back to the page that was asked for. */
export function toSignIn(res: Response): void {
  const ended = res.locals['session'] !== undefined || res.req.get('cookie')?.includes('congso=') ? '&het' : ''
  res.redirect(303, `/dang-nhap?ve=${encodeURIComponent(res.req.originalUrl)}${ended}`)
}

/** A path of this site, or its first page. Anything that a browser could take for another site is dropped. */
export function safeReturn(wanted: unknown): string {
  if (typeof wanted !== 'string' || wanted.length > 2000 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(wanted)) return '/'
  const url = new URL(wanted, 'http://here.invalid')
  return url.origin === 'http://here.invalid' && url.pathname !== '/dang-nhap' ? `${url.pathname}${url.search}` : '/'
}
