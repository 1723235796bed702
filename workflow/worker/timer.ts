/**
 * Time passes by commands: what is due is sent by the register to itself, with a Message-ID that follows from the occasion.
 * Several workers may send the same; submission and ledger know it again.
 */
import { familyName, type Registry } from '#kit/act/registry.ts'
import type { Address, Directory } from '#kit/directory/calls.ts'
import type { Log } from '#kit/log.ts'
import type { MailAccess } from '#kit/mail/connection.ts'
import { submit } from '#kit/mail/submit.ts'
import { letterBodies } from '#kit/message/markup.ts'
import { writeTimerCommand } from '#kit/message/write.ts'
import type { Projection } from '../projection/projection.ts'
import type { Clock } from './clock.ts'

/** A morning after a long holiday has some hundred late steps; the rest waits for the next look. */
const MAX_AT_ONCE = 200

export type TimerGiven = {
  register: Address
  registry: Registry
  directory: Pick<Directory, 'ledger.outcome'>
  projection: Projection
  /** asked for only when there is something to send */
  access: () => Promise<MailAccess>
  clock: Clock
  log: Log
}

/** @returns how many commands were sent */
export async function submitTimed(given: TimerGiven): Promise<number> {
  const { register, registry, directory, projection, access, clock } = given
  const now = clock()
  let sent = 0
  const all = projection.timed(now, MAX_AT_ONCE)
  // after a standstill a step may be due for a reminder and late as well: only the last of it is worth sending
  const latest = new Map(all.map((due) => [`${due.case} ${due.key}`, due]))
  for (const due of latest.values()) {
    const act = registry.acts.get(due.act)
    if (act?.by !== 'timer')
      throw new Error(`the family ${familyName(due.act)} asks the timer for ${due.act}, which is no act of a timer`)
    const id = timedId(due, register)
    const { outcome } = await directory['ledger.outcome']({ ledger: register, command: id })
    if (outcome) continue // sent before, and refused or not applied here yet
    const raw = await writeTimerCommand(
      {
        from: { address: register },
        to: [{ address: register }],
        subject: `${act.title}: ${due.case}`,
        messageId: id,
        // the same octets whoever sends it, and whenever: submission then takes a repeat for the first
        date: new Date(due.at),
      },
      letterBodies({ agency: register, paragraphs: [`${act.title}: hồ sơ ${due.case}.`] }),
      { kind: act.kind, v: act.v, case: due.case, saw: due.changed, data: due.data },
    )
    await submit(await access(), { from: register, to: [register], raw })
    sent++
  }
  return sent
}

export function timedId(due: { act: string; case: string; key: string }, register: Address): string {
  return `timer.${due.act}.${due.case}.${due.key}${register.slice(register.lastIndexOf('@'))}`.toLowerCase()
}
