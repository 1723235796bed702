import { dropIfUnheld, takeContent } from '../contents.ts'
import { deliverTo } from '../deliveries.ts'
import type { Handler } from '../tx.ts'

export const deliver: Handler<'deliver'> = (tx, { content, recipients, handover, at }) => {
  const id = takeContent(tx, content)
  const results = deliverTo(tx, id, content.size, recipients, at, handover)
  dropIfUnheld(tx, id)
  return { out: { results } }
}
