import { type AccountKind, accountKinds } from '#kit/directory/calls.ts'
import { call } from '../call.ts'
import { address, maybe, object, oneOf, text, whole } from '../input.ts'
import { present } from '../present.ts'

export default call<'account.list', { kind?: AccountKind; q?: string; after?: string; limit?: number }>({
  may: ['cli', 'desk', 'workers'],
  input: () =>
    object({
      kind: maybe(oneOf(...accountKinds)),
      q: maybe(text(200)),
      after: maybe(address),
      limit: maybe(whole(1, 1000)),
    }),
  run(context, { limit = 100, ...q }) {
    const { accounts, total } = context.accounts.page({ ...q, limit })
    return { accounts: accounts.map((a) => present(context, a)), total }
  },
})
