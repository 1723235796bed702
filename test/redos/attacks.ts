/**
 * Texts against a regular expression, made from itself: for each repetition in it, what leads there, what is repeated many times over,
 * and an end that does not match. An expression that backtracks more than linearly over one of them shows it by its time.
 */
import regjsparser from 'regjsparser'

type Node = { type: string; raw: string; body?: Node[] | Node }

/** Characters tried where a class has many. */
const usual = [
  ' ',
  '\t',
  '\n',
  'a',
  'A',
  '0',
  '-',
  '.',
  '<',
  '(',
  '"',
  '\\',
  ',',
  ':',
  ';',
  '=',
  '/',
  '*',
  '@',
  'ư',
  '\r',
  '+',
  'x\u0301'[1]!,
]

/** Repetitions of fewer are no danger. */
const many = 10

/** @returns texts of about `length` characters */
export function attacks(source: string, flags: string, length: number): string[] {
  const tree = regjsparser.parse(source, flags.includes('u') ? 'u' : '', {
    namedGroups: true,
    unicodePropertyEscape: true,
    lookbehind: true,
    unicodeSet: flags.includes('v'),
  }) as unknown as Node
  const literal = [...new Set(source.replaceAll(/\\./g, '').replaceAll(/[\\^$.*+?()[\]{}|]/g, ''))].slice(0, 20)
  const characters = [...new Set([...literal, ...usual])]
  const of = (raw: string) => {
    const one = new RegExp(`^(?:${raw})$`, flags.replace(/[gy]/g, ''))
    return characters.filter((c) => one.test(c))
  }
  const texts = new Set<string>()
  const pumped = (prefix: string, pump: string) => {
    if (pump === '') return
    const times = Math.ceil(length / pump.length)
    for (const end of ['\x01', '']) texts.add(`${prefix}${pump.repeat(times)}${end}`)
    if (prefix !== '') {
      texts.add(prefix.repeat(Math.ceil(length / prefix.length)))
      texts.add(`${prefix}${pump}`.repeat(Math.ceil(length / (prefix.length + pump.length))))
      texts.add(pump.repeat(times))
    }
  }

  /** @returns a text that the node matches; repetitions in it are attacked behind `before` */
  function walk(node: Node, before: string): string {
    const inside = (Array.isArray(node.body) ? node.body : node.body ? [node.body] : []) as Node[]
    switch (node.type) {
      case 'disjunction':
        return inside.map((each) => walk(each, before))[0] ?? ''
      case 'alternative': {
        let text = ''
        for (const each of inside) text += walk(each, before + text)
        return text
      }
      case 'group': {
        let text = ''
        for (const each of inside) text += walk(each, before + text)
        return (node as unknown as { behavior: string }).behavior.includes('egative') ? '' : text
      }
      case 'quantifier': {
        const { min, max } = node as unknown as { min: number; max?: number }
        const [body] = inside as [Node]
        const one = walk(body, before)
        if (max === undefined || max >= many) {
          const pumps = isCharacter(body) ? of(body.raw).slice(0, 12) : [one, `${one}${one.slice(-1)}`]
          for (const pump of pumps) pumped(before, pump)
        }
        return one.repeat(Math.min(Math.max(min, 1), 100))
      }
      case 'value':
        return String.fromCodePoint((node as unknown as { codePoint: number }).codePoint)
      case 'anchor':
      case 'reference':
        return ''
      default:
        return of(node.raw)[0] ?? ''
    }
  }
  walk(tree, '')
  return [...texts]
}

const isCharacter = ({ type }: Node): boolean => !['group', 'disjunction', 'alternative'].includes(type)
