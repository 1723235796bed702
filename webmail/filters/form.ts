/** What the forms of the filter pages say, as values. Pure; refusals name the field. */
import { Refusal } from '#kit/refusal.ts'
import { readDate } from '#kit/vi/dates.ts'
import type { Away, Condition, Rule } from './rules.ts'

/** One value for each name; of repeated names, all. */
export type Body = Readonly<Record<string, string | readonly string[]>>

/** Conditions in one rule: more is another rule. */
export const MAX_CONDITIONS = 5
/** Rules on the page; their script stays well below what the server takes. */
export const MAX_RULES = 100
const MAX_TEXT = 200
const MAX_REPLY = 4_000
/** The largest message is 50 MB. */
const MAX_MB = 100

const kinds: Record<string, Condition['of']> = {
  'nguoi-gui': 'from',
  'nguoi-nhan': 'to',
  'tieu-de': 'subject',
  'co-tep': 'attachment',
  'lon-hon': 'larger',
  'nho-hon': 'smaller',
}
export const kindNames: readonly { value: string; of: Condition['of']; label: string }[] = [
  { value: 'nguoi-gui', of: 'from', label: 'Người gửi có chữ' },
  { value: 'nguoi-nhan', of: 'to', label: 'Người nhận có chữ' },
  { value: 'tieu-de', of: 'subject', label: 'Tiêu đề có chữ' },
  { value: 'co-tep', of: 'attachment', label: 'Có tệp đính kèm' },
  { value: 'lon-hon', of: 'larger', label: 'Lớn hơn (MB)' },
  { value: 'nho-hon', of: 'smaller', label: 'Nhỏ hơn (MB)' },
]

const one = (body: Body, name: string): string => {
  const value = body[name]
  return (typeof value === 'string' ? value : (value?.[0] ?? '')).trim()
}
const all = (body: Body, name: string): readonly string[] => {
  const value = body[name]
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

/** @param folders that may be named @throws Refusal 422 */
export function readRule(body: Body, folders: readonly string[]): Rule {
  const conditions = all(body, 'khi').flatMap((kind, i): Condition[] => {
    const of = kinds[kind]
    const text = (all(body, 'chu')[i] ?? '').trim().slice(0, MAX_TEXT)
    if (!of) return []
    if (of === 'attachment') return [{ of }]
    if (text === '') throw wrong('khi', 'Ghi chữ cần tìm, hoặc cỡ thư, cho mỗi điều kiện.')
    if (of === 'from' || of === 'to' || of === 'subject') return [{ of, text }]
    const mb = Number(text.replace(',', '.'))
    if (!Number.isInteger(mb) || mb < 1 || mb > MAX_MB) throw wrong('khi', `Cỡ thư là số MB từ 1 đến ${MAX_MB}.`)
    return [{ of, mb }]
  })
  if (conditions.length === 0) throw wrong('khi', 'Chọn ít nhất một điều kiện.')
  if (conditions.length > MAX_CONDITIONS) throw wrong('khi', `Nhiều nhất ${MAX_CONDITIONS} điều kiện.`)
  const folder = (name: string): string | undefined => {
    const path = one(body, name)
    if (path === '') return undefined
    if (!folders.includes(path)) throw wrong(name, 'Thư mục này không còn; chọn thư mục khác.')
    return path
  }
  const move = folder('chuyen')
  const copy = folder('chep')
  const forward = addressOf(one(body, 'gui-cho'))
  const rule: Rule = {
    name: one(body, 'ten').slice(0, MAX_TEXT) || nameFor(conditions),
    on: true,
    match: one(body, 'hop') === 'any' ? 'any' : 'all',
    conditions,
    ...(move && { move }),
    ...(copy && { copy }),
    ...(one(body, 'co') === '1' && { flag: true }),
    ...(one(body, 'doc') === '1' && { read: true }),
    ...(forward && { forward }),
    ...(one(body, 'dung') === '1' && { last: true }),
  }
  if (!move && !copy && !forward && !rule.flag && !rule.read && !rule.last)
    throw wrong('chuyen', 'Chọn ít nhất một việc cần làm với thư.')
  return rule
}

function addressOf(typed: string): string | undefined {
  if (typed === '') return undefined
  const address = /<([^<>\s@]+@[^<>\s]+)>$/.exec(typed)?.[1] ?? typed
  if (!/^[^\s<>,;"\\]+@[^\s<>,;"\\]+$/.test(address))
    throw wrong('gui-cho', 'Chọn một người trong danh sách gợi ý, hoặc ghi địa chỉ.')
  return address.toLowerCase()
}

function nameFor(conditions: readonly Condition[]): string {
  const [first] = conditions
  if (first && 'text' in first) return first.text
  return kindNames.find((k) => k.of === first?.of)?.label ?? 'Quy tắc'
}

/** @throws Refusal 422 */
export function readAway(body: Body): Away {
  const from = day(body, 'tu')
  const to = day(body, 'den')
  if (from && to && to < from) throw wrong('den', 'Ngày cuối phải từ ngày đầu trở đi.')
  const text = one(body, 'loi').replaceAll(/\r?\n/g, '\r\n')
  const on = one(body, 'bat') === '1'
  if (on && text === '') throw wrong('loi', 'Ghi lời nhắn sẽ gửi lại cho người viết thư.')
  if (text.length > MAX_REPLY) throw wrong('loi', `Lời nhắn dài nhất ${MAX_REPLY} chữ.`)
  return { on, ...(from && { from }), ...(to && { to }), subject: one(body, 'tieu-de').slice(0, MAX_TEXT), text }
}

function day(body: Body, field: string): string | undefined {
  const typed = one(body, field)
  if (typed === '') return undefined
  const read = readDate(typed)
  if (!read) throw wrong(field, 'Ngày viết như 24/11/2026.')
  return read
}

export const wrong = (field: string, advice: string): Refusal =>
  new Refusal(422, advice, `${field} is not valid`, { fields: { [field]: advice } })
