import { expire } from '#mailserver/upkeep/expire.ts'
import { call } from '../call.ts'
import { address, object, yesNo } from '../input.ts'

/** Shorter than callers wait; what is left is done by the next turn. */
const longestMs = 120_000

export default call<'expiry.run', { dryRun: boolean; by: string }>({
  may: ['cli'],
  input: () => object({ dryRun: yesNo, by: address }),
  run: (context, { dryRun, by }) => expire(context, { by, dryRun, signal: AbortSignal.timeout(longestMs) }),
})
