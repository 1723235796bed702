import { type Args, action } from '../../check/definition.ts'
import type { Machine } from '../machine.ts'

function refuse(by: 'reject' | 'ereject') {
  return (args: Args, m: Machine): undefined => {
    m.implicitKeep = false
    m.act(args.at, { kind: 'refuse', by, reason: m.string(args.positional[0]) })
  }
}

/** RFC 5429 §2.2 and §2.1 */
export const reject = action({ name: 'reject', extension: 'reject', positional: ['string'], run: refuse('reject') })
export const ereject = action({ name: 'ereject', extension: 'ereject', positional: ['string'], run: refuse('ereject') })
