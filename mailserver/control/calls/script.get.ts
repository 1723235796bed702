import { call } from '../call.ts'
import { filteredBox } from '../filtered.ts'
import { address, object, text } from '../input.ts'
import { mustBeDone, noteScript } from '../scripts.ts'

export default call<'script.get', { owner: string; name: string; by: string }>({
  may: ['cli'],
  input: () => object({ owner: address, name: text(512), by: address }),
  run(context, { owner, name, by }) {
    const account = filteredBox(context.accounts, owner)
    const found = context.accounts.scripts.get(account.id, name)
    mustBeDone(found === undefined ? 'missing' : undefined, name)
    noteScript(context, { by, what: 'script read', account: account.address, detail: name })
    return { text: found! }
  },
})
