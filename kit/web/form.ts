/**
 * Forms from tables of fields: what a person typed → checked values, or what is wrong, beside each field, in Vietnamese.
 * The HTML is `include('parts/fields', { fields, values, errors, parties })`. `FormField` takes the fields of an act and
 * of a procedure's form alike.
 */
import { readDate } from '#kit/vi/dates.ts'
import { figures, readNumber } from '#kit/vi/words.ts'

export type FormField = {
  name: string
  label: string
  help?: string
  required: boolean
} & (
  | { kind: 'text'; max: number; lines?: number; pattern?: string; patternHelp?: string }
  | { kind: 'number'; min: number; max: number; unit?: string; decimals?: number }
  | { kind: 'date'; notBefore?: 'today' }
  | { kind: 'choice'; options: readonly { value: string; label: string }[] }
  | { kind: 'party'; of: string; many?: boolean }
  | { kind: 'files'; accept: readonly string[]; max: number }
)
export type Party = { address: string; name: string; note?: string }
export type FieldValue = string | number | string[]
export type FormResult = { values: Record<string, FieldValue>; errors: Record<string, string> }
export type FormBody = Record<string, string | string[] | undefined>

/**
 * Reads the fields of a form; files are checked by count only (their content is the act's affair). Empty optional
 * fields are left out of `values`.
 *
 * @param parties who may be chosen, by field name
 * @param given.today YYYY-MM-DD
 */
export function readFields(
  fields: readonly FormField[],
  body: FormBody,
  given: { today: string; parties?: Record<string, readonly Party[]>; files?: readonly { field: string }[] },
): FormResult {
  const values: FormResult['values'] = {}
  const errors: FormResult['errors'] = {}
  for (const field of fields) {
    const typed = [body[field.name] ?? []]
      .flat()
      .map(clean)
      .filter((t) => t !== '')
    const missing = field.kind === 'files' ? !given.files?.some((f) => f.field === field.name) : typed.length === 0
    if (missing) {
      if (field.required) errors[field.name] = askFor(field)
      continue
    }
    if (field.kind === 'files') {
      const n = given.files?.filter((f) => f.field === field.name).length ?? 0
      if (n > field.max) errors[field.name] = `Chỉ nhận tối đa ${field.max} tệp. Đang chọn ${n}.`
      continue
    }
    const read = readOne(field, typed, given)
    if ('problem' in read) errors[field.name] = read.problem
    else values[field.name] = read.value
  }
  return { values, errors }
}

/** One spelling of each letter, line breaks as \n, no control characters but tab and line break. */
function clean(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll('\r\n', '\n')
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f\u0085\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '')
    .trim()
}

function askFor(field: FormField): string {
  const name = field.label.charAt(0).toLocaleLowerCase('vi') + field.label.slice(1)
  if (field.kind === 'choice' || field.kind === 'party') return `Chưa chọn ${name}.`
  if (field.kind === 'files') return `Chưa chọn tệp cho mục “${field.label}”.`
  return `Chưa ghi ${name}.`
}

type Read = { value: FieldValue } | { problem: string }

function readOne(
  field: Exclude<FormField, { kind: 'files' }>,
  typed: readonly string[],
  given: { today: string; parties?: Record<string, readonly Party[]> },
): Read {
  const text = typed[0]!
  switch (field.kind) {
    case 'text': {
      const length = [...text].length
      if (length > field.max)
        return { problem: `Dài nhất ${figures(field.max)} ký tự. Đang có ${figures(length)} ký tự.` }
      if ((field.lines ?? 1) === 1 && text.includes('\n')) return { problem: 'Mục này chỉ ghi một dòng.' }
      if (field.pattern !== undefined && !new RegExp(`^(?:${field.pattern})$`, 'u').test(text))
        return { problem: field.patternHelp ?? 'Ghi chưa đúng mẫu.' }
      return { value: text }
    }
    case 'number': {
      const n = readNumber(text)
      const unit = field.unit ? ` ${field.unit}` : ''
      if (n === undefined) return { problem: `Ghi một số từ ${figures(field.min)} đến ${figures(field.max)}${unit}.` }
      if (
        n < field.min ||
        n > field.max ||
        Math.round(n * 10 ** (field.decimals ?? 0)) / 10 ** (field.decimals ?? 0) !== n
      )
        return { problem: `Phải từ ${figures(field.min)} đến ${figures(field.max)}${unit}. Đang ghi ${text}.` }
      return { value: n }
    }
    case 'date': {
      const date = readDate(text)
      if (date === undefined) return { problem: 'Ghi ngày theo mẫu 17/11/2026.' }
      if (field.notBefore === 'today' && date < given.today)
        return { problem: 'Ngày này đã qua. Ghi hôm nay hoặc ngày sau.' }
      return { value: date }
    }
    case 'choice':
      return field.options.some((o) => o.value === text)
        ? { value: text }
        : { problem: 'Chọn một trong các mục có sẵn.' }
    case 'party': {
      const known = given.parties?.[field.name] ?? []
      const chosen = [...new Set(typed)]
      if (!chosen.every((a) => known.some((p) => p.address === a)))
        return { problem: 'Chọn người hoặc đơn vị trong danh sách.' }
      if (field.many) return { value: chosen }
      return chosen.length === 1 ? { value: chosen[0]! } : { problem: 'Chỉ chọn một nơi.' }
    }
  }
}
