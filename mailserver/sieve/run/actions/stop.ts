import { action } from '../../check/definition.ts'

/** RFC 5228 §3.3: ends everything, included scripts and those that include them. */
export const stop = action({ name: 'stop', run: () => 'stop' })
