/**
 * What an act is. One file in `acts/<family>/` exports one `Act` as default; pages, forms, replies, worker,
 * projections, worklists and the documentation are driven by it, and adding a file adds the act everywhere.
 * The four functions are pure: no clock, store, network or randomness; everything they need is in their arguments,
 * everything that must last is in the event.
 */
import type { Account, Address, Agency, Instant, LocalDate } from '#kit/directory/calls.ts'

export type Actor = { person: Address; office?: Address; grant?: string; name: string; officeName?: string }
/** A file of the case, named by its octets; kept once by the store. `part` is where it stands in its message. */
export type FileRef = { name: string; type: string; size: number; sha256: string }

export type Command<D = unknown> = {
  /** Message-ID, without angle brackets */
  id: string
  kind: string
  v: number
  case: string
  /** the seq of the case that its author had seen; 0 when there was none */
  saw: number
  actor: Actor
  receivedAt: Instant
  data: D
  files: FileRef[]
}
export type Event<D = unknown> = {
  ledger: Address
  seq: number
  prev: string
  at: Instant
  command: string
  kind: string
  v: number
  case: string
  actor: Actor
  receivedAt: Instant
  data: D
  files: FileRef[]
}

/** One field of an act's form. The same table makes the HTML form, the JSON check and the reply's argument. */
export type Field = {
  name: string
  label: string
  help?: string
  required: boolean
} & (
  | { kind: 'text'; max: number; lines?: number; pattern?: string; patternHelp?: string }
  | { kind: 'number'; min: number; max: number; unit?: string }
  | { kind: 'date'; notBefore?: 'today' }
  | { kind: 'choice'; options: readonly { value: string; label: string }[] }
  /** an address in the agency: head and leader are offices, officer is a person, any is either */
  | { kind: 'party'; of: 'head' | 'leader' | 'officer' | 'clerk' | 'any'; many?: boolean }
  | { kind: 'files'; accept: readonly string[]; max: number }
)

/** How a reply asks for an act: the whole first unquoted line must match. Groups fill fields by name. */
export type ReplyVerb = {
  /** Vietnamese capitals, for example "TRẢ LẠI"; matched without regard to marks, case and spacing */
  word: string
  /** fields filled by what follows the colon, in order, cut at the labels, for example [{field:'to'}, {field:'due', label:'HẠN'}] */
  takes: readonly { field: string; label?: string }[]
  /** one line of the mail: what may be answered, for example "TRẢ LẠI: <lý do>" */
  example: string
  /** other words for the same act, for example "TRẢ KẾT QUẢ" beside "PHÁT HÀNH" */
  also?: readonly string[]
  /** days for which the answer counts; 7 when absent */
  days?: number
}

/** Facts that decide() may use; each is read by the worker at the moment of deciding. */
export type Facts = {
  agency: Agency
  now: Instant
  today: LocalDate
  /** people, offices of the agency */
  accounts: readonly Account[]
  /** first office with the role, in force at `now` */
  office(role: 'clerk' | 'leader' | 'head'): Address | undefined
  /** resolves a typed name, local part or address to one address of the agency, or explains in Vietnamese */
  party(text: string): { address: Address; name: string } | { problem: string }
  /** the number that comes next in a series of this year (1-based): "arrival", "outgoing", or of the day: "dossier:<YYMMDD>" */
  next(series: string): number
  /** adds an amount of time; `days` are working days by the province's calendar */
  addDeadline(from: Instant, amount: number, unit: 'day' | 'workingDay' | 'hour'): Instant
  workingDaysBetween(from: Instant, to: Instant): number
  /** the procedure in the version that the case was lodged under */
  procedure(code: string, version: number): ProcedureFacts | undefined
}
export type ProcedureFacts = {
  code: string
  version: number
  name: string
  deadline: { amount: number; unit: 'day' | 'workingDay' | 'hour' }
  documents: readonly { name: string; kind: string; count: number }[]
  fee: string
  result: string
}

/** Why decide() says no: Vietnamese for the person, with fields where the form is wrong. */
export type ActRefusal = { refused: string; fields?: Record<string, string> }
export type Decision<D> = { event: D } | ActRefusal

/** What is sent because of an event: one letter for each reader, in their own words. */
export type Letter = {
  /** addresses inside or outside; the worker sends one message for each letter */
  to: readonly Address[]
  subject: string
  /** Vietnamese paragraphs; the first says what is asked of the reader */
  paragraphs: readonly string[]
  facts?: readonly (readonly [label: string, value: string])[]
  /** names of files of the case to attach (by sha256) */
  attach?: readonly string[]
  /** documents made from the event: worker renders them with kit/pdf */
  print?: readonly { document: 'receipt' | 'rejection'; name: string; data: Record<string, unknown> }[]
  /** kinds of acts that the reader may answer with; makes Reply-To and the list of verbs */
  asks?: readonly string[]
  /** public: the case's service account (portal) gets the event's public part, for its timeline */
  audience: 'staff' | 'citizen' | 'portal'
}

/** Where a case stands in somebody's worklist; a function of state alone. */
export type Turn = { party: Address; act: string; due?: Instant }

export type Act<D = Record<string, unknown>, E = Record<string, unknown>, S = unknown> = {
  kind: string
  v: number
  /** Vietnamese, for headings: "Chuyển xử lý hồ sơ" */
  title: string
  /** Vietnamese, for the button: "Chuyển xử lý" */
  verb: string
  /** Tabler outline icon name */
  icon: string
  /** who may send it: a person or office that `turns` names, the portal's service account, or a timer */
  by: 'party' | 'portal' | 'timer'
  /** what happens to a command whose author had not seen the latest state of the case */
  stale: 'refuse' | 'allow'
  fields: readonly Field[]
  /** instead of `fields`, for acts that no person fills in (portal, timer): strict and pure, unknown members refused */
  read?(data: unknown): { data: D } | ActRefusal
  reply?: ReplyVerb
  /** who may do this act in this state; empty: nobody. Drives worklists, buttons and who is asked */
  turns(state: S | undefined): readonly Turn[]
  decide(state: S | undefined, command: Command<D>, facts: Facts): Decision<E>
  apply(state: S | undefined, event: Event<E>): S
  /** one Vietnamese sentence for the timeline */
  say(state: S, event: Event<E>): string
  tell(state: S, event: Event<E>): readonly Letter[]
}
