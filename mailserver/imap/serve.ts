/**
 * The life of one session: greeting, commands one after the other, the end. Every failure of a command is
 * answered here and nowhere else: NO, BAD, or NO [SERVERBUG] with the session's reference, which is in the log.
 */
import { Refusal } from '#kit/refusal.ts'
import { isDiskFull } from '#kit/store/diskfull.ts'
import { countImap } from '#mailserver/metrics/counters.ts'
import { ClientGone } from '#mailserver/sessions/output.ts'
import { capabilities } from './commands/capability.ts'
import type { AnyCommand } from './commands/command.ts'
import { commands } from './commands/table.ts'
import { maxBadInARow } from './limits.ts'
import { type ReadingRules, type Received, readCommand } from './parse/command.ts'
import { BadSyntax, UidRequired } from './parse/scanner.ts'
import { bad, No, no, type Reply, sentences, writeReply } from './reply.ts'
import type { Session } from './session.ts'
import { tell } from './tell.ts'
import { tellUntil } from './waiting.ts'

/** Resolves when the session is over and its connection may be closed. Never throws. */
export async function serve(session: Session): Promise<void> {
  const { out, given } = session
  try {
    out.line(`* OK [CAPABILITY ${capabilities(session)}] ${given.hostname} ready`)
    const rules = rulesOf(session)
    while (!session.ending) {
      out.flush()
      await out.drained()
      const upgrade = session.upgrade
      session.upgrade = undefined
      await upgrade?.()
      const reading = readCommand(session.input, rules)
      const received = session.notices?.pushes
        ? await tellUntil(session, reading, () => !session.notices?.selected?.delayed)
        : await reading
      session.receivingSince = undefined
      if (received.kind === 'gone') break
      session.busy = true
      await answer(session, received)
      session.busy = false
    }
    out.flush()
    await out.drained()
  } catch (error) {
    if (!(error instanceof ClientGone)) given.log.error({ ref: session.ref, err: error }, 'session failed')
  } finally {
    session.unselect()
    given.listeners.drop(session)
    given.log.debug(
      { ref: session.ref, octets: out.octets, account: session.signedIn?.account.address },
      'session ended',
    )
  }
}

/** Signed in or not is asked at each command, so one object serves the whole session. */
const rulesOf = (session: Session): ReadingRules => ({
  get signedIn() {
    return session.signedIn !== undefined
  },
  async admit(name, soFar, octets) {
    session.receivingSince ??= performance.now()
    return commands.get(name)?.admit?.(session, soFar, octets)
  },
  async goAhead() {
    await session.telling
    session.out.line('+ go ahead')
    session.out.flush()
    await session.out.drained()
  },
})

async function answer(session: Session, received: Exclude<Received, { kind: 'gone' }>): Promise<void> {
  const { out } = session
  if (received.kind !== 'command') {
    if (received.kind === 'bad') {
      out.line(`${received.tag} BAD ${received.text}`)
      tooManyBad(session)
      if (received.close && !session.ending) {
        session.ending = true
        out.line('* BYE cannot find the next command')
      }
    } else out.line(`${received.tag} ${received.reply}`)
    return
  }
  const command = commands.get(received.name)
  countImap(received.name)
  session.startSlice()
  let reply: Reply
  try {
    reply = wrongState(session, command) ?? (await command!.run(session, command!.read(received.args), received.tag))
    session.badInARow = reply.status === 'BAD' ? session.badInARow : 0
  } catch (error) {
    reply = explain(session, error, received.name)
  } finally {
    received.release?.()
  }
  // Under RFC 9051 §7.5.1 numbers must keep their meaning while a command that uses them runs.
  await tell(session, {
    expunge: !command?.byNumber || command.expunges === true,
    asked: asksForChanges.has(received.name),
  })
  out.line(`${received.tag} ${writeReply(reply)}`)
  if (reply.status === 'BAD') tooManyBad(session)
}

/** Commands whose answer is, or includes, what has changed in the selected mailbox, whatever NOTIFY says of events. */
const asksForChanges: ReadonlySet<string> = new Set(
  ['NOOP', 'CHECK', 'EXPUNGE', 'MOVE', 'REPLACE'].flatMap((name) => [name, `UID${name}`, `UID ${name}`]),
)

function wrongState(session: Session, command: AnyCommand | undefined): Reply | undefined {
  if (!command) return bad('there is no such command')
  if (command.when === 'before-login' && session.signedIn) return bad('already signed in')
  if (command.when !== 'always' && command.when !== 'before-login' && !session.signedIn) return bad('sign in first')
  if (command.when === 'selected' && !session.view) return bad('no mailbox is selected')
  if (command.byNumber && session.uidOnly) throw new UidRequired()
  return undefined
}

function explain(session: Session, error: unknown, command: string): Reply {
  if (session.midLine && !(error instanceof ClientGone)) {
    session.given.log.warn({ ref: session.ref, command, err: error }, 'session ends in the middle of an answer')
    throw new ClientGone()
  }
  if (error instanceof BadSyntax) return bad(error.message, error.code)
  if (error instanceof No) return error.reply
  if (error instanceof ClientGone) throw error
  if (error instanceof Refusal) return no(undefined, error.advice || error.message)
  if (error instanceof RangeError) return no('CANNOT', error.message) // a limit of the store: keywords, names
  if (isDiskFull(error)) {
    session.given.log.error({ ref: session.ref, command, why: (error as Error).message }, 'the disk is full')
    return no('UNAVAILABLE', sentences.diskFull)
  }
  session.given.log.error({ ref: session.ref, command, err: error }, 'command failed')
  return no('SERVERBUG', `Lỗi máy chủ, mã ${session.ref}. / Server error, reference ${session.ref}.`)
}

function tooManyBad(session: Session): void {
  if (++session.badInARow < maxBadInARow || session.ending) return
  session.ending = true
  session.out.line('* BYE this is no IMAP client')
}
