import { call } from '../call.ts'
import { object } from '../input.ts'

export default call<'usage', object>({
  may: ['cli', 'desk'],
  input: () => object({}),
  run: ({ store, connections }) => ({
    ...store.read.totals(),
    filesWaiting: store.read.filesBacklog(),
    queue: store.read.queueCounts(),
    connections: connections(),
  }),
})
