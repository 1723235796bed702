import { call } from '../call.ts'
import { object, text } from '../input.ts'
import { setQueued } from '../queued.ts'

export default call<'queue.retry', { id: string }>({
  may: ['cli', 'desk'],
  input: () => object({ id: text(20) }),
  run: (context, { id }) => setQueued(context, id, { state: 'waiting', nextAt: context.now() }),
})
