/**
 * The data of a command against the act's fields: strict, and every mistake in Vietnamese at its field. The same
 * table gives the JSON schema for machines. What comes back holds only declared fields, in their final form:
 * NFC text, numbers, YYYY-MM-DD, addresses.
 */
import type { Act, ActRefusal, Field, FileRef } from '#kit/act/act.ts'
import type { LocalDate } from '#kit/directory/calls.ts'
import { readDate, shortDate } from '#kit/vi/dates.ts'
import { figures, readNumber, size } from '#kit/vi/words.ts'

export type PartyOf = Extract<Field, { kind: 'party' }>['of']
export type FieldContext = {
  today: LocalDate
  files: readonly FileRef[]
  /** resolves what was typed to an address of the agency that fits, or explains in Vietnamese */
  party(text: string, of: PartyOf): { address: string } | { problem: string }
}

// A task may be given to several people at once; a list longer than this is not typed by a person.
const MAX_PARTIES = 50

type Checked = { value: unknown } | { problem: string }

/**
 * @param data of the command, as it came: from JSON, an HTML form (texts) or a reply (texts)
 */
export function checkFields(
  fields: readonly Field[],
  data: unknown,
  context: FieldContext,
): { data: Record<string, unknown> } | ActRefusal {
  if (typeof data !== 'object' || data === null || Array.isArray(data))
    return { refused: 'Nội dung lệnh không đọc được.' }
  const known = new Set(fields.map((f) => f.name))
  const strange = Object.keys(data).filter((k) => !known.has(k))
  if (strange.length > 0) return { refused: `Lệnh có mục không biết: ${strange.slice(0, 5).join(', ').slice(0, 200)}.` }
  const checked: Record<string, unknown> = {}
  const problems: Record<string, string> = {}
  for (const field of fields) {
    const given = (data as Record<string, unknown>)[field.name]
    const result = field.kind === 'files' ? checkFiles(field, context.files) : checkOne(field, given, context)
    if ('problem' in result) problems[field.name] = result.problem
    else if (result.value !== undefined) checked[field.name] = result.value
  }
  if (!fields.some((f) => f.kind === 'files') && context.files.length > 0)
    return { refused: 'Việc này không nhận tệp đính kèm. Bỏ tệp rồi gửi lại.' }
  const [first] = Object.values(problems)
  return first === undefined ? { data: checked } : { refused: first, fields: problems }
}

function checkOne(field: Field, given: unknown, context: FieldContext): Checked {
  const empty = given === undefined || given === null || (typeof given === 'string' && given.trim() === '')
  if (empty) return field.required ? { problem: `Chưa ghi ${lowerFirst(field.label)}.` } : { value: undefined }
  switch (field.kind) {
    case 'text':
      return text(field, given)
    case 'number':
      return number(field, given)
    case 'date':
      return date(field, given, context.today)
    case 'choice':
      if (field.options.some((o) => o.value === given)) return { value: given }
      return { problem: `${field.label}: chọn một trong ${field.options.map((o) => o.label).join(', ')}.` }
    case 'party':
      return party(field, given, context)
    case 'files':
      return { value: undefined }
  }
}

function text(field: Extract<Field, { kind: 'text' }>, given: unknown): Checked {
  if (typeof given !== 'string') return { problem: `${field.label} phải là chữ.` }
  const value = given.normalize('NFC').replaceAll('\r\n', '\n').trim()
  if (value.length > field.max)
    return { problem: `${field.label} tối đa ${figures(field.max)} ký tự. Đang ghi ${figures(value.length)}.` }
  if (/[^\P{Cc}\n\t]/u.test(value)) return { problem: `${field.label} có ký tự điều khiển. Xóa rồi ghi lại.` }
  if (!field.lines && value.includes('\n')) return { problem: `${field.label} chỉ ghi trên một dòng.` }
  if (field.pattern && !new RegExp(`^(?:${field.pattern})$`, 'u').test(value))
    return { problem: field.patternHelp ?? `${field.label} sai mẫu. Đang ghi ${value}.` }
  return { value }
}

function number(field: Extract<Field, { kind: 'number' }>, given: unknown): Checked {
  const value = typeof given === 'string' ? readNumber(given) : given
  if (typeof value !== 'number' || !Number.isFinite(value))
    return { problem: `${field.label} phải là số. Đang ghi ${String(given).slice(0, 40)}.` }
  if (value < field.min || value > field.max) {
    const unit = field.unit ? ` ${field.unit}` : ''
    return {
      problem: `${field.label} phải từ ${figures(field.min)} đến ${figures(field.max)}${unit}. Đang ghi ${figures(value)}.`,
    }
  }
  return { value }
}

function date(field: Extract<Field, { kind: 'date' }>, given: unknown, today: LocalDate): Checked {
  const value = typeof given === 'string' ? readDate(withYear(given.trim(), today)) : undefined
  if (value === undefined)
    return {
      problem: `${field.label} phải ghi dạng ngày/tháng/năm, ví dụ ${shortDate(today)}. Đang ghi ${String(given).slice(0, 40)}.`,
    }
  if (field.notBefore === 'today' && value < today)
    return { problem: `${field.label} phải từ hôm nay ${shortDate(today)} trở đi. Đang ghi ${shortDate(value)}.` }
  return { value }
}

/** "30/11", as people write it in a reply, is the next thirtieth of November; everything else stays as typed. */
function withYear(typed: string, today: LocalDate): string {
  const m = /^(\d{1,2})[/.-](\d{1,2})$/.exec(typed)
  if (!m) return typed
  const thisYear = readDate(`${m[1]}/${m[2]}/${today.slice(0, 4)}`)
  if (thisYear !== undefined && thisYear >= today) return thisYear
  return readDate(`${m[1]}/${m[2]}/${Number(today.slice(0, 4)) + 1}`) ?? typed
}

function party(field: Extract<Field, { kind: 'party' }>, given: unknown, context: FieldContext): Checked {
  const typed = Array.isArray(given) ? given : field.many && typeof given === 'string' ? given.split(/[;,]/) : [given]
  if (typed.length > (field.many ? MAX_PARTIES : 1)) return { problem: `${field.label}: ghi quá nhiều nơi nhận.` }
  const found: string[] = []
  for (const one of typed) {
    if (typeof one !== 'string' || one.length > 300) return { problem: `${field.label} không đọc được.` }
    if (one.trim() === '') continue
    const result = context.party(one.trim(), field.of)
    if ('problem' in result) return result
    found.push(result.address)
  }
  if (found.length === 0 && field.required) return { problem: `Chưa chọn ${lowerFirst(field.label)}.` }
  return { value: field.many ? [...new Set(found)] : found[0] }
}

function checkFiles(field: Extract<Field, { kind: 'files' }>, files: readonly FileRef[]): Checked {
  if (files.length === 0)
    return field.required ? { problem: `Chưa đính kèm ${lowerFirst(field.label)}.` } : { value: undefined }
  if (files.length > field.max)
    return { problem: `${field.label} tối đa ${field.max} tệp. Đang đính kèm ${files.length}.` }
  const wrong = files.find((f) => !field.accept.includes(f.type))
  if (wrong)
    return {
      problem: `${field.label} chỉ nhận ${kinds(field.accept)}. Tệp ${wrong.name} (${size(wrong.size)}) là loại khác.`,
    }
  return { value: files.map((f) => f.sha256) }
}

const fileKinds: Record<string, string> = {
  'application/pdf': 'PDF',
  'application/msword': 'Word',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'Word',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'Excel',
  'image/jpeg': 'ảnh JPEG',
  'image/png': 'ảnh PNG',
}
/** "PDF, Word": media types as people call them. */
export function kinds(accept: readonly string[]): string {
  return [...new Set(accept.map((t) => fileKinds[t] ?? t))].join(', ')
}

function lowerFirst(label: string): string {
  return label.charAt(0).toLocaleLowerCase('vi') + label.slice(1)
}

/** JSON Schema (2020-12) of a command's data, for machines that send commands and for the documentation. */
export function jsonSchema(act: Pick<Act, 'kind' | 'title' | 'fields'>): Record<string, unknown> {
  const properties: Record<string, unknown> = {}
  for (const field of act.fields) properties[field.name] = { title: field.label, ...schemaOf(field) }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: act.title,
    type: 'object',
    properties,
    required: act.fields.filter((f) => f.required && f.kind !== 'files').map((f) => f.name),
    additionalProperties: false,
  }
}

function schemaOf(field: Field): Record<string, unknown> {
  switch (field.kind) {
    case 'text':
      return { type: 'string', maxLength: field.max, ...(field.pattern ? { pattern: `^(?:${field.pattern})$` } : {}) }
    case 'number':
      return { type: 'number', minimum: field.min, maximum: field.max }
    case 'date':
      return { type: 'string', format: 'date' }
    case 'choice':
      return { enum: field.options.map((o) => o.value) }
    case 'party':
      return field.many
        ? { type: 'array', items: { type: 'string', format: 'email' }, maxItems: MAX_PARTIES }
        : { type: 'string', format: 'email' }
    case 'files':
      return { type: 'array', items: { type: 'string', pattern: '^[0-9a-f]{64}$' }, maxItems: field.max }
  }
}
