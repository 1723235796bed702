import type { StoredAccount } from '#mailserver/accounts/port.ts'
import { exceeds, limitsOf } from '#mailserver/store/limits.ts'
import { call } from '../call.ts'
import { address, maybe, object, whole } from '../input.ts'

/** A group is over quota when everybody in it is: one full mailbox must not keep mail from the others. */
export default call<'rcpt.check', { address: string; size?: number }>({
  may: ['edge'],
  input: () => object({ address, size: maybe(whole(0, Number.MAX_SAFE_INTEGER)) }),
  run({ accounts, store }, { address, size = 1 }) {
    const found = accounts.deliver(address, 'outside')
    if (found.verdict !== 'ok') return { verdict: found.verdict }
    const full = (a: StoredAccount) => exceeds(store.read.usage(a.id), { octets: size, messages: 1 }, limitsOf(a))
    return { verdict: found.lists.length === 0 && found.accounts.every(full) ? 'over-quota' : 'ok' }
  },
})
