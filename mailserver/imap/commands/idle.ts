/** IDLE (RFC 9051 §6.3.13): changes are told as they come, until DONE. */

import { ClientGone } from '#mailserver/sessions/output.ts'
import { announce } from '../announce.ts'
import { bad, ok, type Reply } from '../reply.ts'
import type { Session } from '../session.ts'
import { command, nothing } from './command.ts'

/** "DONE" and what a slip of the keyboard may add to it. */
const maxDone = 100

export const idle = command({
  name: 'IDLE',
  when: 'signed-in',
  read: nothing,
  async run(session) {
    session.out.line('+ idling')
    try {
      return await idleUntilDone(session)
    } catch (error) {
      session.ending = true // a line may still be waited for: nobody could read the next command
      throw error
    } finally {
      if (session.view) session.view.wake = undefined
    }
  },
})

async function idleUntilDone(session: Session): Promise<Reply> {
  const { out, view } = session
  let read: { line: Buffer | 'too-long' | undefined } | undefined
  let wake = () => {}
  void session.input.line(maxDone).then((line) => {
    read = { line }
    wake()
  })
  if (view) view.wake = () => wake()
  for (;;) {
    await announce(session, { expunge: true })
    out.flush()
    session.busy = false
    if (session.ending) throw new ClientGone()
    await new Promise<void>((resolve) => {
      wake = resolve
      if (read || view?.dirty) resolve()
    })
    session.busy = true
    if (read) break
    await session.settle() // several changes of one moment are told together
  }
  const { line } = read
  if (line === undefined) throw new ClientGone()
  if (line !== 'too-long' && line.toString('latin1').trim().toUpperCase() === 'DONE') return ok('IDLE completed')
  session.ending = line === 'too-long'
  return bad('IDLE ends with DONE')
}
