import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { filteredBox } from '../filtered.ts'
import { address, object, text } from '../input.ts'
import { mustManage } from '../manage.ts'

export default call<'filter.activate', { owner: string; by: string; name: string }>({
  may: ['desk'],
  input: () => object({ owner: address, by: address, name: text(512) }),
  run({ accounts, log, now }, { owner, by, name }) {
    const account = filteredBox(accounts, owner)
    mustManage(accounts, { account, by, at: now() })
    if (accounts.scripts.activate(account.id, name))
      throw new Refusal(404, 'Không có bộ lọc này.', `no script ${name} of ${owner}`)
    if (account.kind === 'office')
      accounts.note({
        by,
        what: 'filter.activate',
        account: account.address,
        detail: name === '' ? 'none' : `script ${name}`,
      })
    log.info({ account: owner, by, script: name }, 'script made active')
    return {}
  },
})
