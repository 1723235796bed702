/**
 * What a family of acts (a folder of `acts/`, for example `acts/dossier/`) says about its cases. `case.ts` of the
 * folder exports it as `family`. Worker, projection and pages know cases only through it and through the acts,
 * so a register line or a worklist row follows from the state, never from the kind of event. All functions are pure.
 */
import type { FileRef } from '#kit/act/act.ts'
import type { Instant, LocalDate } from '#kit/directory/calls.ts'

/** What lists, headings and checks need of any case. */
export type CaseSummary = {
  id: string
  /** mã hồ sơ, once received */
  code?: string
  /** for example the procedure's name */
  title: string
  /** who it comes from */
  from: string
  /** code of the national list of states, 1 to 10 (domain §3.2) */
  outer: number
  stateName: string
  openedAt: Instant
  /** when the clock started (tiếp nhận) */
  startedAt?: Instant
  due?: Instant
  doneAt?: Instant
  /** seq of its last event */
  seq: number
  /** seq of the last event that changed what anybody may do: a command whose `saw` is lower is stale */
  changed: number
}

/** A line of SỔ ĐĂNG KÝ VĂN BẢN ĐẾN, the ten columns of NĐ 30/2020 PL IV as parts; `cells` in registers.ts prints them. */
export type ArrivalLine = {
  year: number
  n: number
  arrivedAt: Instant
  author: string
  /** số, ký hiệu văn bản; empty for a citizen's application */
  reference: string
  documentDate?: LocalDate
  subject: string
  receiver: string
  forwardedAt?: Instant
  signedFor: string
  note: string
  due?: Instant
  doneAt?: Instant
}

/** A line of SỔ ĐĂNG KÝ VĂN BẢN ĐI, ten columns. */
export type OutgoingLine = {
  year: number
  n: number
  /** số, ký hiệu: "31/GP-STTTT" */
  number: string
  date: LocalDate
  subject: string
  signer: string
  recipients: string
  keeper: string
  copies: number
  sentAt: Instant
  signedFor: string
  note: string
}

/** One step of the public timeline. `office` instead of a person's name. */
export type PublicStep = { seq: number; at: Instant; kind: string; text: string; office?: string; files: FileRef[] }

/** All that the citizen may see; sent whole to the portal after every event, so the newest copy is enough. */
export type PublicCase = {
  /** lodging reference */
  case: string
  seq: number
  code?: string
  secretHash: string
  agency: { id: string; code: string; name: string }
  procedure: { code: string; version: number; name: string }
  applicant: string
  outer: number
  stateName: string
  lodgedAt: Instant
  receivedAt?: Instant
  due?: Instant
  finishedAt?: Instant
  onTime?: boolean
  steps: PublicStep[]
  result?: { number: string; date: LocalDate; files: FileRef[] }
}

/**
 * A command that the timer sends when `at` is past: `key` names this occasion within the case, so that it is sent once.
 * `act` must be an act with `by: 'timer'`. It disappears from the list by the event that it leads to.
 */
export type Timed = { act: string; key: string; at: Instant; data: Record<string, unknown> }

export type Family<S = unknown> = {
  /** first part of the kinds of its acts: "dossier" */
  name: string
  summary(state: S): CaseSummary
  arrivals(state: S): readonly ArrivalLine[]
  outgoing(state: S): readonly OutgoingLine[]
  /** every number the case has drawn: series "arrival:2026", "outgoing:2026", "dossier:261122" */
  numbers(state: S): readonly { series: string; n: number }[]
  /** words by which the case is found, beside the summary */
  search(state: S): string
  publicPart(state: S): PublicCase
  /** what time will bring, if nothing else happens */
  timed(state: S): readonly Timed[]
}
