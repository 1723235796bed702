/** How letters about a dossier speak: dates as ui.md §5 says, headings, the facts at the top, the copies for the portal. */
import type { Letter } from '#kit/act/act.ts'
import type { Instant } from '#kit/directory/calls.ts'
import { moment, shortDate } from '#kit/vi/dates.ts'
import type { Case } from './case.ts'

export { moment, shortDate as day }

/** The end of a local day's work as an instant: a deadline "30/11/2026" holds through that day's office hours (17:00). */
export function endOfDay(date: string): Instant {
  return `${date}T10:00:00Z`
}

const units = { day: 'ngày', workingDay: 'ngày làm việc', hour: 'giờ' } as const
export function deadlineText({ amount, unit }: Case['procedure']['deadline']): string {
  return `${amount < 10 ? `0${amount}` : amount} ${units[unit]}`
}

/** "[000.00.15.H23-261122-0007] Chuyển xử lý: Cấp giấy phép xuất bản bản tin" */
export function subject(state: Case, verb: string): string {
  return `[${state.code ?? state.id}] ${verb}: ${state.procedure.name}`
}

/** What stands above every letter to staff. */
export function staffFacts(state: Case): [string, string][] {
  const rows: [string, string][] = [
    ['Mã hồ sơ', state.code ?? `chưa cấp (số nộp ${state.id})`],
    ['Thủ tục', state.procedure.name],
    ['Người nộp', state.applicant.name],
    ['Ngày nộp', moment(state.lodgedAt)],
  ]
  if (state.due) rows.push(['Hẹn trả kết quả', moment(state.due)])
  if (state.turn?.due) rows.push(['Hạn của bước này', moment(state.turn.due)])
  return rows
}

/** The citizen's own view at the head of a letter. */
export function citizenFacts(state: Case): [string, string][] {
  const rows: [string, string][] = [['Số nộp hồ sơ', state.id]]
  if (state.code) rows.push(['Mã hồ sơ', state.code])
  rows.push(['Thủ tục', state.procedure.name], ['Cơ quan giải quyết', state.agency.name])
  if (state.due) rows.push(['Ngày hẹn trả kết quả', moment(state.due)])
  return rows
}

/** The files that the applicant lodged, by hash: what a reader at any step needs to judge the case. */
export function lodgedFiles(state: Case): string[] {
  return state.documents.flatMap((d) => d.files.map((f) => f.sha256))
}

/** Cell 2 of printed papers (NĐ 30/2020 PL I): the agency above and the issuing one. */
export function issuerOf(state: Case, place: string): { parentName?: string; name: string; place: string } {
  const { parentName, name } = state.agency
  return { ...(parentName ? { parentName } : {}), name, place }
}

/** The form's answers as facts, for the reader who decides about the application. */
export function formFacts(state: Case): [string, string][] {
  return state.values.map((v) => [v.label, v.value])
}

/** The copy for the portal: the worker adds the case's public part as data. */
export function portalCopy(state: Case, more: Pick<Letter, 'attach' | 'print'> = {}): Letter {
  const last = state.history.at(-1)
  return {
    to: [state.portal],
    subject: subject(state, 'Cập nhật'),
    paragraphs: [last?.publicText ?? 'Hồ sơ đang được xử lý.'],
    audience: 'portal',
    ...more,
  }
}
