import type { Statements } from '#kit/store/statements.ts'

/** A hand-over that is repeated within this time is the same one: the edge's sender gives up after fewer retries. */
export const HANDOVER_KEPT = 3 * 24 * 3600 * 1000

/** Where the delivery with this hand-over id lies that has reached the account; mailbox and uid 0: its owner's script kept it nowhere. */
export const deliveredBefore = (
  sql: Statements,
  handover: string,
  account: number,
  at: number,
): { mailbox: number; uid: number } | undefined =>
  sql.get(
    'select mailbox, uid from handover where key = ? and account = ? and at > ?',
    handover,
    account,
    at - HANDOVER_KEPT,
  )
