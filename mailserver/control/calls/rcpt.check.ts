import type { Calls } from '#kit/directory/calls.ts'
import type { StoredAccount } from '#mailserver/accounts/port.ts'
import { count, counters } from '#mailserver/metrics/counters.ts'
import { exceeds, limitsOf } from '#mailserver/store/limits.ts'
import { type Context, call } from '../call.ts'
import { address, maybe, object, whole } from '../input.ts'

type Asked = { address: string; size?: number }

export default call<'rcpt.check', Asked>({
  may: ['edge'],
  input: () => object({ address, size: maybe(whole(0, Number.MAX_SAFE_INTEGER)) }),
  run(context, asked) {
    const verdict = verdictOf(context, asked)
    // what is taken here is counted with its message
    if (verdict !== 'ok') count(counters.recipients.edge.refused)
    return { verdict }
  },
})

/** A group is over quota when everybody in it is: one full mailbox must not keep mail from the others. */
function verdictOf({ accounts, store }: Context, { address, size = 1 }: Asked): Calls['rcpt.check']['out']['verdict'] {
  const found = accounts.deliver(address, 'outside')
  if (found.verdict !== 'ok') return found.verdict
  const full = (a: StoredAccount) => exceeds(store.read.usage(a.id), { octets: size, messages: 1 }, limitsOf(a))
  return found.lists.length === 0 && found.accounts.every(full) ? 'over-quota' : 'ok'
}
