import { test } from '../../check/definition.ts'
import { checkFieldNames } from '../../check/match.ts'

/** RFC 5228 §5.5: all of them. */
export const exists = test({
  name: 'exists',
  positional: ['strings'],
  check: (args, c) => checkFieldNames(c, args.positional[0]),
  run: (args, m) => m.strings(args.positional[0]).every((name) => m.header.has(name)),
})
