import { DatabaseSync } from 'node:sqlite'
import type { Router } from 'express'
import type { Account, Directory } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { createApp, type WebApp } from '#kit/web/app.ts'
import { type DeskApp, deskFrame } from '#kit/web/desk.ts'
import { liveRouter } from '#kit/web/live.ts'
import { openSessions, type SessionDb, type Sessions } from '#kit/web/session.ts'
import type { PasskeyCalls } from '#kit/web/signin/passkeys.ts'
import { type SignInOptions, signInRouter, toSignIn } from '#kit/web/signin/router.ts'
import type { SecurityCalls } from '#kit/web/signin/security.ts'

export const ha: Account = {
  address: 'ha.tran@haiduong.gov.vn',
  kind: 'person',
  name: 'Trần Thị Thu Hà',
  title: 'Chuyên viên',
  used: 0,
  disabled: false,
  from: '2020-01-01',
}

export const apps: DeskApp[] = [
  { id: 'mail', label: 'Thư', icon: 'mail', href: '/thu', count: () => ({ n: 12, words: 'chưa đọc' }) },
  { id: 'documents', label: 'Văn bản', icon: 'file-text', href: '/van-ban/den' },
  {
    id: 'dossiers',
    label: 'Hồ sơ',
    icon: 'folder',
    href: '/ho-so',
    count: () => ({ n: 2, words: 'quá hạn', hot: true }),
  },
  { id: 'admin', label: 'Quản trị', icon: 'settings', href: '/quan-tri', wide: true, foot: true },
]

const never = async (): Promise<never> => {
  throw new Error('not asked in these tests')
}
/** Somebody without app passwords and second factor. */
export const plainSignIn: Omit<SecurityCalls & PasskeyCalls, 'auth.whoami'> &
  Pick<Directory, 'auth.secondStep' | 'auth.secondAsk' | 'auth.passkeyAsk' | 'auth.passkey'> = {
  'secondFactor.state': async () => ({ on: false, recoveryCodesLeft: 0 }),
  'appPassword.list': async () => ({ appPasswords: [] }),
  'passkey.list': async () => ({ passkeys: [] }),
  'passkey.begin': never,
  'passkey.add': never,
  'passkey.remove': never,
  'auth.secondAsk': never,
  'auth.passkeyAsk': never,
  'auth.passkey': never,
  'secondFactor.byKey': never,
  'auth.secondStep': never,
  'appPassword.add': never,
  'appPassword.revoke': never,
  'secondFactor.begin': never,
  'secondFactor.confirm': never,
  'secondFactor.end': never,
}

/** A desk on a free port with the real sign-in, sessions in memory, and a directory that knows one person. */
export async function startTestDesk(
  given: { routers?: (app: WebApp, sessions: Sessions) => Router[]; apps?: DeskApp[] } = {},
) {
  const sessions = openSessions(new DatabaseSync(':memory:') as unknown as SessionDb)
  const ended: string[] = []
  const directory: SignInOptions['directory'] = {
    ...plainSignIn,
    'auth.signIn': async ({ address, password }) => {
      if (address === 'slow@haiduong.gov.vn')
        throw new Refusal(429, 'Đã thử sai nhiều lần. Thử lại sau 30 giây.', 'slowed')
      if (address !== ha.address || password !== 'mật khẩu')
        throw new Refusal(401, 'Địa chỉ hoặc mật khẩu chưa đúng. Còn 3 lần thử.', 'wrong password')
      return { token: 'token-1', expires: new Date(Date.now() + 3_600_000).toISOString(), person: ha }
    },
    'auth.whoami': async ({ token }) => {
      if (ended.includes(token)) throw new Refusal(401, 'Phiên đã hết.', 'token ended')
      return { person: ha, expires: '2100-01-01T00:00:00Z' }
    },
    'auth.signOut': async ({ token }) => {
      ended.push(token)
      return {}
    },
  }
  const app = createApp({ name: 'desk', layout: 'desk', signIn: toSignIn })
  app.use(deskFrame({ sessions, apps: given.apps ?? apps, secure: false }))
  app.use(
    signInRouter({
      directory,
      sessions,
      secure: false,
      domain: 'haiduong.gov.vn',
      province: 'Tỉnh Hải Dương',
      portalOrigin: 'http://portal.invalid',
    }),
  )
  app.use(liveRouter(app.hub))
  for (const router of given.routers?.(app, sessions) ?? []) app.use(router)
  const listening = await app.listen('127.0.0.1', 0)
  const cookie = `congso=${sessions.begin({ token: 'token-0', person: ha, expires: '2100-01-01T00:00:00Z', ip: '', agent: 'test' })}`
  return { ...listening, [Symbol.asyncDispose]: listening[Symbol.asyncDispose], app, sessions, ended, cookie }
}
