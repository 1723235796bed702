/** What a command is: one file each in this folder, listed in table.ts. */
import type { Arguments } from '../parse/arguments.ts'
import type { Reply } from '../reply.ts'
import type { Session } from '../session.ts'

export type Command = {
  name: string
  when: 'always' | 'signed-out' | 'signed-in'
  /**
   * Writes what comes before the answer, and returns the answer.
   * @throws BadSyntax: answered NO; anything else is our fault and is logged
   */
  run(session: Session, args: Arguments): Reply | undefined | Promise<Reply | undefined>
}
export const command = (given: Command): Command => given
