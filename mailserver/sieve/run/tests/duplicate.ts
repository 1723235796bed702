import { createHash } from 'node:crypto'
import { test } from '../../check/definition.ts'
import { DUPLICATE_SECONDS } from '../../limits.ts'

/**
 * RFC 7352. What has been seen is in the facts; what is asked for is remembered by the delivery, in its own transaction, so a
 * delivery that fails leaves no trace.
 */
export const duplicate = test({
  name: 'duplicate',
  extension: 'duplicate',
  tags: {
    handle: { takes: 'string' },
    header: { takes: 'string', group: 'id' },
    uniqueid: { takes: 'string', group: 'id' },
    seconds: { takes: 'number' },
    last: {},
  },
  run(args, m) {
    const { tags } = args
    const field = tags.get('header')?.value
    const unique = tags.get('uniqueid')?.value
    const id = unique ? m.string(unique) : m.header.raw(field ? m.string(field) : 'message-id')[0]
    if (id === undefined || id === '') return false
    const handle = m.string(tags.get('handle')?.value)
    const key = `duplicate ${createHash('sha256')
      .update(JSON.stringify([handle, field ? 'header' : unique ? 'id' : 'message-id', id]))
      .digest('base64url')}`
    const given = tags.get('seconds')?.value
    const seconds = Math.min(given?.kind === 'number' ? given.value : DUPLICATE_SECONDS.usual, DUPLICATE_SECONDS.most)
    // a second question of the same run is about the same letter: not a duplicate of itself (§3)
    m.asked.set(key, { seconds, renew: tags.has('last') })
    return m.facts.seen.includes(key)
  },
})
