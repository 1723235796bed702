import { Refusal } from '#kit/refusal.ts'
import { checkScript } from '#mailserver/sieve/check/check.ts'
import { MAX_SCRIPT_OCTETS } from '#mailserver/sieve/limits.ts'
import { call } from '../call.ts'
import { filteredBox } from '../filtered.ts'
import { address, object, text, yesNo } from '../input.ts'
import { mustManage } from '../manage.ts'

type In = { owner: string; by: string; name: string; text: string; activate: boolean }

export default call<'filter.put', In>({
  may: ['desk'],
  // too long for a script is told as a fault, with its place
  input: () =>
    object({ owner: address, by: address, name: text(512), text: text(MAX_SCRIPT_OCTETS + 1024), activate: yesNo }),
  run({ accounts, log, now }, { owner, by, name, text, activate }) {
    const account = filteredBox(accounts, owner)
    mustManage(accounts, { account, by, at: now() })
    const checked = checkScript(Buffer.from(text))
    if ('faults' in checked) return { faults: checked.faults }
    const refused = accounts.scripts.put(account.id, name, text, by)
    if (refused) throw new Refusal(422, 'Không lưu được: quá nhiều bộ lọc, hoặc chúng quá lớn.', `${name}: ${refused}`)
    if (activate) accounts.scripts.activate(account.id, name)
    if (account.kind === 'office')
      accounts.note({
        by,
        what: 'filter.put',
        account: account.address,
        detail: `script ${name}${activate ? ', active' : ''}`,
      })
    log.info({ account: owner, by, script: name, activate }, 'script kept')
    return { faults: [] }
  },
})
