import type { Handler } from '../tx.ts'
import { addAll } from './appendAll.ts'

export const append: Handler<'append'> = (tx, { content, flags, internalDate, ...job }) => {
  const done = addAll(tx, { ...job, messages: [{ content, flags, internalDate }] })
  if (!('refused' in done)) return { out: { uid: done.uids[0]!, uidValidity: done.uidValidity } }
  if (done.refused === 'replaced-gone') throw new Error('an append replaces nothing')
  return { out: { refused: done.refused } }
}
