import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { address, object, text } from '../input.ts'

export default call<'filter.activate', { owner: string; name: string }>({
  may: ['desk'],
  input: () => object({ owner: address, name: text(512) }),
  run({ accounts, log }, { owner, name }) {
    const account = accounts.byAddress(owner)
    if (account?.kind !== 'person') throw new Refusal(404, `Không có hộp thư ${owner}.`, `${owner} is no person`)
    if (accounts.scripts.activate(account.id, name))
      throw new Refusal(404, 'Không có bộ lọc này.', `no script ${name} of ${owner}`)
    log.info({ account: owner, script: name }, 'script made active')
    return {}
  },
})
