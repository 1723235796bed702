import { call } from '../call.ts'
import { object } from '../input.ts'
import { ask, siteOf } from '../passkey.ts'

export default call<'auth.passkeyAsk', Record<string, never>>({
  may: ['desk'],
  input: () => object({}),
  run(context) {
    const site = siteOf(context)
    return ask(site, context.accounts.signInOptions(site))
  },
})
