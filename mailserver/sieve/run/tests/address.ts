import { test } from '../../check/definition.ts'
import { addressTags, checkFieldNames, checkIndex, checkMatch, indexTags, matchTags } from '../../check/match.ts'
import { constantOf } from '../../parse/template.ts'
import { addressesIn, partOf } from '../addresses.ts'
import { atIndex } from '../index.ts'
import { matchAny } from '../match.ts'
import { checkMime, fieldValues, mimeTags } from '../mimefields.ts'

/** RFC 5228 §5.1: only fields that hold addresses, so that a Subject is never taken for one. */
const fields =
  /^(from|to|cc|bcc|sender|reply-to|resent-(from|to|cc|bcc|sender|reply-to)|return-path|delivered-to|x-original-to|disposition-notification-to|errors-to|mail-followup-to|x-sieve-redirected-from)$/i

export const address = test({
  name: 'address',
  tags: { ...matchTags, ...addressTags, ...indexTags, ...mimeTags },
  positional: ['strings', 'strings'],
  check(args, c) {
    const [names, keys] = args.positional
    checkFieldNames(c, names)
    checkIndex(args, c)
    checkMime(args, c)
    checkMatch(args, c, keys)
    if (names?.kind === 'strings')
      for (const name of names.values) {
        const said = constantOf(name)
        if (said !== undefined && !fields.test(said))
          c.fault(name.at, `trường ${said} không chứa địa chỉ thư`, `the field ${said} does not hold addresses`)
      }
  },
  run(args, m) {
    const values: string[] = []
    for (const name of m.strings(args.positional[0]))
      for (const value of atIndex(args, [...fieldValues(args, m, name)]))
        for (const one of addressesIn(value)) {
          const part = partOf(args, one)
          if (part !== undefined) values.push(part)
        }
    return matchAny(args, m, values, args.positional[1]!)
  },
})
