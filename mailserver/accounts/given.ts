/** What accounts, aliases and rights are given with: addresses, names, to whom, from when, until when. Checked; refusals name the field. */
import type { Address } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { fold, splitAddress } from './address.ts'
import type { Tables } from './store/tables.ts'

export const nameLimit = 200

/** The address of a person, or of a group, that a right is given to. @throws Refusal 422 */
export function holderOf(t: Tables, address: Address): { holder: Address; group: boolean } {
  const folded = fold(address)
  if (t.aliases.get(folded)?.group) return { holder: folded, group: true }
  const person = t.accounts.byAddress(folded)
  if (person?.kind !== 'person') throw invalid('person', `${folded} không phải là tài khoản cá nhân hay nhóm.`)
  return { holder: person.address, group: false }
}

/** First and last instant in one form. @throws Refusal 422 */
export function period(given: { from: string; to?: string }): { from: string; to?: string } {
  const from = instant('from', given.from)
  const to = given.to === undefined ? undefined : instant('to', given.to)
  if (to !== undefined && to <= from) throw invalid('to', 'Ngày kết thúc phải sau ngày bắt đầu.')
  return { from: new Date(from).toISOString(), ...(to !== undefined && { to: new Date(to).toISOString() }) }
}

export function instant(field: string, text: string): number {
  const at = Date.parse(text)
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(at))
    throw invalid(field, 'Thời điểm phải có dạng 2026-11-24T08:00:00Z.')
  return at
}

export function invalid(field: string, advice: string): Refusal {
  return new Refusal(422, advice, `${field} is not valid`, { fields: { [field]: advice } })
}

/** An address that may be one of ours. @throws Refusal 422 */
export function checkAddress(t: Tables, address: Address): Address {
  const parts = splitAddress(address)
  if (!parts) throw invalid('address', `"${fold(address).slice(0, 80)}" không phải là địa chỉ thư.`)
  if (parts.detail !== undefined) throw invalid('address', 'Dấu + dành cho địa chỉ phụ; hãy bỏ phần từ dấu +.')
  if (!t.domains.has(parts.domain)) throw invalid('address', `Tên miền ${parts.domain} không thuộc hệ thống này.`)
  return fold(address)
}

/** Of an account or a group. @throws Refusal 422 */
export function checkName(name: string): string {
  const clean = name.normalize('NFC').trim()
  if (clean === '' || clean.length > nameLimit || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(clean))
    throw invalid('name', `Tên cần từ 1 đến ${nameLimit} ký tự, trên một dòng.`)
  return clean
}
