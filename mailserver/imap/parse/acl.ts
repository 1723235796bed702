/** Arguments of SETACL, DELETEACL and LISTRIGHTS (RFC 4314 §3) as values. */
import { type Rights, readRights } from '#mailserver/sharing/rights.ts'
import { BadSyntax, type Scanner, utf8 } from './scanner.ts'

/** RFC 5321 §4.5.3.1.3 with a long UTF-8 local part, and the sign of a negative one */
const maxIdentifier = 401

/** `negative`: written with "-" in front (RFC 4314 §2) */
export type Identifier = { text: string; negative: boolean }
export type SetAcl = {
  mailbox: Buffer
  identifier: Identifier
  change: { op: 'set' | 'add' | 'remove'; rights: Rights }
}

export function readIdentifier(args: Scanner): Identifier {
  args.space()
  const text = utf8(args.astring('an identifier'), 'an identifier')
  if (text === '' || text === '-' || text.length > maxIdentifier) throw new BadSyntax('this is no identifier')
  return text.startsWith('-') ? { text: text.slice(1), negative: true } : { text, negative: false }
}

export function readOfMailbox(args: Scanner): { mailbox: Buffer; identifier: Identifier } {
  args.space()
  const mailbox = args.astring('a mailbox name')
  const identifier = readIdentifier(args)
  args.maySpace()
  args.end()
  return { mailbox, identifier }
}

export function readSetAcl(args: Scanner): SetAcl {
  args.space()
  const mailbox = args.astring('a mailbox name')
  const identifier = readIdentifier(args)
  args.space()
  const text = args.astring('rights').toString('latin1')
  args.maySpace()
  args.end()
  const sign = text.startsWith('+') ? 'add' : text.startsWith('-') ? 'remove' : 'set'
  const rights = readRights(sign === 'set' ? text : text.slice(1))
  // RFC 4314 §3.1: unknown rights and capitals are BAD
  if (rights === undefined) throw new BadSyntax('there is no such right')
  return { mailbox, identifier, change: { op: sign, rights } }
}
