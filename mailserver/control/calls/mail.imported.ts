import { call } from '../call.ts'
import { address, list, object, text } from '../input.ts'
import { accountOf } from '../mail/place.ts'

/** As many as an importer asks about at once, twice. */
const keyLimit = 1_000

export default call<'mail.imported', { address: string; keys: string[] }>({
  may: ['cli'],
  input: () => object({ address, keys: list(text(60), keyLimit) }),
  run(context, { address, keys }) {
    const { id } = accountOf(context, address)
    const at = context.now()
    return { known: keys.filter((key) => context.store.read.remembers(id, importKey(key), at)) }
  },
})

/** What the store remembers an imported message by. */
export const importKey = (key: string): string => `import ${key}`
