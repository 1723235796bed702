import type { Checker } from '../check/checker.ts'
import type { Args } from '../check/definition.ts'
import { wordOf } from '../check/match.ts'
import { quote } from '../parse/fault.ts'
import { isVariableName } from '../parse/template.ts'

/** The first argument names a variable that may be set (RFC 5229 §3, RFC 6609 §3.4). */
export function checkVariable(args: Args, c: Checker): void {
  const name = wordOf(args.positional[0]) ?? ''
  if (/^global\./i.test(name)) c.needs(args.at, 'global.…', 'include')
  if (!isVariableName(name.replace(/^global\./i, '')))
    c.fault(args.positional[0]!.at, `${quote(name)} không phải tên biến`, `${quote(name)} is no name of a variable`)
}
