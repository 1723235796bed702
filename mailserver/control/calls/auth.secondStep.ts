import { call } from '../call.ts'
import { object, text } from '../input.ts'
import { present } from '../present.ts'

export default call<'auth.secondStep', { token: string; code: string; ip: string; client: string }>({
  may: ['desk'],
  input: () => object({ token: text(200), code: text(40), ip: text(64), client: text(500) }),
  run(context, { token: half, code, ip, client }) {
    const { accounts, log } = context
    const { token, expires } = accounts.completeSignIn(half, code)
    const { account } = accounts.whoIs(token)
    log.info({ person: account.address, ip, client }, 'signed in with second factor')
    return { token, expires: new Date(expires).toISOString(), person: present(context, account) }
  },
})
