import { MAX_FAULTS } from '../limits.ts'
import { type Fault, quote, SieveFault } from '../parse/fault.ts'
import { constant, constantOf, decodeCharacters, readTemplate, type Template } from '../parse/template.ts'
import type { Argument, At, StringNode } from '../parse/tree.ts'
import type { Args, Definition, Need, TagSpec, Value } from './definition.ts'
import { isExtension } from './extensions.ts'

const called: Record<Need, { vi: string; en: string }> = {
  string: { vi: 'một chuỗi', en: 'a string' },
  strings: { vi: 'một chuỗi hoặc danh sách chuỗi', en: 'a string or a list of strings' },
  number: { vi: 'một số', en: 'a number' },
}

/** What the checks of one script share: what was required, and what was found wrong. */
export class Checker {
  readonly faults: Fault[] = []
  readonly required = new Set<string>()
  /** names of the loops around the place that is checked, the innermost last; undefined: it has none */
  readonly loops: (string | undefined)[] = []

  has(extension: string): boolean {
    return this.required.has(extension)
  }

  fault(at: At, vi: string, en: string): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push({ line: at.line, column: at.column, vi, en })
  }

  /** @returns whether one of them is required; else the fault is told */
  needs(at: At, what: string, extension: string | readonly string[] | undefined): boolean {
    if (extension === undefined) return true
    const any = typeof extension === 'string' ? [extension] : extension
    if (any.some((e) => this.required.has(e))) return true
    this.fault(at, `${what} cần có require "${any[0]}" ở đầu kịch bản`, `${what} needs require "${any[0]}" at the top`)
    return false
  }

  template({ at, value }: StringNode): Template {
    const decoded = this.has('encoded-character') ? this.#decoded(at, value) : value
    if (!this.has('variables')) return constant(at, decoded)
    const read = readTemplate(at, decoded)
    for (const part of read.parts) {
      if (typeof part === 'string') continue
      if ('match' in part && part.match > 99)
        this.fault(at, 'chỉ số nhóm khớp quá lớn', 'the number of a match variable is too large')
      if ('variable' in part && part.variable.includes('.') && !/^global\.[^.]+$/.test(part.variable))
        this.fault(
          at,
          `không có không gian tên ${quote(part.variable)}`,
          `there is no namespace ${quote(part.variable)}`,
        )
      else if ('variable' in part && part.variable.includes('.')) this.needs(at, 'global.…', 'include')
    }
    return read
  }

  #decoded(at: At, value: string): string {
    try {
      return decodeCharacters(at, value)
    } catch (err) {
      if (!(err instanceof SieveFault)) throw err
      this.fault(err.fault, err.fault.vi, err.fault.en)
      return value
    }
  }

  /** Binds written arguments to what the definition asks for; undefined when they do not fit (it is told). */
  bind(at: At, d: Definition, given: readonly Argument[]): Args | undefined {
    const before = this.faults.length
    const tags = new Map<string, { at: At; value?: Value }>()
    const groups = new Map<string, string>()
    const positional: Value[] = []
    const wanted = d.positional ?? []
    for (let i = 0; i < given.length; i++) {
      const argument = given[i]!
      if (argument.kind !== 'tag') {
        positional.push(this.#value(argument))
        continue
      }
      const { name } = argument
      const spec: TagSpec | undefined = d.tags && Object.hasOwn(d.tags, name) ? d.tags[name] : undefined
      if (!spec) {
        this.fault(argument.at, `${d.name} không có thẻ :${name}`, `${d.name} has no tag :${name}`)
        continue
      }
      if (positional.length > 0)
        this.fault(argument.at, `thẻ :${name} phải đứng trước các giá trị`, `tag :${name} must stand before the values`)
      this.needs(argument.at, `:${name}`, spec.extension)
      if (tags.has(name)) this.fault(argument.at, `thẻ :${name} có hai lần`, `tag :${name} is given twice`)
      const other = spec.group === undefined ? undefined : groups.get(spec.group)
      if (other !== undefined && other !== name)
        this.fault(argument.at, `:${name} và :${other} không đi cùng nhau`, `:${name} and :${other} exclude each other`)
      if (spec.group !== undefined) groups.set(spec.group, name)
      if (spec.takes === undefined) {
        tags.set(name, { at: argument.at })
        continue
      }
      const value = given[++i]
      const bound = value && value.kind !== 'tag' ? this.#value(value) : undefined
      if (bound && fits(bound, spec.takes, value!)) tags.set(name, { at: argument.at, value: bound })
      else {
        const { vi, en } = called[spec.takes]
        this.fault(value?.at ?? argument.at, `sau :${name} phải là ${vi}`, `:${name} must be followed by ${en}`)
      }
    }
    const missing = wanted.length - positional.length
    const optional = (d.firstOptional || d.lastOptional) && missing === 1
    if (missing !== 0 && !optional) {
      this.fault(
        at,
        `${d.name} cần ${wanted.length} giá trị, ở đây có ${positional.length}`,
        `${d.name} takes ${wanted.length} values, ${positional.length} given`,
      )
      return undefined
    }
    const needs = !optional ? wanted : d.firstOptional ? wanted.slice(1) : wanted.slice(0, -1)
    const written = given.filter((a) => a.kind !== 'tag')
    needs.forEach((need, i) => {
      const value = positional[i]!
      if (fits(value, need, written.find((w) => w.at === value.at)!)) return
      this.fault(value.at, `${d.name}: ở đây phải là ${called[need].vi}`, `${d.name}: expected ${called[need].en} here`)
    })
    if (this.faults.length > before) return undefined
    const args = { at, tags, positional }
    d.check?.(args, this)
    return this.faults.length > before ? undefined : args
  }

  #value(argument: Exclude<Argument, { kind: 'tag' }>): Value {
    if (argument.kind === 'number') return argument
    const nodes = argument.kind === 'list' ? argument.values : [argument]
    return { kind: 'strings', at: argument.at, values: nodes.map((n) => this.template(n)) }
  }

  /** `require` (RFC 5228 §3.2): only at the top, only what we know. */
  require(at: At, names: Value | undefined): void {
    if (names?.kind !== 'strings') {
      this.fault(at, 'require cần tên phần mở rộng', 'require takes names of extensions')
      return
    }
    for (const name of names.values) {
      const said = constantOf(name) ?? ''
      if (isExtension(said)) this.required.add(said)
      else
        this.fault(
          name.at,
          `máy chủ không có phần mở rộng ${quote(said)}`,
          `the extension ${quote(said)} is not supported here`,
        )
    }
    // what RFC 5429 and RFC 6131 imply
    if (this.required.has('vacation-seconds')) this.required.add('vacation')
  }
}

function fits(value: Value, need: Need, written: Argument): boolean {
  if (need === 'number') return value.kind === 'number'
  if (value.kind !== 'strings') return false
  return need === 'strings' || written.kind === 'string'
}
