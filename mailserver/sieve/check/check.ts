/**
 * From a script's text to a program that can be run, or to what is wrong with it, each with line and column. Whatever
 * can be known without a message is found here: unknown words, missing `require`, arguments of the wrong kind, patterns that are none.
 */
import { type Fault, quote, SieveFault } from '../parse/fault.ts'
import { decodeScript, parseScript } from '../parse/grammar.ts'
import type { CommandNode } from '../parse/tree.ts'
import { actions, tests } from '../run/table.ts'
import { Checker } from './checker.ts'
import type { Program, Statement, Test } from './definition.ts'
import { isExtension } from './extensions.ts'
import { wordOf } from './match.ts'

export type Checked = { program: Program } | { faults: readonly Fault[] }

/** Pure, linear in the script; never throws whatever the script is. */
export function checkScript(script: string | Uint8Array): Checked {
  try {
    const nodes = parseScript(typeof script === 'string' ? script : decodeScript(script))
    const checker = new Checker()
    const statements = new Walk(checker).block(nodes, true)
    if (checker.faults.length > 0) return { faults: checker.faults }
    return { program: { statements, extensions: checker.required } }
  } catch (err) {
    if (err instanceof SieveFault) return { faults: [err.fault] }
    throw err
  }
}

class Walk {
  readonly #c: Checker

  constructor(checker: Checker) {
    this.#c = checker
  }

  block(nodes: readonly CommandNode[], top = false): Statement[] {
    const found: Statement[] = []
    let mayRequire = top
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!
      if (node.name === 'require') {
        this.#require(node, mayRequire)
        continue
      }
      mayRequire = false
      if (node.name === 'if') {
        const chain = [node]
        while (i + 1 < nodes.length && ['elsif', 'else'].includes(nodes[i + 1]!.name)) {
          chain.push(nodes[++i]!)
          if (chain.at(-1)!.name === 'else') break
        }
        found.push(this.#if(chain))
      } else if (node.name === 'foreverypart') {
        const made = this.#loop(node)
        if (made) found.push(made)
      } else if (node.name === 'elsif' || node.name === 'else')
        this.#c.fault(
          node.at,
          `${node.name} phải đứng ngay sau khối của if`,
          `${node.name} must follow the block of an if`,
        )
      else {
        const made = this.#action(node)
        if (made) found.push(made)
      }
    }
    return found
  }

  #require(node: CommandNode, allowed: boolean): void {
    if (!allowed)
      this.#c.fault(node.at, 'require phải đứng đầu kịch bản', 'require must stand at the top of the script')
    this.#plain(node)
    const args = this.#c.bind(node.at, { name: 'require', positional: ['strings'] }, node.arguments)
    if (args) this.#c.require(node.at, args.positional[0])
  }

  #if(chain: readonly CommandNode[]): Statement {
    const branches = chain.map((node): { test?: Test; block: Statement[] } => {
      if (node.arguments.length > 0)
        this.#c.fault(node.arguments[0]!.at, `${node.name} không nhận giá trị`, `${node.name} takes no values`)
      if (!node.block) this.#c.fault(node.at, `thiếu khối { } sau ${node.name}`, `a block { } must follow ${node.name}`)
      if (node.name === 'else') {
        if (node.tests.length > 0) this.#c.fault(node.tests[0]!.at, 'else không có phép thử', 'else takes no test')
        return { block: this.block(node.block ?? []) }
      }
      if (node.tests.length !== 1 || node.testList) {
        this.#c.fault(node.at, `${node.name} cần đúng một phép thử`, `${node.name} takes exactly one test`)
        return { block: this.block(node.block ?? []) }
      }
      const missing = missingIn(node.tests[0]!)
      if (missing) return { block: this.#switchedOff(node, missing), ...this.#never(node) }
      const test = this.#test(node.tests[0]!)
      const block = this.block(node.block ?? [])
      return test ? { test, block } : { block }
    })
    return { kind: 'if', branches }
  }

  /** RFC 5703 §3.1 */
  #loop(node: CommandNode): Statement | undefined {
    if (node.tests.length > 0)
      this.#c.fault(node.tests[0]!.at, 'foreverypart không có phép thử', 'foreverypart takes no test')
    if (!node.block) this.#c.fault(node.at, 'thiếu khối { } sau foreverypart', 'a block { } must follow foreverypart')
    if (!this.#c.needs(node.at, node.name, 'foreverypart')) return undefined
    const args = this.#c.bind(node.at, { name: node.name, tags: { name: { takes: 'string' } } }, node.arguments)
    const name = wordOf(args?.tags.get('name')?.value)
    this.#c.loops.push(name)
    const block = this.block(node.block ?? [])
    this.#c.loops.pop()
    return args && { kind: 'each', at: node.at, block, ...(name !== undefined && { name }) }
  }

  /** RFC 5463 §4: a block behind an `ihave` that fails may say what we do not know, and is an error only if it is run. */
  #switchedOff(node: CommandNode, missing: string): Statement[] {
    return [{ kind: 'unknown', at: node.at, why: `extension ${missing} is not supported` }]
  }

  #never(node: CommandNode): { test?: Test } {
    const shadow = new Checker()
    for (const r of this.#c.required) shadow.required.add(r)
    shadow.loops.push(...this.#c.loops)
    const test = new Walk(shadow).#test(node.tests[0]!)
    return test && shadow.faults.length === 0 ? { test } : { test: falseTest(node) }
  }

  #action(node: CommandNode): Statement | undefined {
    const definition = actions.get(node.name)
    if (!definition) {
      if (tests.has(node.name))
        this.#c.fault(node.at, `${node.name} là phép thử, không phải lệnh`, `${node.name} is a test, not a command`)
      else this.#c.fault(node.at, `không có lệnh ${quote(node.name)}`, `there is no command ${quote(node.name)}`)
      return undefined
    }
    this.#plain(node)
    if (!this.#c.needs(node.at, node.name, definition.extension)) return undefined
    const args = this.#c.bind(node.at, definition, node.arguments)
    return args && { kind: 'action', at: node.at, definition, args }
  }

  #plain(node: CommandNode): void {
    if (node.tests.length > 0)
      this.#c.fault(node.tests[0]!.at, `${node.name} không có phép thử`, `${node.name} takes no test`)
    if (node.block) this.#c.fault(node.at, `${node.name} không có khối { }`, `${node.name} takes no block`)
  }

  #test(node: CommandNode): Test | undefined {
    const definition = tests.get(node.name)
    if (!definition) {
      if (actions.has(node.name))
        this.#c.fault(node.at, `${node.name} là lệnh, không phải phép thử`, `${node.name} is a command, not a test`)
      else this.#c.fault(node.at, `không có phép thử ${quote(node.name)}`, `there is no test ${quote(node.name)}`)
      return undefined
    }
    if (!this.#c.needs(node.at, node.name, definition.extension)) return undefined
    const wanted = definition.tests
    if (wanted === 'one' && (node.tests.length !== 1 || node.testList))
      this.#c.fault(node.at, `${node.name} cần đúng một phép thử`, `${node.name} takes exactly one test`)
    if (wanted === 'many' && !node.testList)
      this.#c.fault(
        node.at,
        `sau ${node.name} là các phép thử trong ngoặc ( )`,
        `${node.name} takes tests in parentheses`,
      )
    if (wanted === undefined && node.tests.length > 0)
      this.#c.fault(node.tests[0]!.at, `${node.name} không có phép thử`, `${node.name} takes no test`)
    const args = this.#c.bind(node.at, definition, node.arguments)
    if (node.name === 'ihave' && args?.positional[0]?.kind === 'strings')
      for (const name of args.positional[0].values) this.#c.required.add(name.parts.join('')) // known from here on (RFC 5463 §4)
    const inner = node.tests.map((t) => this.#test(t))
    return args && inner.every((t) => t !== undefined)
      ? { at: node.at, definition, args, tests: inner as Test[] }
      : undefined
  }
}

/** The first extension that an `ihave` of this test asks for in vain. */
function missingIn(node: CommandNode): string | undefined {
  if (node.name === 'ihave') {
    const [names] = node.arguments
    const asked = names?.kind === 'list' ? names.values : names?.kind === 'string' ? [names] : []
    return asked.find((n) => !isExtension(n.value))?.value
  }
  // behind `not` the block runs when the extension is missing: it must be sound
  if (node.name === 'not') return undefined
  for (const t of node.tests) {
    const missing = missingIn(t)
    if (missing !== undefined) return missing
  }
  return undefined
}

const falseTest = (node: CommandNode): Test => ({
  at: node.at,
  definition: tests.get('false')!,
  args: { at: node.at, tags: new Map(), positional: [] },
  tests: [],
})
