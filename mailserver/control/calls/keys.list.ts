import { call } from '../call.ts'
import { maybe, object, text } from '../input.ts'

export default call<'keys.list', { domain?: string }>({
  may: ['workers', 'desk', 'portal', 'edge', 'cli'],
  input: () => object({ domain: maybe(text(255)) }),
  run({ accounts }, { domain }) {
    // a domain of ours that has sealed nothing yet has its keys from now on, so that whoever asks learns them in time
    for (const ours of accounts.domains()) if (domain === undefined || ours === domain) accounts.sealKeys(ours)
    return { keys: accounts.keys(domain) }
  },
})
