import { call } from '../call.ts'
import { object, text } from '../input.ts'
import { setQueued } from '../queued.ts'

/** The row stays in the list as failed; its sender gets no report, since an administrator decided it. */
export default call<'queue.drop', { id: string }>({
  may: ['cli', 'desk'],
  input: () => object({ id: text(20) }),
  run: (context, { id }) => setQueued(context, id, { state: 'failed' }),
})
