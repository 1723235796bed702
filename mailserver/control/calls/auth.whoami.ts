import { call } from '../call.ts'
import { object, text } from '../input.ts'
import { present } from '../present.ts'

export default call<'auth.whoami', { token: string }>({
  may: ['desk', 'workers', 'portal'],
  input: () => object({ token: text(200) }),
  run(context, { token }) {
    const { account, expires } = context.accounts.whoIs(token)
    return { person: present(context, account), expires: new Date(expires).toISOString() }
  },
})
