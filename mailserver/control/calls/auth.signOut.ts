import { call } from '../call.ts'
import { object, text } from '../input.ts'

export default call<'auth.signOut', { token: string }>({
  may: ['desk', 'workers', 'portal'],
  input: () => object({ token: text(200) }),
  run({ accounts }, { token }) {
    accounts.endToken(token)
    return {}
  },
})
