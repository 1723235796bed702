import { call } from '../call.ts'
import { address, maybe, object, text } from '../input.ts'
import { answer, proven } from '../passkey.ts'

type In = { address: string; code?: string; answer?: string; ip?: string }

export default call<'secondFactor.end', In>({
  may: ['cli', 'desk'],
  input: () => object({ address, code: maybe(text(40)), answer: maybe(answer), ip: maybe(text(64)) }),
  async run(context, { address, ...given }) {
    const by = (await proven(context, address, given)) ?? 'administrator'
    context.accounts.endSecondFactor(address, by)
    context.log.warn({ person: address, byAdministrator: by === 'administrator' }, 'second factor off')
    return {}
  },
})
