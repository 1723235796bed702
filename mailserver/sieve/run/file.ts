import type { Args } from '../check/definition.ts'
import { flagsOf } from './flags.ts'
import type { Machine } from './machine.ts'
import { sameMailbox } from './mailbox.ts'

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
