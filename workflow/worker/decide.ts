/**
 * From a sealed command to what shall be: the checks in their order, then the act's own `decide`. Reads the projection
 * at the cursor and the directory; writes nothing. The caller commits against `head`, so a decision made on an old
 * state is thrown away and made again.
 */
import type { Actor, Command, Event, FileRef } from '#kit/act/act.ts'
import { checkFields } from '#kit/act/fields.ts'
import { type AnyAct, familyName, type Registry } from '#kit/act/registry.ts'
import type { Account, Address, Directory, Instant } from '#kit/directory/calls.ts'
import type { Projection } from '../projection/projection.ts'
import { asParty, type Signer } from './actor.ts'
import type { makeFacts } from './facts.ts'

/** What a message asks for, however it was written: a structured command or a reply. */
export type Asking = {
  /** Message-ID */
  id: string
  receivedAt: Instant
  signer: Signer
  kind: string
  v: number
  case: string
  saw: number
  data: unknown
  files: readonly FileRef[]
  /** of a reply: only these were asked */
  parties?: readonly Address[]
}

export type Decided =
  | { is: 'event'; event: Event; act: AnyAct; family: string; before: unknown; head: { seq: number; hash: string } }
  | {
      is: 'refused'
      why: string
      advice: string
      fields?: Record<string, string>
      changes?: string[]
      head: { seq: number }
    }

export type DecideContext = {
  ledger: Address
  registry: Registry
  projection: Projection
  directory: Pick<Directory, 'directory.holds'>
  accounts: readonly Account[]
  facts: ReturnType<typeof makeFacts>
  now: Instant
}

// What changed since the author looked: the last steps tell it; a longer list is on the case's page.
const MAX_CHANGES = 5

export async function decideCommand(asking: Asking, context: DecideContext): Promise<Decided> {
  const { registry, projection, facts } = context
  const head = projection.head()
  const refused = (
    why: string,
    advice: string,
    more: { fields?: Record<string, string>; changes?: string[] } = {},
  ): Decided => ({
    is: 'refused',
    why,
    advice,
    ...more,
    head,
  })
  const act = registry.acts.get(asking.kind)
  if (!act) return refused(`no act ${asking.kind}`, 'Hệ thống không có việc này.')
  if (asking.v !== act.v && asking.v !== act.v - 1)
    return refused(`version ${asking.v} of ${act.kind}`, 'Lệnh viết theo phiên bản cũ. Tải lại trang rồi làm lại.')

  const kept = projection.state(asking.case)
  const family = familyName(act.kind)
  if (kept && kept.family !== family)
    return refused(`${asking.case} is a ${kept.family}`, 'Việc này không dùng cho hồ sơ này.')
  const state = kept?.state

  const who = await authorised(asking, act, state, context)
  if ('why' in who) return refused(who.why, who.advice)

  const summary = kept && registry.familyOf(act.kind).summary(state)
  if (act.stale === 'refuse' && summary && asking.saw < summary.changed) {
    const changes = changesSince(state, asking.saw)
    return refused(
      `saw ${asking.saw}, changed at ${summary.changed}`,
      'Hồ sơ đã thay đổi sau khi bạn xem. Mở hồ sơ, xem thay đổi rồi làm lại.',
      { changes },
    )
  }
  if (!who.turn)
    return refused(`${act.kind} is nobody's turn in this state`, 'Hồ sơ không ở bước này, hoặc không đến lượt bạn.')

  const checked = act.read
    ? act.read(asking.data)
    : checkFields(act.fields, asking.data, { today: facts.today, files: asking.files, party: facts.fieldParty })
  if ('refused' in checked)
    return refused(`data: ${checked.refused}`, checked.refused, checked.fields ? { fields: checked.fields } : {})

  const command: Command = {
    id: asking.id,
    kind: act.kind,
    v: act.v,
    case: asking.case,
    saw: asking.saw,
    actor: who.actor,
    receivedAt: asking.receivedAt,
    data: checked.data,
    files: [...asking.files],
  }
  const decision = act.decide(state, command, facts)
  if ('refused' in decision)
    return refused(`decided: ${decision.refused}`, decision.refused, decision.fields ? { fields: decision.fields } : {})
  const event: Event = {
    ledger: context.ledger,
    seq: head.seq + 1,
    prev: head.hash,
    at: context.now,
    command: asking.id,
    kind: act.kind,
    v: act.v,
    case: asking.case,
    actor: who.actor,
    receivedAt: asking.receivedAt,
    data: decision.event,
    files: command.files,
  }
  return { is: 'event', event, act, family, before: state, head }
}

type Authorised = { actor: Actor; turn: boolean } | { why: string; advice: string }

/** May this signer send this act at all, and is it their turn? Rights are asked as of `receivedAt` and of now. */
async function authorised(asking: Asking, act: AnyAct, state: unknown, context: DecideContext): Promise<Authorised> {
  const { signer } = asking
  switch (signer.is) {
    case 'nobody':
      return { why: signer.why, advice: signer.advice || 'Người gửi không được làm việc này.' }
    case 'register':
      return { why: 'another register', advice: 'Việc này không nhận từ cơ quan khác.' }
    case 'timer':
      if (act.by !== 'timer') return { why: `${act.kind} from the register itself`, advice: '' }
      return { actor: { person: context.ledger, name: 'Hệ thống nhắc việc' }, turn: true }
    case 'portal':
      if (act.by !== 'portal')
        return { why: `${act.kind} from the portal`, advice: 'Cổng dịch vụ công không được làm việc này.' }
      return { actor: signer.actor, turn: true }
    case 'person': {
      if (act.by !== 'party') return { why: `${act.kind} from a person`, advice: 'Việc này chỉ hệ thống được làm.' }
      const turns = act.turns(state).map((t) => t.party)
      const { accounts, directory } = context
      const given = { directory, receivedAt: asking.receivedAt }
      if (asking.parties) {
        const asked = await asParty(signer.actor, asking.parties, accounts, given)
        if (!asked)
          return {
            why: 'was not asked',
            advice: 'Thư này không hỏi bạn, hoặc quyền thay mặt đã thu hồi. Hệ thống không làm gì.',
          }
        return { actor: asked.actor, turn: turns.includes(asked.party) }
      }
      const own = await asParty(signer.actor, turns, accounts, given)
      return own ? { actor: own.actor, turn: true } : { actor: signer.actor, turn: false }
    }
  }
}

/** The newest steps after `saw`, for the refusal; families keep them as `history`. */
function changesSince(state: unknown, saw: number): string[] {
  const history = (state as { history?: { seq: number; text: string; person: string }[] }).history ?? []
  return history
    .filter((step) => step.seq > saw)
    .slice(-MAX_CHANGES)
    .map((step) => `${step.text} (${step.person})`)
}
