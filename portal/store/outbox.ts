import type { Store } from './open.ts'

/** Acknowledgements to citizens, kept until the mail server said 250; their Message-IDs are fixed, so a repeat is one mail. */
export type OutboxRow = { messageId: string; recipient: string; raw: Uint8Array; attempts: number }

export function dueMail(db: Store, now: string, limit: number): OutboxRow[] {
  return db
    .prepare(
      `select message_id as messageId, recipient, raw, attempts from outbox
       where sent_at is null and refused is null and next_at <= ? order by next_at limit ?`,
    )
    .all(now, limit) as OutboxRow[]
}
/** The octets are forgotten: they hold the lookup secret. */
export function mailSent(db: Store, messageId: string, at: string): void {
  db.prepare("update outbox set sent_at = ?, raw = x'' where message_id = ?").run(at, messageId)
}
export function mailRefused(db: Store, messageId: string, why: string): void {
  db.prepare("update outbox set refused = ?, raw = x'' where message_id = ?").run(why, messageId)
}
export function mailLater(db: Store, messageId: string, nextAt: string): void {
  db.prepare('update outbox set attempts = attempts + 1, next_at = ? where message_id = ?').run(nextAt, messageId)
}
export function forgetMail(db: Store, before: string): void {
  db.prepare('delete from outbox where sent_at < ?').run(before)
}
