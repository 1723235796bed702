import { call } from '../call.ts'
import { address, object, text } from '../input.ts'

export default call<'backup.note', { folder: string; generation: string; by: string }>({
  may: ['cli'],
  input: () => object({ folder: text(4_000), generation: text(60), by: address }),
  run({ accounts }, { folder, generation, by }) {
    accounts.note({ by, what: 'backup', detail: `${folder}: ${generation}` })
    return {}
  },
})
