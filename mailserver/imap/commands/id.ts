/** ID (RFC 2971): who we are; what the client says of itself goes to the log. */
import { maxList } from '../limits.ts'
import type { Scanner } from '../parse/scanner.ts'
import { ok } from '../reply.ts'
import { command } from './command.ts'

/** RFC 2971 §3.3: at most 30 pairs */
const maxPairs = 60

function read(args: Scanner): Record<string, string> {
  args.space()
  const said: [string, string][] = []
  if (args.atList) {
    const all = args.list(() => args.nstring()?.toString('utf8').slice(0, 200) ?? '', {
      max: Math.min(maxPairs, maxList),
    })
    for (let i = 0; i + 1 < all.length; i += 2) said.push([all[i]!.toLowerCase(), all[i + 1]!])
  } else args.nstring()
  args.end()
  // Only these names are of use; a client may not invent fields of our log.
  return Object.fromEntries(said.filter(([name]) => ['name', 'version', 'os', 'vendor'].includes(name)))
}

export const id = command({
  name: 'ID',
  when: 'always',
  read,
  run(session, said) {
    const program = [said['name'], said['version']].filter(Boolean).join(' ')
    if (program) session.program = program
    session.given.log.debug({ ref: session.ref, client: said }, 'client names itself')
    session.out.line('* ID ("name" "Cong So" "vendor" "Cong So" "support-url" NIL)')
    return ok('ID completed')
  },
})
