/** ENABLE (RFC 9051 §6.3.1, RFC 5161): what is not known is ignored. */
import { maxList } from '../limits.ts'
import { Notices } from '../notices.ts'
import { BadSyntax, type Scanner } from '../parse/scanner.ts'
import { ok } from '../reply.ts'
import type { Feature } from '../session.ts'
import { command } from './command.ts'

const features: readonly Feature[] = [
  'CONDSTORE',
  'IMAP4REV2',
  'QRESYNC',
  'UTF8=ACCEPT',
  'METADATA',
  'METADATA-SERVER',
  'UIDONLY',
]
const spelling = (feature: Feature) => (feature === 'IMAP4REV2' ? 'IMAP4rev2' : feature)

function read(args: Scanner): Feature[] {
  const asked = new Set<string>()
  args.space()
  do {
    asked.add(args.word('a capability'))
    if (asked.size > maxList) throw new BadSyntax('too many capabilities')
  } while (args.maySpace() && !args.atEnd)
  args.end()
  return features.filter((each) => asked.has(each))
}

export const enable = command({
  name: 'ENABLE',
  when: 'signed-in',
  read,
  run(session, asked) {
    const fresh = asked.filter((each) => !session.enabled.has(each))
    for (const each of fresh) session.enabled.add(each)
    if (session.qresync) session.enabled.add('CONDSTORE') // RFC 7162 §3.2.3
    // RFC 5464 §4.4.2: told of others' changes from now on
    if (asked.some((each) => each.startsWith('METADATA'))) session.notices ??= new Notices(session)
    session.out.line(`* ENABLED${fresh.map((each) => ` ${spelling(each)}`).join('')}`)
    return ok('ENABLE completed')
  },
})
