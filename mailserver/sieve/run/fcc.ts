/** :fcc (RFC 8580): a copy of what an action sends is filed in a mailbox of the owner's, as fileinto would file it. */
import type { Checker } from '../check/checker.ts'
import type { Args, TagSpec } from '../check/definition.ts'
import { quote } from '../parse/fault.ts'
import { constantOf } from '../parse/template.ts'
import { type Fcc, RunFault } from './facts.ts'
import { placeOf } from './file.ts'
import { flagsOf } from './flags.ts'
import type { Machine } from './machine.ts'
import { isMailboxPath, mailboxPath } from './mailbox.ts'

export const placeTags: Readonly<Record<string, TagSpec>> = {
  create: { extension: 'mailbox' },
  specialuse: { extension: 'special-use', takes: 'string' },
  mailboxid: { extension: 'mailboxid', takes: 'string' },
}
export const fccTags: Readonly<Record<string, TagSpec>> = {
  fcc: { extension: 'fcc', takes: 'string' },
  flags: { extension: 'imap4flags', takes: 'strings' },
  ...placeTags,
}

export function checkFcc(args: Args, c: Checker): void {
  const fcc = args.tags.get('fcc')
  const said = fcc?.value?.kind === 'strings' ? constantOf(fcc.value.values[0]!) : undefined
  if (fcc && said !== undefined && !isMailboxPath(said))
    c.fault(fcc.at, `${quote(said)} không phải tên thư mục`, `${quote(said)} is no name of a mailbox`)
  if (fcc) return
  for (const tag of ['flags', ...Object.keys(placeTags)]) {
    const given = args.tags.get(tag)
    if (given) c.fault(given.at, `:${tag} cần có :fcc`, `:${tag} needs :fcc`)
  }
}

/** @throws RunFault */
export function fccOf(args: Args, m: Machine): Fcc | undefined {
  const fcc = args.tags.get('fcc')
  if (!fcc) return undefined
  const path = mailboxPath(m.string(fcc.value))
  if (!isMailboxPath(path))
    throw new RunFault(args.at, `${quote(path)} không phải tên thư mục`, `${quote(path)} is no name of a mailbox`)
  const flags = args.tags.get('flags')?.value
  return { ...placeOf(args, m, path), flags: flags ? flagsOf(m.strings(flags)) : [] }
}
