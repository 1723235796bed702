import { test } from '../../check/definition.ts'
import { checkMatch, matchTags } from '../../check/match.ts'
import { readMailto } from '../mailto.ts'
import { matchAny } from '../match.ts'

/** RFC 5435 §4: all of them can be notified; only mailto: can. */
export const validNotifyMethod = test({
  name: 'valid_notify_method',
  extension: 'enotify',
  positional: ['strings'],
  run: (args, m) => m.strings(args.positional[0]).every((uri) => readMailto(uri) !== undefined),
})

/** RFC 5435 §5: nobody knows whether somebody reads mail now. */
export const notifyMethodCapability = test({
  name: 'notify_method_capability',
  extension: 'enotify',
  tags: matchTags,
  positional: ['string', 'string', 'strings'],
  check: (args, c) => checkMatch(args, c, args.positional[2]),
  run(args, m) {
    const known = readMailto(m.string(args.positional[0])) && m.string(args.positional[1]).toLowerCase() === 'online'
    return matchAny(args, m, known ? ['maybe'] : [], args.positional[2]!)
  },
})
