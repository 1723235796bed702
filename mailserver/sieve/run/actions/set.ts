import { action } from '../../check/definition.ts'
import { wordOf } from '../../check/match.ts'
import { modified, modifierTags } from '../modifiers.ts'
import { checkVariable } from '../variable.ts'

/** RFC 5229 §4 */
export const set = action({
  name: 'set',
  extension: 'variables',
  tags: modifierTags,
  positional: ['string', 'string'],
  check: checkVariable,
  run(args, m) {
    m.set(args.at, wordOf(args.positional[0])!.toLowerCase(), modified(args, m.string(args.positional[1])))
  },
})
