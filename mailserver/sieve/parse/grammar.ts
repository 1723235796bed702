/** RFC 5228 §8.2: commands, arguments, tests and blocks. Nothing is known yet of what they mean. */
import { MAX_LIST, MAX_NESTING, MAX_SCRIPT_OCTETS } from '../limits.ts'
import { SieveFault } from './fault.ts'
import { type Token, tokens } from './lexer.ts'
import type { Argument, At, CommandNode, StringNode } from './tree.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws SieveFault where the octets are no UTF-8 (RFC 5228 §2.1), at the first bad octet */
export function decodeScript(octets: Uint8Array): string {
  if (octets.length > MAX_SCRIPT_OCTETS) throw tooLong()
  try {
    return utf8.decode(octets)
  } catch {
    let good = 0
    // the longest good head, by halves: the error has a place that a person can find
    for (let step = 2 ** Math.ceil(Math.log2(octets.length + 1)); step >= 1; step /= 2)
      if (good + step <= octets.length && readable(octets.subarray(0, good + step))) good += step
    const lines = Buffer.from(octets.subarray(0, good)).toString('utf8').split('\n')
    throw new SieveFault(
      { line: lines.length, column: lines.at(-1)!.length + 1 },
      'kịch bản phải là văn bản UTF-8',
      'the script is not UTF-8',
    )
  }
}

function readable(octets: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(octets, { stream: true })
    return true
  } catch {
    return false
  }
}

const tooLong = () =>
  new SieveFault(
    { line: 1, column: 1 },
    `kịch bản dài quá ${MAX_SCRIPT_OCTETS / 1024} KB`,
    `the script is longer than ${MAX_SCRIPT_OCTETS / 1024} KB`,
  )

/** @throws SieveFault at the first thing that is not Sieve */
export function parseScript(text: string): CommandNode[] {
  if (text.length > MAX_SCRIPT_OCTETS) throw tooLong()
  const words = tokens(text)
  let token: Token = words.next().value!
  const next = () => {
    token = words.next().value ?? token
  }
  /** the compiler does not see that `next` changes the token */
  const is = (kind: Token['kind']): boolean => token.kind === kind
  const fault = (vi: string, en: string) => new SieveFault(token.at, vi, en)

  function commands(until: 'end' | '}', depth: number, opened?: At): CommandNode[] {
    const found: CommandNode[] = []
    while (!is(until)) {
      if (is('end'))
        throw new SieveFault(
          opened!,
          'khối { mở ở đây chưa được đóng bằng }',
          'the block that { opens here is not closed',
        )
      found.push(command(depth))
    }
    return found
  }

  function command(depth: number): CommandNode {
    const node = called('lệnh', 'a command', depth)
    if (is(';')) next()
    else if (is('{')) {
      const opened = token.at
      if (depth >= MAX_NESTING) throw tooDeep()
      next()
      node.block = commands('}', depth + 1, opened)
      next()
    } else throw fault(`thiếu dấu ";" sau lệnh ${node.name}`, `";" is missing after ${node.name}`)
    return node
  }

  /** A word with its arguments and tests. */
  function called(vi: string, en: string, depth: number): CommandNode {
    if (token.kind !== 'word') throw fault(`ở đây phải là một ${vi}`, `expected ${en}`)
    const node: CommandNode = { at: token.at, name: token.text, arguments: [], tests: [], testList: false }
    next()
    for (;;) {
      const argument = readArgument()
      if (!argument) break
      node.arguments.push(argument)
    }
    if (is('word')) node.tests.push(test(depth))
    else if (is('(')) {
      next()
      node.testList = true
      node.tests.push(test(depth))
      while (is(',')) {
        next()
        node.tests.push(test(depth))
      }
      if (!is(')')) throw fault('thiếu dấu ")" hoặc ","', 'expected ")" or ","')
      next()
    }
    return node
  }

  function test(depth: number): CommandNode {
    if (depth >= MAX_NESTING) throw tooDeep()
    return called('phép thử', 'a test', depth + 1)
  }

  function readArgument(): Argument | undefined {
    const { at } = token
    switch (token.kind) {
      case 'string': {
        const value = token.text
        next()
        return { kind: 'string', at, value }
      }
      case 'number': {
        const { value } = token
        next()
        return { kind: 'number', at, value }
      }
      case 'tag': {
        const name = token.text
        next()
        return { kind: 'tag', at, name }
      }
      case '[':
        return { kind: 'list', at, values: list() }
      default:
        return undefined
    }
  }

  function list(): StringNode[] {
    const values: StringNode[] = []
    do {
      next()
      if (token.kind !== 'string') throw fault('danh sách chỉ gồm các chuỗi', 'a list holds strings only')
      values.push({ kind: 'string', at: token.at, value: token.text })
      if (values.length > MAX_LIST)
        throw fault(`danh sách dài quá ${MAX_LIST} mục`, `a list has at most ${MAX_LIST} strings`)
      next()
    } while (is(','))
    if (!is(']')) throw fault('thiếu dấu "]" hoặc ","', 'expected "]" or ","')
    next()
    return values
  }

  const tooDeep = () => fault(`lồng nhau quá ${MAX_NESTING} tầng`, `nested more than ${MAX_NESTING} levels deep`)
  return commands('end', 0)
}
