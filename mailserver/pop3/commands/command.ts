/** What a command is: one file each in this folder, listed in table.ts. */
import type { Reply } from '../reply.ts'
import type { Session } from '../session.ts'

export type Command<A> = {
  name: string
  /** RFC 1939 §3 */
  when: 'always' | 'authorization' | 'transaction'
  /** Text to value: pure, no store and no session. @throws Refused */
  read(args: string): A
  /**
   * @returns the answer's one line; undefined when the command has written all of its answer itself
   * @throws Refused, MessageGone: answered -ERR; anything else is our fault and is logged
   */
  run(session: Session, args: A): Reply | undefined | Promise<Reply | undefined>
}

/** For the table, which holds commands of all argument types. */
export type AnyCommand = Command<unknown>
export const command = <A>(given: Command<A>): AnyCommand => given as AnyCommand
