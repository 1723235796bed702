/**
 * What became of a file: `read`; `cut`, read up to a limit; `none`, of a kind that holds no text; or why it could not be read.
 * `too-slow` and `too-much` are said by who killed the reading process.
 */
export const fileStates = ['read', 'cut', 'none', 'locked', 'broken', 'too-large', 'too-slow', 'too-much'] as const
export type FileState = (typeof fileStates)[number]

/** The file's own fault; it is noted and not tried again. */
export class Unreadable extends Error {
  override name = 'Unreadable'
  readonly state: FileState
  constructor(state: FileState, why: string) {
    super(why)
    this.state = state
  }
}
