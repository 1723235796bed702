/** What the two forms of the sharing page say, as values. Pure; refusals name the field. */
import { Refusal } from '#kit/refusal.ts'
import { readDate } from '#kit/vi/dates.ts'

export type Body = Readonly<Record<string, string>>

/** "Trần Thị Hà <ha.tran@…>" as the list of suggestions writes it, or an address alone. @throws Refusal 422 */
export function readWith(text = ''): string {
  const typed = text.trim()
  const address = /<([^<>\s@]+@[^<>\s]+)>$/.exec(typed)?.[1] ?? typed
  if (!/^[^\s<>,;]+@[^\s<>,;]+$/.test(address))
    throw wrong('voi', 'Chọn một người hoặc một nhóm trong danh sách gợi ý, hoặc ghi địa chỉ.')
  return address
}

/** From the first day's beginning to the last day's end, in Vietnam; nothing typed is from now, without end. @throws Refusal 422 */
export function readPeriod(body: Body): { from?: string; to?: string } {
  const from = dayOf(body, 'tu', 0)
  const to = dayOf(body, 'den', 1)
  if (from && to && to <= from) throw wrong('den', 'Ngày cuối phải từ ngày đầu trở đi.')
  return { ...(from && { from }), ...(to && { to }) }
}

function dayOf(body: Body, field: string, add: 0 | 1): string | undefined {
  const text = body[field]?.trim()
  if (!text) return undefined
  const day = readDate(text)
  if (!day) throw wrong(field, 'Ngày viết như 24/11/2026.')
  return new Date(Date.parse(`${day}T00:00:00+07:00`) + add * 86_400_000).toISOString()
}

/** The last day on which it holds, of an end that is the first instant on which it does not. */
export const lastDay = (to: string): string => new Date(Date.parse(to) - 1).toISOString()

export const wrong = (field: string, advice: string): Refusal =>
  new Refusal(422, advice, `${field} is not valid`, { fields: { [field]: advice } })
