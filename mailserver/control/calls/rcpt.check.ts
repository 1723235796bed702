import { call } from '../call.ts'
import { address, maybe, object, whole } from '../input.ts'

/** A group is over quota when everybody in it is: one full mailbox must not keep mail from the others. */
export default call<'rcpt.check', { address: string; size?: number }>({
  may: ['edge'],
  input: () => object({ address, size: maybe(whole(0, Number.MAX_SAFE_INTEGER)) }),
  run({ accounts, store }, { address, size = 1 }) {
    const found = accounts.deliver(address, 'outside')
    if (found.verdict !== 'ok') return { verdict: found.verdict }
    const full = (a: { id: number; quota?: number }) =>
      a.quota !== undefined && store.read.usage(a.id).octets + size > a.quota
    return { verdict: found.accounts.every(full) ? 'over-quota' : 'ok' }
  },
})
