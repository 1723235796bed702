/**
 * The life of one session: capabilities, commands one after the other, the end. Every failure of a command is answered here and
 * nowhere else.
 */
import { ClientGone } from '#mailserver/sessions/output.ts'
import { tellCapabilities } from './commands/capability.ts'
import { commands } from './commands/table.ts'
import { maxLiteral, maxLiteralBeforeLogin, maxRefusedInARow } from './limits.ts'
import { Arguments } from './parse/arguments.ts'
import { type Read, readCommand, Unreadable } from './parse/command.ts'
import { BadSyntax, bye, no, ok, type Reply, writeReply } from './reply.ts'
import { type Session, withdrawn } from './session.ts'

/** Resolves when the session is over and its connection may be closed. Never throws. */
export async function serve(session: Session): Promise<void> {
  const { out, input, given } = session
  try {
    greet(session)
    while (!session.ending) {
      out.flush()
      await out.drained()
      const { upgrade } = session
      session.upgrade = undefined
      if (upgrade) {
        await upgrade()
        greet(session) // RFC 5804 §2.2: after TLS the capabilities are told again
        out.flush()
      }
      const read = await take(() =>
        readCommand(input, session.signedIn ? maxLiteral : maxLiteralBeforeLogin, () => {
          session.receivingSince = performance.now()
        }),
      )
      session.receivingSince = undefined
      if (read === undefined) break
      session.busy = true
      const reply = 'kind' in read ? read : await answer(session, read)
      session.busy = false
      if (reply) out.line(writeReply(reply))
      session.badInARow = reply?.kind === 'NO' ? session.badInARow + 1 : 0
      if (reply?.kind === 'BYE' || session.badInARow >= maxRefusedInARow) session.ending = true
    }
    out.flush()
    await out.drained()
  } catch (error) {
    if (!(error instanceof ClientGone)) given.log.error({ ref: session.ref, err: error }, 'session failed')
  }
}

function greet(session: Session): void {
  tellCapabilities(session)
  session.out.line(writeReply(ok(`${session.given.hostname} ManageSieve ready`)))
}

async function take(read: () => Promise<Read | undefined>): Promise<Read | Reply | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof BadSyntax) return no(error.message)
    if (error instanceof Unreadable) return bye(error.message)
    throw error
  }
}

async function answer(session: Session, { name, args }: Read): Promise<Reply | undefined> {
  const command = commands.get(name)
  if (!command) return no('Không có lệnh này. / There is no such command.')
  if (command.when === 'signed-in' && !session.signedIn) return no('Hãy đăng nhập trước. / Sign in first.')
  if (command.when === 'signed-in' && !session.mayStill) return bye(withdrawn)
  if (command.when === 'signed-out' && session.signedIn) return no('Đã đăng nhập. / Already signed in.')
  try {
    return await command.run(session, new Arguments(args))
  } catch (error) {
    if (error instanceof ClientGone) throw error
    if (error instanceof BadSyntax) return no(error.message)
    if (error instanceof Unreadable) return bye(error.message) // a response of AUTHENTICATE
    session.given.log.error({ ref: session.ref, command: name, err: error }, 'command failed')
    return no(`Lỗi máy chủ, mã ${session.ref}. / Server error, reference ${session.ref}.`, 'TRYLATER')
  }
}
