import { ok, writeString } from '../reply.ts'
import { command } from './command.ts'

/** RFC 5804 §2.13: says a tag back, so that a client that lost its place finds it. */
export const noop = command({
  name: 'NOOP',
  when: 'always',
  run(_, args) {
    const tag = args.more ? args.text('a tag') : undefined
    args.end()
    return ok('Done', tag === undefined ? undefined : `TAG ${writeString(tag)}`)
  },
})
