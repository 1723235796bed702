/** Sieve scripts of others, as administrators see and change them; each act is in the record. */
import { Refusal } from '#kit/refusal.ts'
import type { ScriptRefusal } from '#mailserver/accounts/scripts.ts'
import type { Context } from './call.ts'

const advice: Record<ScriptRefusal, string> = {
  missing: 'Không có bộ lọc này.',
  exists: 'Đã có bộ lọc tên này.',
  active: 'Bộ lọc này đang dùng: tắt trước khi xóa.',
  'bad-name': 'Tên bộ lọc không hợp lệ.',
  'too-many': 'Không lưu được: quá nhiều bộ lọc.',
  'too-much': 'Không lưu được: các bộ lọc quá lớn.',
}

/** @throws Refusal 404, 409, 422 unless it is undefined */
export function mustBeDone(refused: ScriptRefusal | undefined, name: string): void {
  if (refused === undefined) return
  const status = refused === 'missing' ? 404 : refused === 'active' || refused === 'exists' ? 409 : 422
  throw new Refusal(status, advice[refused], `${name}: ${refused}`)
}

export function noteScript(
  { accounts, log }: Pick<Context, 'accounts' | 'log'>,
  { by, what, account, detail }: { by: string; what: string; account: string; detail: string },
): void {
  accounts.note({ by, what, account, detail })
  log.info({ account, by, detail }, what)
}
