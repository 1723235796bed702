/** CANCELUPDATE (RFC 5267 §4.4): searches, by their tags, of which nothing more is told. */
import { maxContexts } from '../limits.ts'
import { BadSyntax, type Scanner } from '../parse/scanner.ts'
import { ok } from '../reply.ts'
import { command } from './command.ts'

function read(args: Scanner): string[] {
  const tags: string[] = []
  args.space()
  do {
    if (!args.is('"')) throw new BadSyntax('a tag stands in quotes here')
    tags.push(args.string().toString('latin1'))
    if (tags.length > 10 * maxContexts) throw new BadSyntax('too many tags')
  } while (args.maySpace() && !args.atEnd)
  args.end()
  return tags
}

export const cancelUpdate = command({
  name: 'CANCELUPDATE',
  when: 'selected',
  read,
  run(session, tags) {
    // one that ended by itself ([NOUPDATE]) may be named too
    for (const tag of tags) session.selected.contexts.delete(tag)
    return ok('CANCELUPDATE completed')
  },
})
