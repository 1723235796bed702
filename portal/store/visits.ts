import { transact } from '#kit/store/transact.ts'
import type { Store } from './open.ts'

/** Lookups in progress: a random cookie stands for one case, for a while. */
export function addVisit(db: Store, v: { tokenHash: string; reference: string; at: string }): void {
  db.prepare('insert into visit values (?, ?, ?)').run(v.tokenHash, v.reference, v.at)
}

/** The case that the cookie may see, and marks it as seen now; undefined when it has ended. */
export function visited(
  db: Store,
  tokenHash: string,
  { now, since }: { now: string; since: string },
): string | undefined {
  const row = db
    .prepare('update visit set seen_at = ? where token_hash = ? and seen_at > ? returning reference')
    .get(now, tokenHash, since)
  return row?.['reference'] as string | undefined
}
/** Whether the cookie still may; does not mark it as seen, so that a page left open is closed in time. */
export function mayVisit(db: Store, tokenHash: string, since: string): boolean {
  return db.prepare('select 1 from visit where token_hash = ? and seen_at > ?').get(tokenHash, since) !== undefined
}
export function endVisit(db: Store, tokenHash: string): void {
  db.prepare('delete from visit where token_hash = ?').run(tokenHash)
}
export function forgetVisits(db: Store, before: string): void {
  db.prepare('delete from visit where seen_at < ?').run(before)
}

/** What was counted in this clock hour and the one before: a burst on the hour's edge is still a burst. */
export function tallied(db: Store, what: string, now: string): number {
  const row = db
    .prepare('select coalesce(sum(n), 0) as n from tally where what = ? and hour in (?, ?)')
    .get(what, hourOf(now), hourBefore(now))
  return row?.['n'] as number
}
/** Counts one, or `by`; @returns false when there were already `most`, and then counts nothing */
export function tally(
  db: Store,
  what: string,
  { now, most, by = 1 }: { now: string; most: number; by?: number },
): boolean {
  return transact(db, () => {
    if (tallied(db, what, now) >= most) return false
    db.prepare('insert into tally values (?, ?, ?) on conflict do update set n = n + excluded.n').run(
      what,
      hourOf(now),
      by,
    )
    return true
  })
}
export function forgetTallies(db: Store, now: string): void {
  db.prepare('delete from tally where hour < ?').run(hourBefore(now))
}

const hourOf = (now: string): string => now.slice(0, 13)
const hourBefore = (now: string): string => new Date(Date.parse(now) - 3_600_000).toISOString().slice(0, 13)
