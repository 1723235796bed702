/**
 * One message of a register's INBOX, from reading to its outcome. Repeating it at any point is harmless: the ledger takes
 * each command once, and a decision made on an old head is thrown away.
 */
import type { Province } from '#config/province.ts'
import type { Registry } from '#kit/act/registry.ts'
import type { Account, Address, Agency, Directory, OutgoingNotice } from '#kit/directory/calls.ts'
import type { Log } from '#kit/log.ts'
import type { MailAccount } from '#kit/mail/imap.ts'
import { readEvent } from '#kit/message/data.ts'
import { crashPoint } from '#kit/process/crash.ts'
import { localDate } from '#kit/vi/dates.ts'
import type { Calendar } from '#kit/vi/workdays.ts'
import type { Projection } from '../projection/projection.ts'
import type { RefusalBounds } from './bounds.ts'
import { caseFiles } from './casefiles.ts'
import type { Clock } from './clock.ts'
import { type Decided, decideCommand } from './decide.ts'
import { makeFacts } from './facts.ts'
import { type Incoming, type Opened, readIncoming } from './intake.ts'
import { writeEntry, writeLetters } from './letters.ts'
import { type Refused, writeRefusal, writeTask } from './refusal.ts'

export type Outcome =
  | { kind: 'done'; seq: number; what: string }
  | { kind: 'already'; seq: number }
  | { kind: 'refused'; why: string }
  | { kind: 'left'; why: string; loud: boolean }

export type ProcessContext = {
  register: Address
  province: Pick<Province, 'portal' | 'procedures'>
  registry: Registry
  calendar: Calendar
  directory: Directory
  projection: Projection
  account: MailAccount
  agency: Agency
  accounts: readonly Account[]
  bounds: RefusalBounds
  clock: Clock
  origins: { portal: string; desk: string }
  log: Log
}

/** Under load another worker may win this often in a row; more means that something else is wrong, and "later" is right. */
const MAX_ATTEMPTS = 50

/** Applies what the ledger has and the projection has not. */
export async function catchUp(context: Pick<ProcessContext, 'directory' | 'register' | 'projection'>): Promise<void> {
  const { directory, register: ledger, projection } = context
  for (;;) {
    const { entries } = await directory['ledger.read']({ ledger, after: projection.head().seq, limit: 500 })
    if (entries.length === 0) return
    projection.apply(entries)
  }
}

/** @throws any error of the world: the message stays where it is, and is tried again later */
export async function processMessage(
  message: { uid: number; opened: Opened },
  context: ProcessContext,
): Promise<Outcome> {
  const incoming = await readIncoming(message.opened, { ...context, portal: context.province.portal })
  if (incoming.is === 'left') return { kind: 'left', why: incoming.why, loud: incoming.loud }
  crashPoint('worker.beforeDecide')
  let answer: OutgoingNotice[] | undefined // a refusal is counted once, however often it is decided again
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const decided = await decide(incoming, context)
    const now = context.clock()
    const year = Number(localDate(now).slice(0, 4))
    if (decided.is === 'refused') answer ??= await refusalNotices(incoming, decided, context)
    const made = decided.is === 'event' ? await writeAll(decided, incoming, context) : { notices: answer ?? [] }
    const head = decided.head.seq
    const id = incoming.is === 'asking' ? incoming.asking.id : incoming.id
    crashPoint('worker.beforeCommit')
    const { result, seq } = await context.directory['ledger.commit']({
      ledger: context.register,
      expectedHead: head,
      command: { id, uid: message.uid },
      ...('entry' in made ? { entry: { raw: made.entry.raw, data: made.entry.data, year } } : {}),
      notices: made.notices,
      year,
    })
    crashPoint('worker.afterCommit')
    if (result === 'already') {
      await catchUp(context)
      return { kind: 'already', seq }
    }
    if (result === 'wrong-head') {
      await catchUp(context)
      // most often another worker took this very message: not worth deciding and drawing its papers again
      const { outcome } = await context.directory['ledger.outcome']({ ledger: context.register, command: id })
      if (outcome) {
        const again = await context.directory['ledger.commit']({
          ledger: context.register,
          expectedHead: seq,
          command: { id, uid: message.uid },
          notices: [],
          year,
        })
        return { kind: 'already', seq: again.seq }
      }
      continue
    }
    if (decided.is === 'refused' || !('entry' in made))
      return { kind: 'refused', why: decided.is === 'refused' ? decided.why : '' }
    context.projection.apply([{ seq: head + 1, data: made.entry.data, messageId: made.entry.messageId }])
    return { kind: 'done', seq: head + 1, what: `${decided.event.kind} ${decided.event.case}` }
  }
  throw new Error(`${MAX_ATTEMPTS} decisions in a row came too late`)
}

function decide(incoming: Exclude<Incoming, { is: 'left' }>, context: ProcessContext): Promise<Decided> {
  const { projection } = context
  if (incoming.is === 'refused') {
    const { why, refused } = incoming
    return Promise.resolve({ is: 'refused', why, advice: refused.advice, head: projection.head() })
  }
  const now = context.clock()
  return decideCommand(incoming.asking, {
    ledger: context.register,
    registry: context.registry,
    projection,
    directory: context.directory,
    accounts: context.accounts,
    now,
    facts: makeFacts({
      agency: context.agency,
      accounts: context.accounts,
      procedures: context.province.procedures,
      calendar: context.calendar,
      now,
      last: (series) => projection.last(series),
    }),
  })
}

async function writeAll(
  decided: Extract<Decided, { is: 'event' }>,
  incoming: Exclude<Incoming, { is: 'left' }>,
  context: ProcessContext,
): Promise<{ entry: { raw: Buffer; data: string; messageId: string }; notices: OutgoingNotice[] }> {
  const { act, event, family, before } = decided
  const thread = context.projection.thread(event.case)
  const getFile = caseFiles({
    account: context.account,
    projection: context.projection,
    case: event.case,
    fresh: incoming.is === 'asking' ? incoming.fresh : [],
  })
  // the state that everybody will compute from the entry: events are what JSON keeps of them
  const draft = JSON.parse(JSON.stringify(event)) as typeof event
  const state: unknown = act.apply(before, draft)
  const summary = context.registry.familyOf(event.kind).summary(state)
  const entry = await writeEntry(event, {
    agency: context.agency,
    act,
    thread,
    getFile,
    sentence: act.say(state, draft),
    subject: `[${summary.code ?? summary.id}] ${act.title}: ${summary.title}`,
  })
  const notices = await writeLetters(readEvent(entry.data), {
    agency: context.agency,
    registry: context.registry,
    family,
    act,
    state,
    thread,
    getFile,
    portalOrigin: context.origins.portal,
    deskOrigin: context.origins.desk,
  })
  return { entry, notices }
}

/** Who is answered, and how: a person up to five times an hour, the portal always, a timer never. */
async function refusalNotices(
  incoming: Exclude<Incoming, { is: 'left' }>,
  decided: Extract<Decided, { is: 'refused' }>,
  context: ProcessContext,
): Promise<OutgoingNotice[]> {
  const signer = incoming.is === 'asking' ? incoming.asking.signer : incoming.signer
  if (signer.is === 'timer') return []
  const refused: Refused =
    incoming.is === 'refused'
      ? incoming.refused
      : {
          command: incoming.asking.id,
          kind: incoming.asking.kind,
          case: incoming.asking.case,
          subject: incoming.subject,
          advice: decided.advice,
          ...(decided.fields ? { fields: decided.fields } : {}),
          ...(decided.changes ? { changes: decided.changes } : {}),
        }
  const { register, agency, clock, bounds, accounts } = context
  const given = { register, agency, now: clock(), deskOrigin: context.origins.desk }
  const verdict = signer.is === 'portal' ? 'answer' : bounds.next(incoming.from, Date.parse(given.now))
  if (verdict === 'answer') return [await writeRefusal(refused, { ...given, to: incoming.from })]
  const clerk = accounts.find((a) => a.kind === 'office' && a.role === 'clerk')?.address
  if (verdict === 'silence' || clerk === undefined) return []
  return [await writeTask(refused, { ...given, sender: incoming.from, clerk })]
}
