import { test } from '../../check/definition.ts'
import { addressTags, checkMatch, matchTags } from '../../check/match.ts'
import { constantOf } from '../../parse/template.ts'
import { partOf, splitAddress } from '../addresses.ts'
import { matchAny } from '../match.ts'

/** RFC 5228 §5.4. The null sender is the empty string, whatever part is asked for. */
export const envelope = test({
  name: 'envelope',
  extension: 'envelope',
  tags: { ...matchTags, ...addressTags },
  positional: ['strings', 'strings'],
  check(args, c) {
    checkMatch(args, c, args.positional[1])
    const [parts] = args.positional
    if (parts?.kind === 'strings')
      for (const part of parts.values) {
        const said = constantOf(part)?.toLowerCase()
        if (said !== undefined && said !== 'from' && said !== 'to')
          c.fault(part.at, 'envelope chỉ có "from" và "to"', 'envelope knows "from" and "to"')
      }
  },
  run(args, m) {
    const values: string[] = []
    for (const name of m.strings(args.positional[0])) {
      const which = name.toLowerCase()
      const whole = which === 'from' ? m.facts.from : which === 'to' ? m.facts.to : undefined
      if (whole === undefined) continue
      const part = whole === '' ? (args.tags.has('detail') ? undefined : '') : partOf(args, splitAddress(whole))
      if (part !== undefined) values.push(part)
    }
    return matchAny(args, m, values, args.positional[1]!)
  },
})
