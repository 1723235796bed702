/** IDLE (RFC 9051 §6.3.13): changes are told as they come, until DONE. */

import { ClientGone } from '#mailserver/sessions/output.ts'
import { bad, ok } from '../reply.ts'
import { tellUntil } from '../waiting.ts'
import { command, nothing } from './command.ts'

/** "DONE" and what a slip of the keyboard may add to it. */
const maxDone = 100

export const idle = command({
  name: 'IDLE',
  when: 'signed-in',
  read: nothing,
  async run(session) {
    session.out.line('+ idling')
    let line: Buffer | 'too-long' | undefined
    try {
      line = await tellUntil(session, session.input.line(maxDone), () => true)
    } catch (error) {
      session.ending = true // a line may still be waited for: nobody could read the next command
      throw error
    }
    session.busy = true
    if (line === undefined) throw new ClientGone()
    if (line !== 'too-long' && line.toString('latin1').trim().toUpperCase() === 'DONE') return ok('IDLE completed')
    session.ending = line === 'too-long'
    return bad('IDLE ends with DONE')
  },
})
