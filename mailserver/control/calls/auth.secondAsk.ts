import { call } from '../call.ts'
import { object, text } from '../input.ts'
import { keyAsk } from '../passkey.ts'

export default call<'auth.secondAsk', { token: string }>({
  may: ['desk'],
  input: () => object({ token: text(200) }),
  run(context, { token }) {
    const account = context.accounts.whoseHalf(token)
    return { app: context.accounts.hasApp(account), ...keyAsk(context, account, token) }
  },
})
