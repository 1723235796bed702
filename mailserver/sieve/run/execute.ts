import type { Flow, Statement } from '../check/definition.ts'
import { RunFault } from './facts.ts'
import { holds } from './holds.ts'
import type { Machine } from './machine.ts'

/** Statements in order, until one ends more than itself. */
export function execute(statements: readonly Statement[], m: Machine): Flow {
  for (const s of statements) {
    if (s.kind === 'unknown') throw new RunFault(s.at, 'phần mở rộng không có', s.why)
    if (s.kind === 'action') {
      m.spend(s.at, 1)
      const flow = s.definition.run(s.args, m) ?? 'next'
      if (flow !== 'next') return flow
      continue
    }
    if (s.kind === 'each') {
      const flow = each(s, m)
      if (flow !== 'next') return flow
      continue
    }
    const taken = s.branches.find((b) => b.test === undefined || holds(b.test, m))
    if (!taken) continue
    const flow = execute(taken.block, m)
    if (flow !== 'next') return flow
  }
  return 'next'
}

/** RFC 5703 §3: the block once for each part, which is then what :mime means. */
function each({ at, name, block }: Extract<Statement, { kind: 'each' }>, m: Machine): Flow {
  const outside = m.parts.current
  try {
    for (const part of [...m.parts.walked()]) {
      m.spend(at, 1)
      m.parts.current = part
      const flow = execute(block, m)
      if (flow === 'break') {
        const meant = m.breaking === undefined || m.breaking === name
        return meant ? 'next' : 'break'
      }
      if (flow !== 'next') return flow
    }
    return 'next'
  } finally {
    m.parts.current = outside
  }
}
