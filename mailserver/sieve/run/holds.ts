import type { Test } from '../check/definition.ts'
import type { Machine } from './machine.ts'

export function holds(test: Test, m: Machine): boolean {
  m.spend(test.at, 1)
  return test.definition.run(test.args, m, test.tests)
}
