import { test } from '../../check/definition.ts'
import { checkMatch, matchTags } from '../../check/match.ts'
import type { Machine } from '../machine.ts'
import { sameMailbox } from '../mailbox.ts'
import { matchAny } from '../match.ts'

type Notes = Readonly<Record<string, string>> | undefined
const noteOf = (notes: Notes, name: string): string[] => {
  const entry = name.toLowerCase() // RFC 5464 §3.2: without case
  return notes && Object.hasOwn(notes, entry) ? [notes[entry]!] : []
}
const ofMailbox = (m: Machine, path: string): Notes =>
  m.facts.mailboxes.find((box) => sameMailbox(box.path, path))?.notes

/** RFC 5490 §3.3; what is not set matches nothing. */
export const metadata = test({
  name: 'metadata',
  extension: 'mboxmetadata',
  tags: matchTags,
  positional: ['string', 'string', 'strings'],
  check: (args, c) => checkMatch(args, c, args.positional[2]),
  run(args, m) {
    const [box, name] = [m.string(args.positional[0]), m.string(args.positional[1])]
    return matchAny(args, m, noteOf(ofMailbox(m, box), name), args.positional[2]!)
  },
})

/** RFC 5490 §3.4 */
export const metadataexists = test({
  name: 'metadataexists',
  extension: 'mboxmetadata',
  positional: ['string', 'strings'],
  run(args, m) {
    const notes = ofMailbox(m, m.string(args.positional[0]))
    return m.strings(args.positional[1]).every((name) => noteOf(notes, name).length > 0)
  },
})

/** RFC 5490 §3.5 */
export const servermetadata = test({
  name: 'servermetadata',
  extension: 'servermetadata',
  tags: matchTags,
  positional: ['string', 'strings'],
  check: (args, c) => checkMatch(args, c, args.positional[1]),
  run: (args, m) => matchAny(args, m, noteOf(m.facts.serverNotes, m.string(args.positional[0])), args.positional[1]!),
})

/** RFC 5490 §3.6 */
export const servermetadataexists = test({
  name: 'servermetadataexists',
  extension: 'servermetadata',
  positional: ['strings'],
  run: (args, m) => m.strings(args.positional[0]).every((name) => noteOf(m.facts.serverNotes, name).length > 0),
})
