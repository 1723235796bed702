/** A message as lists of an administrator and of deleted mail show it. */
import type { FoundMail } from '#kit/directory/calls.ts'
import { fieldOf, readFields } from '#mailserver/mime/fields.ts'
import { decodeWords } from '#mailserver/mime/words.ts'
import { MessageGone, type MessageRow } from '#mailserver/store/port.ts'
import type { Context } from '../call.ts'

/** From and Subject stand near the beginning; what is longer is not shown. */
const headerRead = 32 * 1024

/** @returns nothing when it has gone meanwhile */
export function shown({ store }: Pick<Context, 'store'>, folder: string, row: MessageRow): FoundMail[] {
  try {
    const head = Buffer.concat(
      [...store.read.octets(row.message, 0, Math.min(row.size, headerRead))].map((p) => Buffer.from(p)),
    )
    const end = head.indexOf('\r\n\r\n')
    const fields = readFields(head, 0, end < 0 ? head.length : end)
    return [
      {
        folder,
        uid: row.uid,
        at: new Date(row.internalDate).toISOString(),
        size: row.size,
        flags: row.flags,
        from: decodeWords(fieldOf(fields, 'from') ?? ''),
        subject: decodeWords(fieldOf(fields, 'subject') ?? ''),
      },
    ]
  } catch (err) {
    if (err instanceof MessageGone) return []
    throw err
  }
}
