/**
 * "Phòng Báo chí", "phongbcxb", "an.nguyen@…": what people type, resolved to one account of the agency. Names fit without
 * marks and in part, as long as only one account fits; otherwise the sentence says which ones there are.
 */
import type { PartyOf } from '#kit/act/fields.ts'
import type { Account, Address, Agency, LocalDate } from '#kit/directory/calls.ts'
import { fold, foldedWords } from '#kit/vi/fold.ts'

// A sentence that lists more names than this is not read.
const MAX_NAMED = 6

export type Found = { address: Address; name: string } | { problem: string }

/** Persons and offices that may be named on this day. */
export function accountsInForce(accounts: readonly Account[], today: LocalDate): Account[] {
  return accounts.filter((a) => !a.disabled && a.from <= today && (a.to === undefined || today < a.to))
}

export function resolveParty(given: {
  text: string
  of: PartyOf
  agency: Agency
  accounts: readonly Account[]
  today: LocalDate
}): Found {
  const { text, of, agency, today } = given
  const fitting = accountsInForce(given.accounts, today).filter((a) => fits(a, of))
  const typed = text.trim().normalize('NFC')
  const found = rungs(typed, agency)
    .map((rung) => fitting.filter(rung))
    .find((list) => list.length > 0)
  const [first, ...others] = found ?? []
  if (first && others.length === 0) return { address: first.address, name: first.name }
  const shown = typed.slice(0, 60)
  if (first) return { problem: `"${shown}" có thể là ${names([first, ...others])}. Ghi đủ họ tên hoặc địa chỉ thư.` }
  return { problem: `Không có ${what[of]} nào là "${shown}". Có thể chọn: ${names(fitting)}.` }
}

/** From the most exact reading to the loosest; the first that fits anybody decides. */
function rungs(typed: string, agency: Agency): ((a: Account) => boolean)[] {
  const key = fold(typed)
  const words = foldedWords(typed)
  const local = (a: Account): string => a.address.slice(0, a.address.lastIndexOf('@'))
  const abbreviation = (a: Account): string =>
    fold(agency.departments.find((d) => d.id === a.department)?.abbreviation ?? '')
  return [
    (a) => a.address === key,
    (a) => local(a) === key || local(a) === `${key}.${agency.id}`,
    (a) => a.name.normalize('NFC').toLocaleLowerCase('vi') === typed.toLocaleLowerCase('vi'),
    (a) => foldedWords(a.name).join(' ') === words.join(' '),
    (a) => a.kind === 'office' && abbreviation(a) !== '' && abbreviation(a) === key.replace(/^phong /, ''),
    // "An" or "Văn An" for Nguyễn Văn An: the end of the name, as people are called
    (a) =>
      a.kind === 'person' && words.length > 0 && ` ${foldedWords(a.name).join(' ')}`.endsWith(` ${words.join(' ')}`),
    (a) => words.length > 0 && ` ${foldedWords(a.name).join(' ')} `.includes(` ${words.join(' ')} `),
  ]
}

function fits(a: Account, of: PartyOf): boolean {
  switch (of) {
    case 'officer':
      return a.kind === 'person'
    case 'any':
      return a.kind === 'person' || (a.kind === 'office' && a.role !== 'register')
    default:
      return a.kind === 'office' && a.role === of
  }
}

const what: Record<PartyOf, string> = {
  head: 'phòng',
  leader: 'lãnh đạo',
  clerk: 'bộ phận một cửa',
  officer: 'người',
  any: 'người hoặc phòng',
}

function names(accounts: readonly Account[]): string {
  const list = accounts.slice(0, MAX_NAMED).map((a) => a.name)
  return accounts.length > MAX_NAMED ? `${list.join(', ')}…` : list.join(', ')
}
