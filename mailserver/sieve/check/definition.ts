/** What a command or a test is: one object in one file of `run/`, from which scripts are checked and run. */

import type { Template } from '../parse/template.ts'
import type { At } from '../parse/tree.ts'
import type { Machine } from '../run/machine.ts'
import type { Checker } from './checker.ts'

/** Kinds of argument; `strings` takes one string too (RFC 5228 §2.4.2.1). */
export type Need = 'string' | 'strings' | 'number'
export type Value = { kind: 'number'; at: At; value: number } | { kind: 'strings'; at: At; values: readonly Template[] }

export type TagSpec = {
  /** must have been required for the tag to be known */
  extension?: string
  takes?: Need
  /** of the tags of one group a command has at most one */
  group?: string
}

/** Arguments as they were bound: numbers and templates, tags by name (without the colon). */
export type Args = {
  at: At
  tags: ReadonlyMap<string, { at: At; value?: Value }>
  positional: readonly Value[]
}

export type Definition = {
  name: string
  /** must have been required; several names: one of them */
  extension?: string | readonly string[]
  tags?: Readonly<Record<string, TagSpec>>
  positional?: readonly Need[]
  /** the first positional argument may be missing (the variable's name of imap4flags) */
  firstOptional?: boolean
  /** the last positional argument may be missing */
  lastOptional?: boolean
  /** what else must hold of the arguments, told with their places */
  check?(args: Args, checker: Checker): void
}

export type TestDefinition = Definition & {
  kind: 'test'
  tests?: 'one' | 'many'
  run(args: Args, m: Machine, tests: readonly Test[]): boolean
}
/** `stop`, `return` and `break` end more than themselves: run says so. */
export type Flow = 'next' | 'stop' | 'return' | 'break'
export type ActionDefinition = Definition & {
  kind: 'action'
  run(args: Args, m: Machine): Flow | undefined
}
/** if, elsif, else, require: commands with blocks or a place of their own; `check/check.ts` builds them. */
export type Test = { at: At; definition: TestDefinition; args: Args; tests: readonly Test[] }
export type Statement =
  | { kind: 'action'; at: At; definition: ActionDefinition; args: Args }
  | { kind: 'if'; branches: readonly { test?: Test; block: readonly Statement[] }[] }
  /** foreverypart (RFC 5703 §3) */
  | { kind: 'each'; at: At; name?: string; block: readonly Statement[] }
  /** inside a block that `ihave` switches off: what cannot be known here fails only if it is reached (RFC 5463 §4) */
  | { kind: 'unknown'; at: At; why: string }

export type Program = { statements: readonly Statement[]; extensions: ReadonlySet<string> }

export const test = (t: Omit<TestDefinition, 'kind'>): TestDefinition => ({ kind: 'test', ...t })
export const action = (a: Omit<ActionDefinition, 'kind'>): ActionDefinition => ({ kind: 'action', ...a })
