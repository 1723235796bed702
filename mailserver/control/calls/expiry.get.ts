import { call } from '../call.ts'
import { object, text } from '../input.ts'
import { scopeOf } from '../scope.ts'

export default call<'expiry.get', { scope: string }>({
  may: ['cli', 'desk'],
  input: () => object({ scope: text(400) }),
  run({ accounts }, { scope }) {
    const found = scopeOf(accounts, scope)
    return { ...accounts.keeping(found), set: accounts.keepingOf(found) }
  },
})
