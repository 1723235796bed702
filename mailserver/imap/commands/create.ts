/** CREATE (RFC 9051 §6.3.4), with the USE parameter of RFC 6154 §3. */

import { mailboxId } from '#mailserver/store/mailboxid.ts'
import { type SpecialUse, specialUses } from '#mailserver/store/port.ts'
import { maxMailboxes } from '../limits.ts'
import { BadSyntax, type Scanner } from '../parse/scanner.ts'
import { locateNew } from '../places.ts'
import { No, ok, sentences } from '../reply.ts'
import { command } from './command.ts'

function read(args: Scanner): { name: Buffer; use: string[] } {
  args.space()
  const name = args.astring('a mailbox name')
  let use: string[] = []
  if (args.maySpace() && !args.atEnd) {
    args.expect('(')
    if (args.word('USE') !== 'USE') throw new BadSyntax('CREATE knows the parameter USE only')
    args.space()
    use = args.list(() => args.flag())
    args.expect(')')
  }
  args.end()
  return { name, use }
}

export const create = command({
  name: 'CREATE',
  when: 'signed-in',
  read,
  async run(session, asked) {
    const place = locateNew(session, asked.name)
    const { store } = session.given
    if (asked.use.length > 1) throw new No('USEATTR', 'a mailbox has one special use')
    const use = specialUses.find((each): each is SpecialUse => each.toLowerCase() === asked.use[0]?.toLowerCase())
    const all = store.read.mailboxes(place.account.id)
    if (asked.use.length && (!use || all.some((each) => each.specialUse === use)))
      throw new No('USEATTR', 'this special use is not free')
    if (all.length >= maxMailboxes) throw new No('LIMIT', `an account may have ${maxMailboxes} mailboxes`)
    const made = await store.write('createMailbox', {
      account: place.account.id,
      path: place.path,
      ...(use ? { specialUse: use } : {}),
    })
    if ('refused' in made)
      throw made.refused === 'exists'
        ? new No('ALREADYEXISTS', sentences.exists)
        : new No('CANNOT', sentences.appendOnly)
    return ok('CREATE completed', `MAILBOXID (${mailboxId(made.mailbox.id)})`)
  },
})
