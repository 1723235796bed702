/**
 * Readers of a call's input: JSON in, a checked value out, or a Refusal 400 naming the field. Our own processes call, but one
 * of them faces the Internet. Unknown fields are ignored, so that an older server serves a newer caller.
 */
import { Refusal } from '#kit/refusal.ts'

/** @throws Refusal 400 */
export type Reader<T> = (value: unknown, field: string) => T
type Fields = Record<string, Reader<unknown>>
type Optional<F extends Fields> = { [K in keyof F]: undefined extends ReturnType<F[K]> ? K : never }[keyof F]
type Read<F extends Fields> = { [K in Exclude<keyof F, Optional<F>>]: ReturnType<F[K]> } & {
  [K in Optional<F>]?: Exclude<ReturnType<F[K]>, undefined>
}

/** RFC 5321 §4.5.3.1.3 with a long UTF-8 local part */
export const address = text(400)
export const instant = text(40)

export function text(max: number): Reader<string> {
  return (v, field) => {
    if (typeof v !== 'string' || v.length > max) throw bad(field, `a text of at most ${max} characters`)
    return v
  }
}

export function oneOf<const T extends string>(...values: readonly T[]): Reader<T> {
  return (v, field) => {
    if (!values.includes(v as T)) throw bad(field, `one of ${values.join(', ')}`)
    return v as T
  }
}

export function whole(min: number, max: number): Reader<number> {
  return (v, field) => {
    if (!Number.isSafeInteger(v) || (v as number) < min || (v as number) > max)
      throw bad(field, `a whole number from ${min} to ${max}`)
    return v as number
  }
}

export const yesNo: Reader<boolean> = (v, field) => {
  if (typeof v !== 'boolean') throw bad(field, 'true or false')
  return v
}

/** Octets that came behind the JSON (kit/directory/wire.ts). */
export function octets(max: number): Reader<Buffer> {
  return (v, field) => {
    if (!(v instanceof Uint8Array)) throw bad(field, 'octets')
    if (v.length > max) throw bad(field, `at most ${max} octets`)
    return Buffer.isBuffer(v) ? v : Buffer.from(v.buffer, v.byteOffset, v.byteLength)
  }
}

export function list<T>(of: Reader<T>, max: number): Reader<T[]> {
  return (v, field) => {
    if (!Array.isArray(v) || v.length > max) throw bad(field, `a list of at most ${max}`)
    return v.map((each, i) => of(each, `${field}[${i}]`))
  }
}

export function maybe<T>(of: Reader<T>): Reader<T | undefined> {
  return (v, field) => (v === undefined || v === null ? undefined : of(v, field))
}

export function object<F extends Fields>(fields: F): Reader<Read<F>> {
  return (v, field) => {
    if (typeof v !== 'object' || v === null || Array.isArray(v) || v instanceof Uint8Array)
      throw bad(field, 'an object')
    const read: Record<string, unknown> = {}
    for (const [name, of] of Object.entries(fields)) {
      const value = of((v as Record<string, unknown>)[name], field ? `${field}.${name}` : name)
      if (value !== undefined) read[name] = value
    }
    return read as Read<F>
  }
}

function bad(field: string, wanted: string): Refusal {
  return new Refusal(400, 'Yêu cầu không đúng mẫu.', `${field || 'the body'} must be ${wanted}`)
}
