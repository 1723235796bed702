import { type AppScope, appScopes } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { address, instant, list, maybe, object, oneOf, text } from '../input.ts'
import { presentAppPassword } from '../present.ts'
import { type Proof, proof, prove } from '../proof.ts'

type In = { address: string; name: string; scopes: AppScope[]; expires?: string; proof?: Proof }

export default call<'appPassword.add', In>({
  may: ['cli', 'desk'],
  input: () =>
    object({
      address,
      name: text(200),
      scopes: list(oneOf(...appScopes), appScopes.length),
      expires: maybe(instant),
      proof,
    }),
  async run(context, { expires, proof: shown, ...input }, caller) {
    const { accounts, log } = context
    if (caller !== 'cli') await prove(context, input.address, shown)
    const at = expires === undefined ? undefined : Date.parse(expires)
    if (Number.isNaN(at))
      throw new Refusal(422, 'Ngày hết hạn không đúng.', 'expires is no instant', {
        fields: { expires: 'Ngày không đúng.' },
      })
    const { row, password } = await accounts.addAppPassword({ ...input, ...(at !== undefined && { expires: at }) })
    log.info({ person: input.address, appPassword: row.id, scopes: row.scopes }, 'app password made')
    return { appPassword: presentAppPassword(row), password }
  },
})
