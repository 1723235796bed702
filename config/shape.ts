import type { JsonPath } from './lines.ts'

/**
 * Small checks for data files: each takes the value and its path and tells what is wrong, in English.
 * Unknown fields are mistakes: a misspelled "form" must not silently hide a form.
 */
export type Tell = (path: JsonPath, wrong: string) => void
export type Check = (value: unknown, path: JsonPath, tell: Tell) => void

export const text =
  ({ max = 2000, pattern, like }: { max?: number; pattern?: RegExp; like?: string } = {}): Check =>
  (value, path, tell) => {
    if (typeof value !== 'string' || value.trim() === '') return tell(path, 'must be a text that is not empty')
    if (value.length > max) tell(path, `is longer than ${max} characters`)
    if (value !== value.normalize('NFC')) tell(path, 'must be Unicode NFC')
    if (pattern && !pattern.test(value)) tell(path, `is "${value}"; it must look like ${like}`)
  }

export const whole =
  (min: number, max: number): Check =>
  (value, path, tell) => {
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max)
      tell(path, `must be a whole number from ${min} to ${max}`)
  }

export const truth: Check = (value, path, tell) => {
  if (typeof value !== 'boolean') tell(path, 'must be true or false')
}

export const oneOf =
  (values: readonly (string | number | boolean)[]): Check =>
  (value, path, tell) => {
    if (!values.includes(value as string))
      tell(path, `is ${JSON.stringify(value)}; it must be one of ${values.join(', ')}`)
  }

/** A day that exists, YYYY-MM-DD. */
export const date: Check = (value, path, tell) => {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return tell(path, 'must be a date, YYYY-MM-DD')
  try {
    Temporal.PlainDate.from(value, { overflow: 'reject' })
  } catch {
    tell(path, `${value} is not a day of the calendar`)
  }
}

// Longest local part that RFC 5321 §4.5.3.1.1 lets a receiver refuse beyond.
const MAX_LOCAL_OCTETS = 64

export const address: Check = (value, path, tell) => {
  if (typeof value !== 'string' || !/^[a-z0-9]+([.-][a-z0-9]+)*@[a-z0-9]+([.-][a-z0-9]+)+$/.test(value))
    return tell(path, `is ${JSON.stringify(value)}; it must be an address in lower case without marks`)
  if (Buffer.byteLength(value.slice(0, value.indexOf('@'))) > MAX_LOCAL_OCTETS)
    tell(path, `has more than ${MAX_LOCAL_OCTETS} octets before the @`)
}

export const list =
  (item: Check, { min = 0 }: { min?: number } = {}): Check =>
  (value, path, tell) => {
    if (!Array.isArray(value)) return tell(path, 'must be a list')
    if (value.length < min) tell(path, `must have at least ${min}`)
    for (const [n, one] of value.entries()) item(one, [...path, n], tell)
  }

export const object =
  (required: Record<string, Check>, optional: Record<string, Check> = {}): Check =>
  (value, path, tell) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return tell(path, 'must be an object')
    for (const name of Object.keys(required)) if (!Object.hasOwn(value, name)) tell([...path, name], 'is missing')
    for (const [name, one] of Object.entries(value)) {
      const check = Object.hasOwn(required, name)
        ? required[name]
        : Object.hasOwn(optional, name)
          ? optional[name]
          : undefined
      if (check) check(one, [...path, name], tell)
      else tell([...path, name], 'is not a field of this object')
    }
  }

/** `from` and `to` of a dated thing, to be spread into `object`. */
export const dated = { required: { from: date }, optional: { to: date } }
