import { action } from '../../check/definition.ts'
import { quote } from '../../parse/fault.ts'
import { constantOf } from '../../parse/template.ts'
import { RunFault } from '../facts.ts'
import { placeTags } from '../fcc.ts'
import { placeOf, withFlags } from '../file.ts'
import { isMailboxPath, mailboxPath } from '../mailbox.ts'

/**
 * RFC 5228 §4.1, with :copy (RFC 3894), :flags (RFC 5232), :create (RFC 5490), :specialuse (RFC 8579) and :mailboxid (RFC 9042). A mailbox that is
 * missing and not to be created is INBOX instead: the letter must be found.
 */
export const fileinto = action({
  name: 'fileinto',
  extension: 'fileinto',
  tags: {
    copy: { extension: 'copy' },
    flags: { extension: 'imap4flags', takes: 'strings' },
    ...placeTags,
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
    withFlags(args, m, placeOf(args, m, path))
  },
})
