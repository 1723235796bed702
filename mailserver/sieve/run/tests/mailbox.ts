import { test } from '../../check/definition.ts'
import { sameMailbox } from '../mailbox.ts'

/** RFC 5490 §3.1: all of them exist, and mail can be put into them. */
export const mailboxexists = test({
  name: 'mailboxexists',
  extension: 'mailbox',
  positional: ['strings'],
  run: (args, m) =>
    m.strings(args.positional[0]).every((name) => m.facts.mailboxes.some((b) => sameMailbox(b.path, name))),
})

/** RFC 9042 §4 */
export const mailboxidexists = test({
  name: 'mailboxidexists',
  extension: 'mailboxid',
  positional: ['strings'],
  run: (args, m) => m.strings(args.positional[0]).every((id) => m.facts.mailboxes.some((b) => b.id === id)),
})

/** RFC 8579 §3 */
export const specialuseExists = test({
  name: 'specialuse_exists',
  extension: 'special-use',
  positional: ['string', 'strings'],
  firstOptional: true,
  run(args, m) {
    const [box, uses] = args.positional.length === 2 ? args.positional : [undefined, args.positional[0]]
    const name = box && m.string(box)
    return m
      .strings(uses)
      .every((use) =>
        m.facts.mailboxes.some(
          (b) => b.specialUse?.toLowerCase() === use.toLowerCase() && (name === undefined || sameMailbox(b.path, name)),
        ),
      )
  },
})
