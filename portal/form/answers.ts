import type { FormField, FormStep } from '#config/province.ts'
import { readDate, shortDate } from '#kit/vi/dates.ts'
import { figures, readNumber } from '#kit/vi/words.ts'

/** Checks of a citizen's form, pure: what was typed → the value for people, or one Vietnamese sentence about the mistake. */
export type Answer = { value: string } | { error: string }
export type Typed = Readonly<Record<string, string>>
export type Checked = { values: Map<string, string>; errors: Record<string, string> }

/** A field that hangs on another one's value is asked, checked and sent only when it has that value. */
export const isAsked = (field: FormField, typed: Typed): boolean =>
  field.when === undefined || typed[field.when.field] === field.when.is

/** Line breaks as one kind, no other control characters, NFC, no space at the ends: text that mail and PDF can carry. */
export function tidy(typed: string): string {
  return typed
    .normalize('NFC')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{C}\n]/gu, '')
    .replaceAll(/\u00a0/g, ' ')
    .trim()
}

/** Digits as typed with spaces, dots or dashes between. */
const digits = (typed: string): string => typed.replaceAll(/[\s.-]/g, '')
const lowered = (label: string): string => {
  const name = label.replace(/ \(nếu có\)$/, '')
  return /^\p{Lu}\p{Lu}/u.test(name) ? name : name.charAt(0).toLocaleLowerCase('vi') + name.slice(1)
}
/** What the person wrote, short enough to be shown beside its field. */
const shown = (typed: string): string => (typed.length > 40 ? `${typed.slice(0, 40)}…` : typed)

/** @param today YYYY-MM-DD in Vietnam */
export function checkField(field: FormField, typed: string | undefined, today: string): Answer {
  const text = tidy(typed ?? '')
  if (text === '') {
    if (!field.required) return { value: '' }
    if (field.kind === 'yes') return { error: 'Đánh dấu vào ô này để nộp được hồ sơ.' }
    return {
      error: field.kind === 'choice' ? `Chưa chọn ${lowered(field.label)}.` : `Chưa ghi ${lowered(field.label)}.`,
    }
  }
  switch (field.kind) {
    case 'text':
      return checkText(field, text)
    case 'email':
      return checkEmail(text)
    case 'phone': {
      const number = digits(text).replace(/^\+84/, '0')
      if (/^(0[3-9]\d{8}|02\d{9})$/.test(number)) return { value: number }
      return {
        error: `Số điện thoại gồm 10 chữ số bắt đầu bằng 0, máy cố định 11 chữ số bắt đầu bằng 02. Ông/Bà đang ghi ${shown(text)}.`,
      }
    }
    case 'taxCode': {
      const code = /^(\d{10})(?:-?(\d{3}))?$/.exec(text.replaceAll(/[\s.]/g, ''))
      if (code) return { value: code[2] ? `${code[1]}-${code[2]}` : code[1]! }
      return {
        error: `Mã số thuế gồm 10 chữ số, hoặc 10 chữ số rồi gạch nối và 3 chữ số. Ông/Bà đang ghi ${shown(text)}.`,
      }
    }
    case 'cccd':
      if (/^0\d{11}$/.test(digits(text))) return { value: digits(text) }
      return { error: `Số căn cước công dân gồm 12 chữ số, bắt đầu bằng 0. Ông/Bà đang ghi ${shown(text)}.` }
    case 'number':
      return checkNumber(field, text)
    case 'date':
      return checkDate(field, text, today)
    case 'choice': {
      const option = field.options.find((o) => o.value === text)
      return option ? { value: option.label } : { error: `Chọn ${lowered(field.label)} trong danh sách.` }
    }
    case 'yes':
      return text === 'yes' ? { value: 'Đồng ý' } : { error: 'Đánh dấu vào ô này để nộp được hồ sơ.' }
  }
}

function checkText(field: FormField & { kind: 'text' }, text: string): Answer {
  const length = Array.from(text).length
  if (length > field.max)
    return { error: `${field.label} nhiều nhất ${figures(field.max)} chữ cái. Ông/Bà đang ghi ${figures(length)}.` }
  if ((field.lines ?? 1) === 1 && text.includes('\n')) return { value: text.replaceAll(/(?<!\s)\s*\n\s*/g, ' ') }
  if (field.pattern && !new RegExp(field.pattern, 'u').test(text))
    return { error: field.patternHelp ?? `${field.label} chưa đúng mẫu.` }
  return { value: text }
}

// RFC 5321 §4.5.3.1: 64 octets before the @, 254 in all. ASCII only: many mail programs still refuse the rest.
function checkEmail(text: string): Answer {
  const ok =
    text.length <= 254 &&
    /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}$/.test(
      text,
    ) &&
    text.indexOf('@') <= 64
  if (ok) return { value: text }
  return { error: `Thư điện tử có dạng ten@noicap.vn, không dấu, không khoảng trống. Ông/Bà đang ghi ${shown(text)}.` }
}

/** Characters of a number with its separators and its unit. */
const longestNumber = 80

function checkNumber(field: FormField & { kind: 'number' }, text: string): Answer {
  const unit = field.unit ? ` ${field.unit}` : ''
  const bounds = `${figures(field.min, 3)} đến ${figures(field.max, 3)}${unit}`
  // longer ones are no numbers, and taking the unit off costs the square of the blanks before it
  const short = text.length <= longestNumber ? text : ''
  const n = readNumber(short.replace(new RegExp(`\\s*${field.unit ?? '$'}$`, 'i'), ''))
  if (n === undefined) return { error: `${field.label} ghi bằng chữ số, từ ${bounds}. Ông/Bà đang ghi ${shown(text)}.` }
  if (n < field.min || n > field.max)
    return { error: `${field.label} phải từ ${bounds}. Ông/Bà đang ghi ${shown(text)}.` }
  const decimals = field.decimals ?? 0
  if (Number(n.toFixed(decimals)) !== n)
    return {
      error:
        decimals === 0
          ? `${field.label} là số nguyên. Ông/Bà đang ghi ${shown(text)}.`
          : `${field.label} ghi nhiều nhất ${decimals} chữ số sau dấu phẩy. Ông/Bà đang ghi ${shown(text)}.`,
    }
  return { value: `${figures(n, decimals)}${unit}` }
}

function checkDate(field: FormField & { kind: 'date' }, text: string, today: string): Answer {
  const date = readDate(text)
  if (!date) return { error: `${field.label} ghi ngày/tháng/năm, ví dụ 04/06/2019. Ông/Bà đang ghi ${shown(text)}.` }
  const bound = (b: string | undefined): string | undefined => (b === 'today' ? today : b)
  const [min, max] = [bound(field.min), bound(field.max)]
  if (min && date < min)
    return { error: `${field.label} không sớm hơn ${shortDate(min)}. Ông/Bà đang ghi ${shortDate(date)}.` }
  if (max && date > max)
    return {
      error:
        field.max === 'today'
          ? `${field.label} không thể sau hôm nay. Ông/Bà đang ghi ${shortDate(date)}.`
          : `${field.label} không muộn hơn ${shortDate(max)}. Ông/Bà đang ghi ${shortDate(date)}.`,
    }
  return { value: shortDate(date) }
}

/** Checks the asked fields of a step; values of fields that are not asked are left out. */
export function checkStep(step: FormStep, typed: Typed, today: string): Checked {
  const values = new Map<string, string>()
  const errors: Record<string, string> = {}
  for (const field of step.fields) {
    if (!isAsked(field, typed)) continue
    const answer = checkField(field, typed[field.name], today)
    if ('error' in answer) errors[field.name] = answer.error
    else values.set(field.name, answer.value)
  }
  return { values, errors }
}

// One answer never needs more than a text field's largest limit; longer ones are cut before they are kept as typed.
const MAX_KEPT = 20_000

/** The step's fields out of a posted form, as typed; others are ignored, a box that is not ticked is "". */
export function typedOf(step: FormStep, body: unknown): Record<string, string> {
  const given = (body ?? {}) as Record<string, unknown>
  return Object.fromEntries(
    step.fields.map((field) => {
      const value = Object.hasOwn(given, field.name) ? given[field.name] : ''
      const one = Array.isArray(value) ? value.at(-1) : value
      return [field.name, typeof one === 'string' ? one.slice(0, MAX_KEPT) : '']
    }),
  )
}
