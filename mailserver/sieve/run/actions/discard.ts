import { action } from '../../check/definition.ts'

/** RFC 5228 §4.4: takes back the implicit keep, and nothing else. */
export const discard = action({
  name: 'discard',
  run(_, m) {
    m.implicitKeep = false
  },
})
