import { call } from '../call.ts'
import { address, object } from '../input.ts'
import { register } from '../register.ts'

export default call<'ledger.head', { ledger: string }>({
  may: ['workers', 'desk', 'cli'],
  input: () => object({ ledger: address }),
  run: (context, { ledger }) => context.store.read.ledgerHead(register(context, ledger).id),
})
