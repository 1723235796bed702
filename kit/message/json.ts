import { MAX_JSON_DEPTH } from '#kit/message/contract.ts'
import { broken, utf8 } from '#kit/message/header.ts'

/**
 * JSON from outside: size, depth and names are looked at before JSON.parse. Objects come back with ordinary prototypes,
 * so a member named `__proto__` is refused; so is a member given twice, which JSON.parse would settle silently.
 *
 * @throws Refusal 422
 */
export function readJson(octets: Uint8Array, { max }: { max: number }): unknown {
  if (octets.byteLength > max) throw broken(`data part of ${octets.byteLength} octets, at most ${max} are read`)
  const text = utf8(octets)
  scan(text)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw broken('data part is not JSON', cause)
  }
}

/** Walks the tokens that matter: brackets for depth, member names for repeats. */
function scan(text: string): void {
  const open: (Set<string> | undefined)[] = []
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/gs
  for (const m of text.matchAll(token)) {
    const t = m[0]
    if (t === '{' || t === '[') {
      open.push(t === '{' ? new Set() : undefined)
      if (open.length > MAX_JSON_DEPTH) throw broken(`data part is nested deeper than ${MAX_JSON_DEPTH}`)
    } else if (t === '}' || t === ']') open.pop()
    else if (m[1] !== undefined) member(t.slice(0, t.length - m[1].length), open.at(-1))
  }
}

function member(quoted: string, names: Set<string> | undefined): void {
  let name: string
  try {
    name = JSON.parse(quoted) as string
  } catch (cause) {
    throw broken('data part is not JSON', cause)
  }
  if (name === '__proto__') throw broken('data part has a member named __proto__')
  if (names?.has(name)) throw broken(`data part has "${name.slice(0, 60)}" twice`)
  names?.add(name)
}

type Shape = Record<string, (value: unknown) => boolean>

/**
 * An object with exactly these members, or without those whose test takes `undefined`.
 * @throws Refusal 422 naming the member that is unknown, missing or of another kind
 */
export function shaped<T>(value: unknown, where: string, shape: Shape): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw broken(`${where} is not an object`)
  const given = value as Record<string, unknown>
  for (const name of Object.keys(given))
    if (!Object.hasOwn(shape, name)) throw broken(`${where} has an unknown member "${name.slice(0, 60)}"`)
  for (const [name, test] of Object.entries(shape))
    if (!test(given[name])) throw broken(`${where}.${name} is missing or wrong`)
  return value as T
}

export const text =
  (max: number) =>
  (v: unknown): boolean =>
    typeof v === 'string' && v.length <= max
export const optional =
  (test: (v: unknown) => boolean) =>
  (v: unknown): boolean =>
    v === undefined || test(v)
export const whole = (v: unknown): boolean => Number.isSafeInteger(v) && (v as number) >= 0
export const sha256 = (v: unknown): boolean => typeof v === 'string' && /^[0-9a-f]{64}$/.test(v)
/** dots part the family from the act: "dossier.forward" */
export const kindName = (v: unknown): boolean =>
  typeof v === 'string' && v.length <= 64 && /^[a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*)+$/.test(v)
/** lodging reference "K7M2-Q9PX-4", and ids of cases of other families */
export const caseName = (v: unknown): boolean => typeof v === 'string' && /^[0-9A-Za-z][0-9A-Za-z.-]{0,63}$/.test(v)
export const instant = (v: unknown): boolean =>
  typeof v === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(v)
