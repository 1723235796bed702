import { call } from '../call.ts'
import { address, object } from '../input.ts'

export default call<'secondFactor.begin', { address: string }>({
  may: ['desk'],
  input: () => object({ address }),
  run: ({ accounts }, { address }) => accounts.beginSecondFactor(address),
})
