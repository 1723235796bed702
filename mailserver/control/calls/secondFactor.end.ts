import { call } from '../call.ts'
import { address, maybe, object, text, yesNo } from '../input.ts'
import { answer, proven } from '../passkey.ts'

type In = { address: string; code?: string; answer?: string; ip?: string; keepKeys?: boolean }

export default call<'secondFactor.end', In>({
  may: ['cli', 'desk'],
  input: () =>
    object({ address, code: maybe(text(40)), answer: maybe(answer), ip: maybe(text(64)), keepKeys: maybe(yesNo) }),
  async run(context, { address, keepKeys = false, ...given }) {
    const by = (await proven(context, address, given)) ?? 'administrator'
    if (keepKeys) context.accounts.dropApp(address, by)
    else context.accounts.endSecondFactor(address, by)
    context.log.warn({ person: address, byAdministrator: by === 'administrator', keepKeys }, 'second factor off')
    return {}
  },
})
