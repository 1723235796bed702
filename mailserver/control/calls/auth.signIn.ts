import { Refusal } from '#kit/refusal.ts'
import { isToken } from '#mailserver/accounts/tokens.ts'
import { call } from '../call.ts'
import { address, object, text } from '../input.ts'
import { keyAsk } from '../passkey.ts'
import { present } from '../present.ts'

export default call<'auth.signIn', { address: string; password: string; ip: string; client: string }>({
  may: ['desk'],
  input: () => object({ address, password: text(1024), ip: text(64), client: text(500) }),
  async run(context, { address, password, ip, client }) {
    const { accounts, log } = context
    // a token must not buy another: it would never end
    if (isToken(password)) throw new Refusal(401, 'Địa chỉ hoặc mật khẩu không đúng.', 'a token is not a password')
    const { account } = await accounts.signIn(address, password, { ip, scope: 'web' })
    if (accounts.needsSecondFactor(account.id)) {
      const { token, expires } = accounts.issueHalfToken(account.id)
      log.info({ person: account.address, ip, client }, 'password right, second factor to come')
      const second = { app: accounts.hasApp(account.id), ...keyAsk(context, account.id, token) }
      return { token, expires: new Date(expires).toISOString(), person: present(context, account), second }
    }
    const { token, expires } = accounts.issueToken(account.id, undefined, { ip, client })
    log.info({ person: account.address, ip, client }, 'signed in')
    return { token, expires: new Date(expires).toISOString(), person: present(context, account) }
  },
})
