/** What a query finds, in turns that let others in. */
import { setImmediate } from 'node:timers/promises'
import { Refusal } from '#kit/refusal.ts'
import { BadSyntax } from '#mailserver/imap/parse/scanner.ts'
import { BadCharset } from '#mailserver/imap/parse/search.ts'
import { queryIn, readQuery } from '#mailserver/imap/query.ts'
import type { Mailbox, MessageRow, SearchKey } from '#mailserver/store/port.ts'
import type { Context } from '../call.ts'

/** Rows read before others get their turn. */
const together = 500

/** UIDs, ascending. @throws Refusal 422 with what is wrong in the query, in English as IMAP would say it */
export const uidsOf = async (context: Context, mailbox: Mailbox, query: string): Promise<number[]> =>
  found(context, mailbox, keyOf(context, mailbox, query))

/** @throws as `uidsOf` */
export function keyOf({ now }: Pick<Context, 'now'>, mailbox: Mailbox, query: string): SearchKey {
  try {
    return queryIn(mailbox, readQuery(query), now())
  } catch (err) {
    if (!(err instanceof BadSyntax || err instanceof BadCharset)) throw err
    throw new Refusal(422, `Câu tìm không đúng mẫu: ${err.message}.`, err.message, { cause: err })
  }
}

/** UIDs, ascending. */
export async function found({ store }: Pick<Context, 'store'>, mailbox: Mailbox, key: SearchKey): Promise<number[]> {
  const uids: number[] = []
  for (const slice of store.read.searchSlices(mailbox.id, key)) {
    for (const uid of slice) uids.push(uid)
    await setImmediate()
  }
  return uids
}

export async function sizesOf({ store }: Context, mailbox: Mailbox, uids: readonly number[]): Promise<number> {
  let octets = 0
  for (let at = 0; at < uids.length; at += together) {
    for (const row of rowsOf({ store }, mailbox, uids.slice(at, at + together))) octets += row.size
    await setImmediate()
  }
  return octets
}

export const rowsOf = ({ store }: Pick<Context, 'store'>, mailbox: Mailbox, uids: readonly number[]): MessageRow[] =>
  store.read.rows(mailbox.id, { ranges: uids.map((uid) => [uid, uid] as const), limit: uids.length })
