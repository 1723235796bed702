import { test } from '../../check/definition.ts'
import { isExtension } from '../../check/extensions.ts'

/** RFC 5463 */
export const ihave = test({
  name: 'ihave',
  extension: 'ihave',
  positional: ['strings'],
  run: (args, m) => m.strings(args.positional[0]).every(isExtension),
})
