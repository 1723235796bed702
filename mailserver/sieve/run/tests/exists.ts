import { test } from '../../check/definition.ts'
import { checkFieldNames } from '../../check/match.ts'
import { checkMime, fieldValues, mimeTags } from '../mimefields.ts'

/** RFC 5228 §5.5, with :mime (RFC 5703 §4.3): all of them. */
export const exists = test({
  name: 'exists',
  tags: mimeTags,
  positional: ['strings'],
  check(args, c) {
    checkFieldNames(c, args.positional[0])
    checkMime(args, c)
  },
  run: (args, m) => m.strings(args.positional[0]).every((name) => !fieldValues(args, m, name).next().done),
})
