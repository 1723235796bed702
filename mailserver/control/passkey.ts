import type { Passkey, PasskeyAsk } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import type { PasskeySite } from '#kit/web/passkeysite.ts'
import type { KeyOptions } from '#mailserver/accounts/passkeys.ts'
import type { PasskeyRow } from '#mailserver/accounts/store/passkeys.ts'
import { answerLimit } from '#mailserver/accounts/webauthn.ts'
import type { Context } from './call.ts'
import { text } from './input.ts'

/** What a browser's authenticator said, as JSON. */
export const answer = text(answerLimit)

/** @throws Refusal 409 */
export function siteOf({ passkeySite }: Pick<Context, 'passkeySite'>): PasskeySite {
  const site = passkeySite()
  if (!site)
    throw new Refusal(
      409,
      'Khóa truy cập chỉ dùng được khi trang này mở bằng https và có tên miền.',
      'the origin of the desk is no secure context with a name',
    )
  return site
}

export const ask = (site: PasskeySite, options: KeyOptions): PasskeyAsk => ({ options, origin: site.origin })

/** To be shown after the password, or to prove oneself; nothing where there is no key. */
export function keyAsk(context: Context, account: number, half?: string): { key?: PasskeyAsk } {
  const site = context.passkeySite()
  const options =
    site && context.accounts.passkeyOptions(site, account, half === undefined ? 'prove' : 'second-step', half)
  return site && options ? { key: ask(site, options) } : {}
}

/** A passkey or a code, whichever a form holds; `undefined` when neither. @throws Refusal 403, 409, 422 */
export async function proven(
  context: Context,
  address: string,
  shown: { code?: string; answer?: string; ip?: string },
): Promise<'passkey' | { code: string } | undefined> {
  if (shown.answer === undefined) return shown.code === undefined ? undefined : { code: shown.code }
  const account = context.accounts.byAddress(address)
  if (!account) throw new Refusal(404, `Không có tài khoản ${address}.`, 'no such account')
  await context.accounts.showPasskey({
    site: siteOf(context),
    answer: shown.answer,
    account: account.id,
    purpose: 'prove',
    ip: shown.ip ?? '',
  })
  return 'passkey'
}

export function presentPasskey({ id, name, created, used, backedUp, blocked }: PasskeyRow): Passkey {
  const instant = (at: number) => new Date(at).toISOString()
  return {
    id,
    name,
    created: instant(created),
    backedUp,
    ...(used && { used: { ...used, at: instant(used.at) } }),
    ...(blocked !== undefined && { blocked: instant(blocked) }),
  }
}
