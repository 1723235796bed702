/**
 * A dossier (hồ sơ một cửa): its state, the ten outer states of the national list (domain §3.2) and what lists,
 * registers and the citizen see of it. Every decided value stands in the events; nothing here reads a clock.
 */
import type { Actor, Event, FileRef, Turn } from '#kit/act/act.ts'
import type { ArrivalLine, CaseSummary, Family, OutgoingLine, PublicCase, Timed } from '#kit/act/family.ts'
import type { Address, Instant, LocalDate } from '#kit/directory/calls.ts'
import { localDate } from '#kit/vi/dates.ts'
import type { Applicant, FormValue } from './lodging.ts'

export const outerStates = {
  1: 'Mới đăng ký',
  2: 'Được tiếp nhận',
  3: 'Không được tiếp nhận',
  4: 'Đang xử lý',
  5: 'Yêu cầu bổ sung giấy tờ',
  6: 'Yêu cầu thực hiện nghĩa vụ tài chính',
  7: 'Công dân yêu cầu rút hồ sơ',
  8: 'Dừng xử lý',
  9: 'Đã xử lý xong',
  10: 'Đã trả kết quả',
} as const
export type OuterState = keyof typeof outerStates

export type Party = { address: Address; name: string }
export type CaseFile = FileRef & { seq: number }
export type CaseDocument = { id: string; name: string; files: FileRef[] }

/** Who has the case now and what they may do; `seq` is the event that gave it to them. */
export type Holder = { party: Party; acts: string[]; since: Instant; seq: number; due?: Instant }

/** One step of the history. `publicText` is in the citizen's words; without it the citizen does not see the step. */
export type Step = {
  seq: number
  at: Instant
  kind: string
  text: string
  person: string
  address: Address
  office?: string
  publicText?: string
  /** what the person wrote: instruction, reason, opinion */
  note?: string
  files: FileRef[]
}

export type Case = {
  id: string
  ledger: Address
  /** of its last event */
  seq: number
  /** of the last event that changed what anybody may do; reminders do not */
  changed: number
  agency: { id: string; code: string; name: string; abbreviation: string; parentName?: string }
  /** the portal's service account, which lodged it and is told of every step */
  portal: Address
  offices: { clerk: Party; leader: Party }
  procedure: {
    code: string
    version: number
    name: string
    result: string
    fee: string
    deadline: { amount: number; unit: 'day' | 'workingDay' | 'hour' }
    documents: { name: string; kind: string; count: number }[]
  }
  applicant: Applicant
  secretHash: string
  values: FormValue[]
  documents: CaseDocument[]
  files: CaseFile[]
  outer: OuterState
  turn?: Holder
  /** seq of the turn that was reminded, and of the turn that was reported late */
  reminded?: number
  reportedLate?: number
  lodgedAt: Instant
  code?: string
  numbers: { series: string; n: number }[]
  arrival?: { year: number; n: number; at: Instant }
  receivedAt?: Instant
  due?: Instant
  rejected?: { reason: string; at: Instant }
  forwarded?: { to: Party; at: Instant; instruction: string; due: Instant }
  officer?: Party
  proposal?: { opinion: string; files: FileRef[]; by: Party; at: Instant }
  returned?: { reason: string; at: Instant }
  approved?: { by: Party; at: Instant }
  finishedAt?: Instant
  onTime?: boolean
  issued?: { year: number; n: number; number: string; date: LocalDate; signer: string; files: FileRef[]; at: Instant }
  history: Step[]
}

/** The act's turn: that of whoever holds the case, when this act is among what they may do. */
export function holderTurns(state: Case | undefined, act: string): readonly Turn[] {
  const turn = state?.turn
  if (!turn?.acts.includes(act)) return []
  return [{ party: turn.party.address, act, ...(turn.due ? { due: turn.due } : {}) }]
}

/** Who acted, as the history names them: the person, and the office they acted for. */
export function actedBy(actor: Actor): string {
  return actor.officeName ? `${actor.name}, ${actor.officeName}` : actor.name
}

/**
 * The state after an event: `change` applied, files and one step of history added, `seq` moved.
 * `quiet` events (reminders) leave `changed` as it was, so nobody's page becomes stale by them.
 */
export function record(
  state: Case,
  event: Event<unknown>,
  change: Partial<Case>,
  step: { text: string; publicText?: string; note?: string },
  { quiet = false }: { quiet?: boolean } = {},
): Case {
  const { actor } = event
  const known = new Set(state.files.map((f) => f.sha256))
  const added = event.files.filter((f) => !known.has(f.sha256)).map((f) => ({ ...f, seq: event.seq }))
  return {
    ...state,
    ...change,
    seq: event.seq,
    changed: quiet ? state.changed : event.seq,
    files: [...state.files, ...added],
    history: [
      ...state.history,
      {
        seq: event.seq,
        at: event.at,
        kind: event.kind,
        person: actor.name,
        address: actor.person,
        ...(actor.officeName ? { office: actor.officeName } : {}),
        files: event.files,
        ...step,
      },
    ],
  }
}

function summary(c: Case): CaseSummary {
  const started = c.receivedAt ? { startedAt: c.receivedAt } : {}
  const code = c.code ? { code: c.code } : {}
  const due = c.due ? { due: c.due } : {}
  const ended = c.finishedAt ?? c.rejected?.at
  return {
    id: c.id,
    ...code,
    title: c.procedure.name,
    from: c.applicant.name,
    outer: c.outer,
    stateName: outerStates[c.outer],
    openedAt: c.lodgedAt,
    ...started,
    ...due,
    ...(ended ? { doneAt: ended } : {}),
    seq: c.seq,
    changed: c.changed,
  }
}

/** One line from the moment of receiving, with số đến; forwarding fills columns 7 and 8. */
function arrivals(c: Case): ArrivalLine[] {
  if (!c.arrival) return []
  return [
    {
      year: c.arrival.year,
      n: c.arrival.n,
      arrivedAt: c.arrival.at,
      author: c.applicant.name,
      reference: '',
      documentDate: localDate(c.lodgedAt),
      subject: `Hồ sơ ${c.code}: ${c.procedure.name}`,
      receiver: c.forwarded?.to.name ?? '',
      ...(c.forwarded ? { forwardedAt: c.forwarded.at } : {}),
      signedFor: c.officer?.name ?? '',
      note: c.issued ? `Kết quả ${c.issued.number}` : '',
      ...(c.due ? { due: c.due } : {}),
      ...(c.finishedAt ? { doneAt: c.finishedAt } : {}),
    },
  ]
}

function outgoing(c: Case): OutgoingLine[] {
  if (!c.issued) return []
  return [
    {
      year: c.issued.year,
      n: c.issued.n,
      number: c.issued.number,
      date: c.issued.date,
      subject: `${c.procedure.result}: ${c.applicant.name}`,
      signer: c.issued.signer,
      recipients: c.applicant.name,
      keeper: c.forwarded?.to.name ?? c.offices.clerk.name,
      copies: 1,
      sentAt: c.issued.at,
      signedFor: '',
      note: `Hồ sơ ${c.code}`,
    },
  ]
}

function publicPart(c: Case): PublicCase {
  const last = c.seq
  return {
    case: c.id,
    seq: last,
    ...(c.code ? { code: c.code } : {}),
    secretHash: c.secretHash,
    agency: { id: c.agency.id, code: c.agency.code, name: c.agency.name },
    procedure: { code: c.procedure.code, version: c.procedure.version, name: c.procedure.name },
    applicant: c.applicant.name,
    outer: c.outer,
    stateName: outerStates[c.outer],
    lodgedAt: c.lodgedAt,
    ...(c.receivedAt ? { receivedAt: c.receivedAt } : {}),
    ...(c.due ? { due: c.due } : {}),
    ...(c.finishedAt ? { finishedAt: c.finishedAt } : {}),
    ...(c.onTime === undefined ? {} : { onTime: c.onTime }),
    steps: c.history.flatMap((s) =>
      s.publicText === undefined
        ? []
        : [
            {
              seq: s.seq,
              at: s.at,
              kind: s.kind,
              text: s.publicText,
              ...(s.office ? { office: s.office } : {}),
              files: c.issued && s.kind === 'dossier.issue' ? c.issued.files : [],
            },
          ],
    ),
    ...(c.issued ? { result: { number: c.issued.number, date: c.issued.date, files: c.issued.files } } : {}),
  }
}

// A reminder the day before; a step that was given less time than that is not reminded of, only reported late.
const REMIND_BEFORE_MS = 24 * 3_600_000

function timed({ turn, reminded, reportedLate }: Case): Timed[] {
  if (!turn?.due || reportedLate === turn.seq) return []
  const key = String(turn.seq)
  const data = { turn: turn.seq }
  const late = { act: 'dossier.overdue', key, at: instant(Date.parse(turn.due) + 1000), data }
  const remindAt = instant(Date.parse(turn.due) - REMIND_BEFORE_MS)
  if (reminded === turn.seq || remindAt <= turn.since) return [late]
  return [{ act: 'dossier.remind', key, at: remindAt, data }, late]
}

/** Whole seconds, as every instant in an event is written, so that they compare as texts. */
function instant(ms: number): Instant {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

export const family: Family<Case> = {
  name: 'dossier',
  summary,
  arrivals,
  outgoing,
  numbers: (c) => c.numbers,
  search: (c) =>
    [
      c.applicant.idNumber,
      c.applicant.phone,
      c.applicant.email,
      c.arrival ? `số đến ${c.arrival.n}` : '',
      c.issued?.number ?? '',
      ...c.values.map((v) => v.value),
    ].join('\n'),
  publicPart,
  timed,
}
