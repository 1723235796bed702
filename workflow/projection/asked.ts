/**
 * Who may answer a letter, with what, until when. A function of letter and state, so the worker that writes the letter
 * and the projection that remembers it always agree.
 */
import type { Letter } from '#kit/act/act.ts'
import type { AnyAct, Registry } from '#kit/act/registry.ts'
import type { Instant } from '#kit/directory/calls.ts'

/** design §5: 7 days unless the act says otherwise. */
const DAYS = 7

/** The acts that the letter asks for, and every other act that is the reader's turn: a new act needs no change in old letters. */
export function askedActs(registry: Registry, family: string, state: unknown, letter: Letter): AnyAct[] {
  if (letter.audience !== 'staff') return []
  const kinds = new Set(letter.asks ?? [])
  for (const { act } of registry.offers(family, state, letter.to)) kinds.add(act.kind)
  return [...kinds].flatMap((kind) => {
    const act = registry.acts.get(kind)
    return act?.reply ? [act] : []
  })
}

export function askedUntil(acts: readonly AnyAct[], at: Instant): Instant {
  const days = Math.max(...acts.map((a) => a.reply?.days ?? DAYS))
  return `${new Date(Date.parse(at) + days * 86_400_000).toISOString().slice(0, 19)}Z`
}
