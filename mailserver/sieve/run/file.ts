import type { Args } from '../check/definition.ts'
import { flagsOf } from './flags.ts'
import type { Machine } from './machine.ts'
import { sameMailbox } from './mailbox.ts'

/** Where :mailboxid (RFC 9042), then :specialuse (RFC 8579), then the name lead; a mailbox that is missing and not to be created is INBOX. */
export function placeOf(args: Args, m: Machine, path: string): { mailbox: string; create: boolean } {
  const { mailboxes } = m.facts
  const asked = (tag: string) => m.string(args.tags.get(tag)?.value)
  const [id, use] = [asked('mailboxid'), asked('specialuse').toLowerCase()]
  const found =
    (id === '' ? undefined : mailboxes.find((box) => box.id === id)) ??
    (use === '' ? undefined : mailboxes.find((box) => box.specialUse?.toLowerCase() === use))
  if (found) return { mailbox: found.path, create: false }
  const create = args.tags.has('create')
  const there = mailboxes.some((box) => sameMailbox(box.path, path))
  return { mailbox: there || create ? path : 'INBOX', create }
}

/** Records one copy; the same mailbox twice is one copy with the flags of both (RFC 5228 §2.10.3). */
export function withFlags(args: Args, m: Machine, to: { mailbox: string; create: boolean; specialUse?: string }): void {
  const given = args.tags.get('flags')?.value
  const flags = given ? flagsOf(m.strings(given)) : [...m.flags]
  const header = m.header.edit()
  const before = m.acts.findIndex((a) => a.kind === 'file' && sameMailbox(a.mailbox, to.mailbox))
  const act = { kind: 'file' as const, ...to, flags, ...(header ? { header } : {}) }
  const earlier = m.acts[before]
  if (earlier?.kind === 'file') m.acts[before] = { ...earlier, flags: flagsOf([...earlier.flags, ...flags]) }
  else m.act(args.at, act)
}
