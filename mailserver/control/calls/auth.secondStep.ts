import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { maybe, object, text } from '../input.ts'
import { answer, siteOf } from '../passkey.ts'
import { present } from '../present.ts'

type In = { token: string; code?: string; answer?: string; ip: string; client: string }

export default call<'auth.secondStep', In>({
  may: ['desk'],
  input: () =>
    object({ token: text(200), code: maybe(text(40)), answer: maybe(answer), ip: text(64), client: text(500) }),
  async run(context, { token: half, code, answer: shown, ip, client }) {
    const { accounts, log } = context
    const account = accounts.tryHalf(half)
    if (shown !== undefined)
      await accounts.showPasskey({
        site: siteOf(context),
        answer: shown,
        account,
        purpose: 'second-step',
        of: half,
        ip,
      })
    else if (code === undefined) throw new Refusal(422, 'Nhập mã xác thực.', 'neither code nor passkey')
    const proven = shown !== undefined ? 'passkey' : { code: code! }
    const { token, expires } = accounts.completeSignIn(half, account, proven, { ip, client })
    const person = accounts.whoIs(token).account
    log.info({ person: person.address, ip, client, passkey: shown !== undefined }, 'signed in with second factor')
    return { token, expires: new Date(expires).toISOString(), person: present(context, person) }
  },
})
