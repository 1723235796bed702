/** What a command is: one file each in this folder, listed in table.ts. */
import type { Admission } from '../parse/command.ts'
import type { Scanner } from '../parse/scanner.ts'
import type { Reply } from '../reply.ts'
import type { Session } from '../session.ts'

export type Command<A> = {
  name: string
  /** RFC 9051 §3; `selected` is the narrowest */
  when: 'always' | 'before-login' | 'signed-in' | 'selected'
  /** Text to value: pure, no store and no session. @throws BadSyntax */
  read(args: Scanner): A
  /** @throws No, BadSyntax, Refusal: answered NO or BAD; anything else is our fault and is logged */
  run(session: Session, args: A, tag: string): Reply | Promise<Reply>
  /** takes or gives sequence numbers: no EXPUNGE before the reply (RFC 9051 §7.5.1), and nothing for clients with UIDONLY (RFC 9586) */
  byNumber?: true
  /** and yet changes of numbers are told before its reply */
  expunges?: true
  /** Says whether the literal about to come may be a message; only commands that take messages have it. */
  admit?(session: Session, soFar: Scanner, octets: number): Promise<Admission | undefined>
}

/** For the table, which holds commands of all argument types. */
export type AnyCommand = Command<unknown>
export const command = <A>(given: Command<A>): AnyCommand => given as AnyCommand

/** For commands without arguments. */
export const nothing = (args: Scanner): undefined => {
  args.maySpace()
  args.end()
  return undefined
}
