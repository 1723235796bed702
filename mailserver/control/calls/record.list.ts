import { call } from '../call.ts'
import { address, maybe, object, whole } from '../input.ts'

export default call<'record.list', { address?: string; before?: number; limit: number }>({
  may: ['cli', 'desk'],
  input: () =>
    object({ address: maybe(address), before: maybe(whole(1, Number.MAX_SAFE_INTEGER)), limit: whole(1, 1_000) }),
  run: ({ accounts }, { address: account, ...q }) => ({
    lines: accounts
      .record({ ...q, ...(account !== undefined && { account }) })
      .map(({ at, ...line }) => ({ ...line, at: new Date(at).toISOString() })),
  }),
})
