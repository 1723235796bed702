import { action } from '../../check/definition.ts'
import { wordOf } from '../../check/match.ts'
import { MAX_VARIABLE } from '../../limits.ts'
import { modified, modifierTags } from '../modifiers.ts'
import { checkVariable } from '../variable.ts'

/** RFC 5703 §7: what the part says goes into a variable; :first counts characters. */
export const extracttext = action({
  name: 'extracttext',
  extension: 'extracttext',
  tags: { ...modifierTags, first: { takes: 'number' } },
  positional: ['string'],
  check(args, c) {
    c.needs(args.at, 'extracttext', 'variables')
    if (c.loops.length === 0)
      c.fault(args.at, 'extracttext chỉ dùng trong foreverypart', 'extracttext stands inside foreverypart only')
    checkVariable(args, c)
  },
  run(args, m) {
    const part = m.parts.current
    if (!part) return
    const first = args.tags.get('first')?.value
    const most = Math.min(MAX_VARIABLE, first?.kind === 'number' ? first.value : MAX_VARIABLE)
    m.spend(args.at, 1, most)
    m.set(args.at, wordOf(args.positional[0])!.toLowerCase(), modified(args, m.parts.text(part, most)))
  },
})
