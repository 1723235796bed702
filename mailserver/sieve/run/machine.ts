/** One run of a script on one letter: what it remembers, what it has asked for, what it may still spend. */
import type { Program, Value } from '../check/definition.ts'
import {
  MAX_ACTIONS,
  MAX_ADDED_FIELDS,
  MAX_NOTIFIED,
  MAX_REDIRECTS,
  MAX_STEPS,
  MAX_VARIABLE,
  MAX_VARIABLES,
} from '../limits.ts'
import { expand, type Reference, type Template } from '../parse/template.ts'
import type { At } from '../parse/tree.ts'
import { type Act, type Facts, RunFault } from './facts.ts'
import { Header } from './header.ts'
import { Parts } from './parts.ts'

/** Names of a script's own variables, and those that `global` ties to the shared ones (RFC 6609 §3.4). */
type Scope = { own: Map<string, string>; global: Set<string>; match: string[] }

export class Machine {
  readonly facts: Facts
  readonly header: Header
  readonly parts: Parts
  /** which loop `break` ends; undefined: the innermost */
  breaking: string | undefined
  readonly acts: Act[] = []
  /** keys of `duplicate` that were asked for */
  readonly asked = new Map<string, { seconds: number; renew: boolean }>()
  /** whether the letter stays in INBOX when nothing else is said (RFC 5228 §2.10.2) */
  implicitKeep = true
  /** the internal variable of imap4flags (RFC 5232 §2) */
  flags: string[] = []
  steps = 0
  readonly #globals = new Map<string, string>()
  readonly #scripts: (name: string) => Program | undefined
  #scope: Scope = { own: new Map(), global: new Set(), match: [] }
  readonly stack: string[] = []
  readonly included = new Set<string>()
  includes = 0
  #added = 0
  #extensions: ReadonlySet<string>

  constructor(facts: Facts, program: Program, scripts: (name: string) => Program | undefined) {
    this.facts = facts
    this.header = new Header(facts.fields)
    this.parts = new Parts(facts)
    this.#scripts = scripts
    this.#extensions = program.extensions
  }

  has(extension: string): boolean {
    return this.#extensions.has(extension)
  }

  /** @throws RunFault when the run has cost too much */
  spend(at: At, steps: number, characters = 0): void {
    this.steps += steps + (characters >> 10)
    if (this.steps > MAX_STEPS)
      throw new RunFault(at, `kịch bản chạy quá ${MAX_STEPS} bước`, `the script takes more than ${MAX_STEPS} steps`)
  }

  text(template: Template): string {
    return expand(template, (ref) => this.#value(ref))
  }

  string(value: Value | undefined): string {
    return value?.kind === 'strings' ? this.text(value.values[0]!) : ''
  }

  strings(value: Value | undefined): string[] {
    return value?.kind === 'strings' ? value.values.map((v) => this.text(v)) : []
  }

  #value(ref: Reference): string {
    if ('match' in ref) return this.#scope.match[ref.match] ?? ''
    return this.get(ref.variable)
  }

  get(name: string): string {
    if (name.startsWith('global.')) return this.#globals.get(name.slice(7)) ?? ''
    return (this.#scope.global.has(name) ? this.#globals : this.#scope.own).get(name) ?? ''
  }

  set(at: At, name: string, value: string): void {
    const shared = name.startsWith('global.') || this.#scope.global.has(name)
    const into = shared ? this.#globals : this.#scope.own
    const key = name.startsWith('global.') ? name.slice(7) : name
    if (!into.has(key) && into.size >= MAX_VARIABLES)
      throw new RunFault(at, `có quá ${MAX_VARIABLES} biến`, `more than ${MAX_VARIABLES} variables`)
    into.set(key, cut(value, MAX_VARIABLE))
  }

  share(name: string): void {
    this.#scope.global.add(name)
  }

  /** Longer captures are cut: they are texts of strangers. */
  setMatch(found: readonly string[]): void {
    if (this.has('variables')) this.#scope.match = found.slice(0, 100).map((f) => cut(f, MAX_VARIABLE))
  }

  withoutMatch<T>(work: () => T): T {
    const before = this.#scope.match
    try {
      return work()
    } finally {
      this.#scope.match = before
    }
  }

  /** Runs `work` with the variables and extensions of an included script. */
  inScript<T>(name: string, program: Program, work: () => T): T {
    const [scope, extensions] = [this.#scope, this.#extensions]
    this.#scope = { own: new Map(), global: new Set(), match: [] }
    this.#extensions = program.extensions
    this.stack.push(name)
    try {
      return work()
    } finally {
      this.stack.pop()
      this.#scope = scope
      this.#extensions = extensions
    }
  }

  script(name: string): Program | undefined {
    return this.#scripts(name)
  }

  /** @throws RunFault when there are too many */
  act(at: At, act: Act): void {
    if (this.acts.length >= MAX_ACTIONS)
      throw new RunFault(at, `có quá ${MAX_ACTIONS} hành động`, `more than ${MAX_ACTIONS} actions`)
    if (act.kind === 'redirect' && this.acts.filter((a) => a.kind === 'redirect').length >= MAX_REDIRECTS)
      throw new RunFault(at, `chuyển tiếp quá ${MAX_REDIRECTS} địa chỉ`, `more than ${MAX_REDIRECTS} redirects`)
    const addresses = this.acts.flatMap((a) => (a.kind === 'notify' ? [a.to, a.cc, a.bcc].flat() : [])).length
    if (act.kind === 'notify' && addresses + [act.to, act.cc, act.bcc].flat().length > MAX_NOTIFIED)
      throw new RunFault(at, `báo tin quá ${MAX_NOTIFIED} địa chỉ`, `more than ${MAX_NOTIFIED} addresses notified`)
    // RFC 5429 §2.1: a refused letter cannot be kept, sent on or answered as well
    // but somebody may be told of it (RFC 5435 §3.6)
    const clash = this.acts.find(
      (a) => a.kind !== 'notify' && ((a.kind === 'refuse') !== (act.kind === 'refuse') || act.kind === 'refuse'),
    )
    if (act.kind !== 'notify' && clash && (clash.kind === 'refuse' || act.kind === 'refuse'))
      throw new RunFault(
        at,
        'từ chối (reject) không đi cùng hành động khác',
        'reject cannot be combined with another action',
      )
    this.acts.push(act)
  }

  addField(at: At): void {
    if (++this.#added > MAX_ADDED_FIELDS)
      throw new RunFault(at, `thêm quá ${MAX_ADDED_FIELDS} trường`, `more than ${MAX_ADDED_FIELDS} fields added`)
  }
}

/** Not in the middle of a surrogate pair. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const end = most - (/[\ud800-\udbff]/.test(text[most - 1]!) ? 1 : 0)
  return text.slice(0, end)
}
