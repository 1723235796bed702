import { test } from '../../check/definition.ts'
import { checkFieldNames, checkIndex, checkMatch, indexTags, matchTags } from '../../check/match.ts'
import { atIndex } from '../index.ts'
import { matchAny } from '../match.ts'

/** RFC 5228 §5.7; white space around a value does not count. */
export const header = test({
  name: 'header',
  tags: { ...matchTags, ...indexTags },
  positional: ['strings', 'strings'],
  check(args, c) {
    checkFieldNames(c, args.positional[0])
    checkIndex(args, c)
    checkMatch(args, c, args.positional[1])
  },
  run(args, m) {
    const values = m.strings(args.positional[0]).flatMap((name) => atIndex(args, m.header.decoded(name)))
    return matchAny(args, m, values, args.positional[1]!)
  },
})
