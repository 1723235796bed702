import { call } from '../call.ts'
import { address, object, text } from '../input.ts'
import { register } from '../register.ts'

export default call<'ledger.outcome', { ledger: string; command: string }>({
  may: ['workers', 'desk', 'cli'],
  input: () => object({ ledger: address, command: text(1000) }),
  run: (context, { ledger, command }) => context.store.read.ledgerOutcome(register(context, ledger).id, command) ?? {},
})
