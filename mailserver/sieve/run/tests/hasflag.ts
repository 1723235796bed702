import { test } from '../../check/definition.ts'
import { checkMatch, matchTags } from '../../check/match.ts'
import { flagsOf } from '../flags.ts'
import { matchAny } from '../match.ts'

/** RFC 5232 §4 */
export const hasflag = test({
  name: 'hasflag',
  extension: 'imap4flags',
  tags: matchTags,
  positional: ['strings', 'strings'],
  firstOptional: true,
  check(args, c) {
    if (args.positional.length === 2) c.needs(args.at, 'hasflag với biến', 'variables')
    checkMatch(args, c, args.positional.at(-1))
  },
  run(args, m) {
    const [names, keys] = args.positional.length === 2 ? args.positional : [undefined, args.positional[0]]
    const flags = names ? m.strings(names).flatMap((n) => flagsOf([m.get(n.toLowerCase())])) : m.flags
    return matchAny(args, m, flags, keys!)
  },
})
