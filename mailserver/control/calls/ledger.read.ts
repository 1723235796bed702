import { call } from '../call.ts'
import { address, object, whole } from '../input.ts'
import { register } from '../register.ts'

export default call<'ledger.read', { ledger: string; after: number; limit: number }>({
  may: ['workers', 'desk', 'cli'],
  input: () => object({ ledger: address, after: whole(0, Number.MAX_SAFE_INTEGER), limit: whole(1, 1000) }),
  run(context, { ledger, after, limit }) {
    const { id, address } = register(context, ledger)
    return { entries: context.store.read.ledgerEntries(id, after, limit).map((e) => ({ ledger: address, ...e })) }
  },
})
