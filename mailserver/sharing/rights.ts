/**
 * Rights on a mailbox as RFC 4314 has them: letters, each once, in the order of `allRights`. Pure.
 *
 * l lookup · r read · s \Seen · w other flags · i insert · p post (kept, decides nothing here) · k create below ·
 * x delete or rename the mailbox · t \Deleted · e expunge · a administer
 */
import type { Grant } from '#kit/directory/calls.ts'
import type { AclEntry, MailboxType } from '#mailserver/store/port.ts'

export type Rights = string
export const allRights: Rights = 'lrswipkxtea'
/** RFC 4314 §2.1.1: what the letters of RFC 2086 stand for here, and are told for when one of them is there */
const virtual: Readonly<Record<string, string>> = { c: 'kx', d: 'te' }
/** Everybody who signs in here as a person. Not the world: nobody reads a mailbox without signing in. */
export const anyone = 'anyone'

/** @returns undefined for a letter that is no right; capitals are none (RFC 4314 §3) */
export function readRights(text: string): Rights | undefined {
  const letters = new Set<string>()
  for (const letter of text) for (const each of virtual[letter] ?? letter) letters.add(each)
  return [...letters].every((letter) => allRights.includes(letter)) ? ordered(letters) : undefined
}

/** For answers: with c and d for clients of RFC 2086. */
export function writeRights(rights: Rights): string {
  const old = Object.keys(virtual).filter((letter) => [...virtual[letter]!].some((each) => rights.includes(each)))
  return rights + old.join('')
}

export const has = (rights: Rights, needed: string): boolean => [...needed].every((letter) => rights.includes(letter))
export const union = (one: Rights, other: Rights): Rights => ordered(new Set(one + other))
export const without = (one: Rights, other: Rights): Rights =>
  ordered(new Set([...one].filter((letter) => !other.includes(letter))))

function ordered(letters: ReadonlySet<string>): Rights {
  return [...allRights].filter((letter) => letters.has(letter)).join('')
}

/** @param at milliseconds since 1970 */
export const inForce = (entry: Pick<AclEntry, 'from' | 'to'>, at: number): boolean =>
  (entry.from === undefined || entry.from <= at) && (entry.to === undefined || at < entry.to)

/**
 * What entries give to somebody who is all of `identities`, and who has `otherwise` without them; what a negative one takes,
 * nothing else gives (RFC 4314 §2).
 */
export function rightsFrom(
  entries: readonly AclEntry[],
  identities: ReadonlySet<string>,
  at: number,
  otherwise: Rights = '',
): Rights {
  let given = otherwise
  let taken = ''
  for (const entry of entries) {
    if (!identities.has(entry.identifier) || !inForce(entry, at)) continue
    if (entry.negative) taken += entry.rights
    else given += entry.rights
  }
  return without(ordered(new Set(given)), taken)
}

/** An owner has everything, unless an entry in her own name says less; she never loses sight and administration. */
export function ownerRights(entries: readonly AclEntry[], owner: string, at: number): Rights {
  const mine = entries.filter((entry) => entry.identifier === owner && inForce(entry, at))
  const said = mine.some((entry) => !entry.negative) ? rightsFrom(mine, new Set([owner]), at) : allRights
  const taken = mine.filter((entry) => entry.negative).map((entry) => entry.rights)
  return union(without(said, taken.join('')), 'la')
}

/**
 * What rights on an office are on each of its folders. Who manages it gives its folders to others, so could give them to
 * herself: reading is included, so that the record says what is so.
 */
export function rightsByGrant(rights: Grant['rights']): Rights {
  const change = rights.includes('act') ? without(allRights, 'a') : ''
  const read = rights.includes('read') ? 'lr' : ''
  return [change, read, rights.includes('manage') ? 'lra' : ''].reduce(union)
}

/** What the type of a mailbox leaves of anybody's rights: registers take no change, whatever is granted (design §5). */
export function withinType(type: MailboxType, rights: Rights): Rights {
  if (type === 'normal') return rights
  const left = { registerInbox: 'lrswktea', ledger: 'lra', handled: 'lra', dead: 'lrswta' }[type]
  return ordered(new Set([...rights].filter((letter) => left.includes(letter))))
}
