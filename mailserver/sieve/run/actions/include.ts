import { action } from '../../check/definition.ts'
import { wordOf } from '../../check/match.ts'
import { MAX_INCLUDE_DEPTH, MAX_INCLUDES } from '../../limits.ts'
import { quote } from '../../parse/fault.ts'
import { isVariableName } from '../../parse/template.ts'
import { execute } from '../execute.ts'
import { RunFault } from '../facts.ts'

/** RFC 6609 §3.1. There are no :global scripts here; one that is named is missing. */
export const include = action({
  name: 'include',
  extension: 'include',
  tags: { personal: { group: 'where' }, global: { group: 'where' }, once: {}, optional: {} },
  positional: ['string'],
  check(args, c) {
    if (wordOf(args.positional[0]) === undefined)
      c.fault(
        args.positional[0]!.at,
        'tên kịch bản phải viết sẵn, không dùng biến',
        'the name of a script cannot hold variables',
      )
  },
  run(args, m) {
    const name = wordOf(args.positional[0])!
    if (m.stack.includes(name))
      throw new RunFault(
        args.at,
        `kịch bản ${quote(name)} gọi lại chính nó`,
        `the script ${quote(name)} includes itself`,
      )
    if (args.tags.has('once') && m.included.has(name)) return
    const program = args.tags.has('global') ? undefined : m.script(name)
    if (!program) {
      if (args.tags.has('optional')) return
      throw new RunFault(
        args.at,
        `không có kịch bản ${quote(name)} dùng được`,
        `there is no sound script ${quote(name)}`,
      )
    }
    if (m.stack.length >= MAX_INCLUDE_DEPTH || ++m.includes > MAX_INCLUDES)
      throw new RunFault(args.at, 'kịch bản gọi nhau quá nhiều', 'too many included scripts')
    m.included.add(name)
    const flow = m.inScript(name, program, () => execute(program.statements, m))
    return flow === 'stop' ? 'stop' : 'next'
  },
})

/** RFC 6609 §3.3: ends this script, and the one that includes it goes on. */
export const leave = action({ name: 'return', extension: 'include', run: () => 'return' })

/** RFC 6609 §3.4 */
export const global = action({
  name: 'global',
  extension: 'include',
  positional: ['strings'],
  check(args, c) {
    c.needs(args.at, 'global', 'variables')
    const [names] = args.positional
    if (names?.kind === 'strings')
      for (const name of names.values)
        if (!isVariableName(name.parts.join('')))
          c.fault(name.at, 'đây không phải tên biến', 'this is no name of a variable')
  },
  run(args, m) {
    for (const name of m.strings(args.positional[0])) m.share(name.toLowerCase())
  },
})
