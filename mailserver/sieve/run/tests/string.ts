import { test } from '../../check/definition.ts'
import { checkMatch, matchTags } from '../../check/match.ts'
import { matchAny } from '../match.ts'

/** RFC 5229 §5; :count counts the strings that are not empty. */
export const string = test({
  name: 'string',
  extension: 'variables',
  tags: matchTags,
  positional: ['strings', 'strings'],
  check: (args, c) => checkMatch(args, c, args.positional[1]),
  run(args, m) {
    const values = m.strings(args.positional[0])
    return matchAny(args, m, args.tags.has('count') ? values.filter((v) => v !== '') : values, args.positional[1]!)
  },
})
