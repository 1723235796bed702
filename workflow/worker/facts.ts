/** The facts that `decide` may use, read at the moment of deciding. */
import type { Procedure } from '#config/province.ts'
import type { Facts, ProcedureFacts } from '#kit/act/act.ts'
import type { FieldContext } from '#kit/act/fields.ts'
import type { Account, Agency, Instant } from '#kit/directory/calls.ts'
import { localDate } from '#kit/vi/dates.ts'
import type { Calendar } from '#kit/vi/workdays.ts'
import { accountsInForce, resolveParty } from './parties.ts'

export function makeFacts(given: {
  agency: Agency
  accounts: readonly Account[]
  procedures: readonly Procedure[]
  calendar: Calendar
  now: Instant
  /** the last number of a series, as the projection at the head has it */
  last(series: string): number
}): Facts & { party(text: string): ReturnType<Facts['party']>; fieldParty: FieldContext['party'] } {
  const { agency, calendar, now, procedures } = given
  const today = localDate(now)
  const accounts = accountsInForce(given.accounts, today)
  const drawn = new Map<string, number>()
  const party = (text: string, of: Parameters<FieldContext['party']>[1]) =>
    resolveParty({ text, of, agency, accounts, today })
  return {
    agency,
    now,
    today,
    accounts,
    office: (role) => accounts.find((a) => a.kind === 'office' && a.role === role)?.address,
    party: (text) => party(text, 'any'),
    fieldParty: party,
    next(series) {
      const key = series.includes(':') ? series : `${series}:${today.slice(0, 4)}`
      const n = (drawn.get(key) ?? given.last(key)) + 1
      drawn.set(key, n)
      return n
    },
    addDeadline: (from, amount, unit) => calendar.deadline(from, { amount, unit }),
    workingDaysBetween: (from, to) => calendar.between(localDate(from), localDate(to)),
    procedure: (code, version) => procedureFacts(procedures, agency.id, code, version),
  }
}

function procedureFacts(
  procedures: readonly Procedure[],
  agency: string,
  code: string,
  version: number,
): ProcedureFacts | undefined {
  const procedure = procedures.find((p) => p.code === code && p.agency === agency)
  const v = procedure?.versions.find((one) => one.version === version)
  // a procedure that is not lodged online (tố cáo: domain §0 fact 1) has no dossiers, whatever a command says
  if (!procedure || !v?.lodge) return undefined
  return {
    code,
    version,
    name: procedure.name,
    deadline: v.deadline,
    documents: v.documents.map((d) => ({
      name: d.name,
      kind: d.originals > 0 ? 'Bản chính' : 'Bản sao',
      count: Math.max(1, d.originals + d.copies),
    })),
    fee: v.fee,
    result: v.result,
  }
}
