import { action } from '../../check/definition.ts'
import { quote } from '../../parse/fault.ts'
import { constantOf } from '../../parse/template.ts'
import { RunFault } from '../facts.ts'
import { withFlags } from '../file.ts'
import { isMailboxPath, mailboxPath, sameMailbox } from '../mailbox.ts'

/**
 * RFC 5228 §4.1, with :copy (RFC 3894), :flags (RFC 5232), :create (RFC 5490) and :specialuse (RFC 8579). A mailbox that is
 * missing and not to be created is INBOX instead: the letter must be found.
 */
export const fileinto = action({
  name: 'fileinto',
  extension: 'fileinto',
  tags: {
    copy: { extension: 'copy' },
    flags: { extension: 'imap4flags', takes: 'strings' },
    create: { extension: 'mailbox' },
    specialuse: { extension: 'special-use', takes: 'string' },
  },
  positional: ['string'],
  check(args, c) {
    const [name] = args.positional
    const said = name?.kind === 'strings' ? constantOf(name.values[0]!) : undefined
    if (said !== undefined && !isMailboxPath(said))
      c.fault(name!.at, `${quote(said)} không phải tên thư mục`, `${quote(said)} is no name of a mailbox`)
  },
  run(args, m) {
    const path = mailboxPath(m.string(args.positional[0]))
    if (!isMailboxPath(path))
      throw new RunFault(args.at, `${quote(path)} không phải tên thư mục`, `${quote(path)} is no name of a mailbox`)
    if (!args.tags.has('copy')) m.implicitKeep = false
    const use = m.string(args.tags.get('specialuse')?.value).toLowerCase()
    const special = use === '' ? undefined : m.facts.mailboxes.find((b) => b.specialUse?.toLowerCase() === use)?.path
    const create = args.tags.has('create')
    const there = m.facts.mailboxes.some((b) => sameMailbox(b.path, path))
    withFlags(args, m, {
      mailbox: special ?? (there || create ? path : 'INBOX'),
      create: create && special === undefined,
    })
  },
})
