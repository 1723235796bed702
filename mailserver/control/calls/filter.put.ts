import { Refusal } from '#kit/refusal.ts'
import { checkScript } from '#mailserver/sieve/check/check.ts'
import { MAX_SCRIPT_OCTETS } from '#mailserver/sieve/limits.ts'
import { call } from '../call.ts'
import { address, object, text, yesNo } from '../input.ts'

type In = { owner: string; name: string; text: string; activate: boolean }

export default call<'filter.put', In>({
  may: ['desk'],
  // too long for a script is told as a fault, with its place
  input: () => object({ owner: address, name: text(512), text: text(MAX_SCRIPT_OCTETS + 1024), activate: yesNo }),
  run({ accounts, log }, { owner, name, text, activate }) {
    const account = accounts.byAddress(owner)
    if (account?.kind !== 'person') throw new Refusal(404, `Không có hộp thư ${owner}.`, `${owner} is no person`)
    const checked = checkScript(Buffer.from(text))
    if ('faults' in checked) return { faults: checked.faults }
    const refused = accounts.scripts.put(account.id, name, text)
    if (refused) throw new Refusal(422, 'Không lưu được: quá nhiều bộ lọc, hoặc chúng quá lớn.', `${name}: ${refused}`)
    if (activate) accounts.scripts.activate(account.id, name)
    log.info({ account: owner, script: name, activate }, 'script kept')
    return { faults: [] }
  },
})
