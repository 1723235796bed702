import { test } from '../../check/definition.ts'
import { checkMatch, matchTags } from '../../check/match.ts'
import { matchAny } from '../match.ts'

/** RFC 5183 §4; what we do not know of a session matches nothing. */
export const environment = test({
  name: 'environment',
  extension: 'environment',
  tags: matchTags,
  positional: ['string', 'strings'],
  check: (args, c) => checkMatch(args, c, args.positional[1]),
  run(args, m) {
    const items: Record<string, string> = {
      domain: m.facts.domain,
      host: m.facts.hostname,
      location: 'MDA',
      name: 'Cong So Sieve',
      phase: 'during',
      version: '1',
    }
    const name = m.string(args.positional[0]).toLowerCase()
    return matchAny(args, m, Object.hasOwn(items, name) ? [items[name]!] : [], args.positional[1]!)
  },
})
