import { checkScript } from '#mailserver/sieve/check/check.ts'
import { MAX_SCRIPT_OCTETS } from '#mailserver/sieve/limits.ts'
import { call } from '../call.ts'
import { filteredBox } from '../filtered.ts'
import { address, object, text, yesNo } from '../input.ts'
import { mustBeDone, noteScript } from '../scripts.ts'

type In = { owner: string; by: string; name: string; text: string; activate: boolean }

export default call<'script.put', In>({
  may: ['cli'],
  // too long for a script is told as a fault, with its place
  input: () =>
    object({ owner: address, by: address, name: text(512), text: text(MAX_SCRIPT_OCTETS + 1024), activate: yesNo }),
  run(context, { owner, by, name, text, activate }) {
    const { scripts } = context.accounts
    const account = filteredBox(context.accounts, owner)
    const checked = checkScript(Buffer.from(text))
    if ('faults' in checked) return { faults: checked.faults }
    mustBeDone(scripts.put(account.id, name, text, by), name)
    if (activate) mustBeDone(scripts.activate(account.id, name), name)
    const detail = `${name}${activate ? ', active' : ''}`
    noteScript(context, { by, what: 'script kept', account: account.address, detail })
    return { faults: [] }
  },
})
