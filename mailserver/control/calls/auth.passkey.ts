import { call } from '../call.ts'
import { object, text } from '../input.ts'
import { answer, siteOf } from '../passkey.ts'
import { present } from '../present.ts'

export default call<'auth.passkey', { answer: string; ip: string; client: string }>({
  may: ['desk'],
  input: () => object({ answer, ip: text(64), client: text(500) }),
  async run(context, { answer, ip, client }) {
    const { accounts, log } = context
    const { id, address } = await accounts.enterByPasskey({ site: siteOf(context), answer, ip })
    const { token, expires } = accounts.issueToken(id, undefined, { ip, client })
    log.info({ person: address, ip, client }, 'signed in with a passkey')
    return { token, expires: new Date(expires).toISOString(), person: present(context, accounts.byId(id)!) }
  },
})
