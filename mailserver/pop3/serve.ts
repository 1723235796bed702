/**
 * The life of one session: greeting, commands one after the other, the end. Every failure of a command is answered here and
 * nowhere else; what is ours is `-ERR [SYS/TEMP]` with the session's reference, which is in the log.
 */
import { ClientGone } from '#mailserver/sessions/output.ts'
import { MessageGone } from '#mailserver/store/port.ts'
import type { AnyCommand } from './commands/command.ts'
import { commands } from './commands/table.ts'
import { maxLine, maxRefusedInARow } from './limits.ts'
import { readLine } from './parse/command.ts'
import { err, ok, Refused, type Reply, sentences, writeReply } from './reply.ts'
import type { Session } from './session.ts'

/** Resolves when the session is over and its connection may be closed. Never throws. */
export async function serve(session: Session): Promise<void> {
  const { out, given } = session
  try {
    say(session, ok(`${given.hostname} POP3 ready`))
    while (!session.ending) {
      // Answers to commands that came together go together (RFC 2449 §6.6).
      if (!session.input.lineWaiting || session.upgrade) out.flush()
      await out.drained()
      const upgrade = session.upgrade
      session.upgrade = undefined
      await upgrade?.()
      const line = await session.input.line(maxLine)
      if (line === undefined) break
      session.busy = true
      await answer(session, line)
      session.busy = false
    }
    out.flush()
    await out.drained()
  } catch (error) {
    if (!(error instanceof ClientGone)) given.log.error({ ref: session.ref, err: error }, 'session failed')
  } finally {
    void session.release?.()
    given.log.debug(
      { ref: session.ref, octets: out.octets, account: session.signedIn?.account.address },
      'session ended',
    )
  }
}

async function answer(session: Session, line: Buffer | 'too-long'): Promise<void> {
  session.startSlice()
  if (line === 'too-long') {
    session.ending = true
    return say(session, err('the line is too long'))
  }
  let reply: Reply | undefined
  let name = ''
  try {
    const read = readLine(line)
    name = read.name
    const command = commands.get(name)
    mayRun(session, command)
    reply = await command.run(session, command.read(read.args))
  } catch (error) {
    reply = explain(session, error, name)
  }
  session.midAnswer = false
  if (reply) say(session, reply)
  session.badInARow = reply && !reply.ok ? session.badInARow + 1 : 0
  if (session.badInARow >= maxRefusedInARow) session.ending = true
}

function mayRun(session: Session, command: AnyCommand | undefined): asserts command is AnyCommand {
  if (!command) throw new Refused('there is no such command')
  if (command.when === 'authorization' && session.drop) throw new Refused('already signed in')
  if (command.when === 'transaction' && !session.drop) throw new Refused('sign in first')
}

function explain(session: Session, error: unknown, command: string): Reply {
  if (error instanceof ClientGone) throw error
  if (session.midAnswer) {
    session.given.log.warn({ ref: session.ref, command, err: error }, 'session ends in the middle of an answer')
    throw new ClientGone()
  }
  if (error instanceof Refused) return error.reply
  if (error instanceof MessageGone) return err(sentences.gone)
  session.given.log.error({ ref: session.ref, command, err: error }, 'command failed')
  return err({ vi: `Lỗi máy chủ, mã ${session.ref}.`, en: `Server error, reference ${session.ref}.` }, 'SYS/TEMP')
}

function say(session: Session, reply: Reply): void {
  session.out.line(writeReply(reply, session.language))
}
