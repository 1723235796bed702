import { call } from '../call.ts'
import { object, text, yesNo } from '../input.ts'
import { setQueued } from '../queued.ts'

export default call<'queue.hold', { id: string; hold: boolean }>({
  may: ['cli', 'desk'],
  input: () => object({ id: text(20), hold: yesNo }),
  run: (context, { id, hold }) =>
    setQueued(context, id, hold ? { state: 'held' } : { state: 'waiting', nextAt: context.now() }),
})
