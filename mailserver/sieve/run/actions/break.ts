import { action } from '../../check/definition.ts'
import { wordOf } from '../../check/match.ts'
import { quote } from '../../parse/fault.ts'

/** RFC 5703 §3.2: ends the loop, or with :name that one and those inside it. */
export const breakLoop = action({
  name: 'break',
  extension: 'foreverypart',
  tags: { name: { takes: 'string' } },
  check(args, c) {
    const name = args.tags.get('name')
    const said = wordOf(name?.value)
    if (c.loops.length === 0)
      c.fault(args.at, 'break chỉ dùng trong foreverypart', 'break stands inside foreverypart only')
    else if (name && !c.loops.some((loop) => loop !== undefined && loop === said))
      c.fault(
        name.at,
        `không có vòng foreverypart ${quote(said ?? '')} ở ngoài`,
        `there is no loop ${quote(said ?? '')} around it`,
      )
  },
  run(args, m) {
    m.breaking = wordOf(args.tags.get('name')?.value)
    return 'break'
  },
})
