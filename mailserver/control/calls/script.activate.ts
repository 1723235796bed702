import { call } from '../call.ts'
import { filteredBox } from '../filtered.ts'
import { address, object, text } from '../input.ts'
import { mustBeDone, noteScript } from '../scripts.ts'

export default call<'script.activate', { owner: string; by: string; name: string }>({
  may: ['cli'],
  input: () => object({ owner: address, by: address, name: text(512) }),
  run(context, { owner, by, name }) {
    const account = filteredBox(context.accounts, owner)
    mustBeDone(context.accounts.scripts.activate(account.id, name), name)
    noteScript(context, { by, what: 'script made active', account: account.address, detail: name || 'none' })
    return {}
  },
})
