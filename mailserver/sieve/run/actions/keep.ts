import { action } from '../../check/definition.ts'
import { withFlags } from '../file.ts'

/** RFC 5228 §4.3 */
export const keep = action({
  name: 'keep',
  tags: { flags: { extension: 'imap4flags', takes: 'strings' } },
  run(args, m) {
    m.implicitKeep = false
    withFlags(args, m, { mailbox: 'INBOX', create: false })
  },
})
