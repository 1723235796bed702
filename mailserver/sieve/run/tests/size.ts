import { test } from '../../check/definition.ts'

/** RFC 5228 §5.9: exactly that many octets is neither over nor under. */
export const size = test({
  name: 'size',
  tags: { over: { takes: 'number', group: 'size' }, under: { takes: 'number', group: 'size' } },
  check(args, c) {
    if (args.tags.size !== 1) c.fault(args.at, 'size cần :over hoặc :under', 'size takes :over or :under')
  },
  run(args, m) {
    const over = args.tags.get('over')?.value
    const under = args.tags.get('under')?.value
    if (over?.kind === 'number') return m.facts.size > over.value
    return under?.kind === 'number' && m.facts.size < under.value
  },
})
