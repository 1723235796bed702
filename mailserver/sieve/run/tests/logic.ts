/** Tests of tests (RFC 5228 §5): they stop at the first that decides, which match variables rely on. */
import { test } from '../../check/definition.ts'
import { holds } from '../holds.ts'

export const allof = test({ name: 'allof', tests: 'many', run: (_, m, tests) => tests.every((t) => holds(t, m)) })
export const anyof = test({ name: 'anyof', tests: 'many', run: (_, m, tests) => tests.some((t) => holds(t, m)) })
export const not = test({ name: 'not', tests: 'one', run: (_, m, tests) => !holds(tests[0]!, m) })
export const yes = test({ name: 'true', run: () => true })
export const no = test({ name: 'false', run: () => false })
