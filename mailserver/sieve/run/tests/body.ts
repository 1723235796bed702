import { test } from '../../check/definition.ts'
import { checkMatch, matchTags } from '../../check/match.ts'
import { bodyTexts } from '../body.ts'
import { matchAny } from '../match.ts'

/** RFC 5173. :text is what people read; :content gives each part of these types, decoded; :raw what stands below the header. */
export const body = test({
  name: 'body',
  extension: 'body',
  tags: {
    ...matchTags,
    raw: { group: 'transform' },
    content: { group: 'transform', takes: 'strings' },
    text: { group: 'transform' },
  },
  positional: ['strings'],
  check: (args, c) => checkMatch(args, c, args.positional[0]),
  run(args, m) {
    const content = args.tags.get('content')?.value
    const wanted = content ? { types: m.strings(content) } : args.tags.has('raw') ? 'raw' : 'text'
    const values = bodyTexts(m.facts, wanted)
    // RFC 5173 §4: a body does not set match variables
    return m.withoutMatch(() => matchAny(args, m, values, args.positional[0]!))
  },
})
