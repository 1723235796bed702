/**
 * Who acted: from the signed From and Sender alone, with the right as it stood when the message was received and
 * still stands (design §5 "Signed is not authorised").
 */
import type { Actor } from '#kit/act/act.ts'
import type { Account, Address, Directory, Instant } from '#kit/directory/calls.ts'

export type Signer =
  | { is: 'timer' }
  | { is: 'portal'; actor: Actor }
  /** `from` is the person; an office that they hold may come on top when a turn names it */
  | { is: 'person'; actor: Actor }
  | { is: 'register' }
  | { is: 'nobody'; why: string; advice: string }

export type HoldsContext = { directory: Pick<Directory, 'directory.holds'>; receivedAt: Instant }

export type WhoContext = {
  directory: Pick<Directory, 'directory.lookup' | 'directory.holds'>
  register: Address
  portal: Address
  receivedAt: Instant
}

export async function whoActed(from: Address, sender: Address | undefined, context: WhoContext): Promise<Signer> {
  const { directory, register, portal } = context
  if (from === register)
    return sender ? { is: 'nobody', why: `${sender} sent as the register`, advice: '' } : { is: 'timer' }
  const account = await lookup(directory, from)
  if (!account || account.disabled)
    return { is: 'nobody', why: `${from} has no account in force`, advice: 'Tài khoản gửi không còn dùng.' }
  if (account.kind === 'register') return { is: 'register' }
  if (account.kind === 'service') {
    if (from !== portal) return { is: 'nobody', why: `${from} is a service`, advice: '' }
    return { is: 'portal', actor: { person: from, name: account.name } }
  }
  if (account.kind === 'person') {
    if (sender !== undefined && sender !== from)
      return { is: 'nobody', why: `${sender} sent as ${from}`, advice: 'Người gửi không phải người ký.' }
    return { is: 'person', actor: { person: from, name: account.name } }
  }
  if (sender === undefined) return { is: 'nobody', why: `${from} without Sender`, advice: '' }
  const person = await lookup(directory, sender)
  if (person?.kind !== 'person' || person.disabled)
    return { is: 'nobody', why: `${sender} has no account in force`, advice: 'Tài khoản gửi không còn dùng.' }
  const actor = await forOffice({ person: sender, name: person.name }, account, context)
  if (actor) return { is: 'person', actor }
  return {
    is: 'nobody',
    why: `${sender} does not hold ${from}`,
    advice: `Quyền thay mặt ${account.name} không có lúc gửi, hoặc đã thu hồi. Hỏi quản trị cơ quan.`,
  }
}

/** The person acting for the office; undefined when the right was missing at `receivedAt` or is withdrawn since. */
export async function forOffice(
  actor: Actor,
  office: Pick<Account, 'address' | 'name'>,
  { directory, receivedAt }: HoldsContext,
): Promise<Actor | undefined> {
  const { grant } = await directory['directory.holds']({
    person: actor.person,
    office: office.address,
    right: 'act',
    at: receivedAt,
  })
  return (
    grant && {
      person: actor.person,
      name: actor.name,
      office: office.address,
      officeName: office.name,
      grant: grant.grant,
    }
  )
}

/**
 * The actor as one of `parties`: themselves, the office they named, or an office they hold; in that order.
 * @returns undefined when none of the parties is theirs
 */
export async function asParty(
  actor: Actor,
  parties: readonly Address[],
  accounts: readonly Account[],
  context: HoldsContext,
): Promise<{ actor: Actor; party: Address } | undefined> {
  if (actor.office !== undefined) return parties.includes(actor.office) ? { actor, party: actor.office } : undefined
  if (parties.includes(actor.person)) return { actor, party: actor.person }
  for (const party of parties) {
    const office = accounts.find((a) => a.address === party && a.kind === 'office')
    const holding = office && (await forOffice(actor, office, context))
    if (holding) return { actor: holding, party }
  }
  return undefined
}

async function lookup(directory: WhoContext['directory'], address: Address): Promise<Account | undefined> {
  return (await directory['directory.lookup']({ address })).account
}
