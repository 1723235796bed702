/**
 * Junk and Trash are emptied of what came into them longer ago than they keep (SAVEDATE, RFC 8514): by default after 30 days,
 * by settings of the account, its domain, or all. Only the two folders that carry these uses, of persons and offices; never a
 * register's, never what lies below them (a folder renamed into Trash brings letters with old dates), and no message of which it
 * is not known when it came. The store itself refuses to take anything out of a record.
 */
import { setTimeout } from 'node:timers/promises'
import type { Log } from '#kit/log.ts'
import type { AccountBook } from '#mailserver/accounts/open.ts'
import type { StoredAccount } from '#mailserver/accounts/port.ts'
import type { Mailbox, Store } from '#mailserver/store/port.ts'

/** Messages of one job; the writer gives turns to others between two jobs. */
const together = 200
/** The pause after a job is so many times what it took: at most a fifth of the writer, and less when others use it. */
const pauseTimes = 4
/** Accounts looked at before others get their turn. */
const accountsTogether = 50
const dayMs = 86_400_000

export type Expired = { account: string; folder: string; days: number; messages: number; octets: number }
export type ExpireGiven = {
  accounts: Pick<AccountBook, 'everyone' | 'keeping' | 'note'>
  store: Pick<Store, 'read' | 'write'>
  log: Log
  now: () => number
}

/**
 * One turn through all mailboxes. What was removed is in the record, a line for each folder.
 *
 * @param q.by who is named in the record; `dryRun`: only counts; `signal`: stop soon, the rest is done at the next turn
 * @returns a line for each folder in which something was, or would be, removed; `stopped` when the signal came first
 */
export async function expire(
  { accounts, store, log, now }: ExpireGiven,
  { by, dryRun = false, signal }: { by: string; dryRun?: boolean; signal?: AbortSignal },
): Promise<{ expired: Expired[]; stopped: boolean }> {
  const expired: Expired[] = []
  for (const [i, account] of accounts.everyone().entries()) {
    if (signal?.aborted) return { expired, stopped: true }
    if (i % accountsTogether === accountsTogether - 1) await setTimeout(0)
    if (account.kind !== 'person' && account.kind !== 'office') continue
    for (const [mailbox, days] of foldersThatForget(account)) {
      const line = await empty(account, mailbox, days)
      if (line.messages > 0) expired.push(line)
    }
  }
  return { expired, stopped: signal?.aborted ?? false }

  function foldersThatForget(account: StoredAccount): [mailbox: Mailbox, days: number][] {
    const kept = accounts.keeping(account.address)
    return store.read.mailboxes(account.id).flatMap((mailbox): [Mailbox, number][] => {
      if (mailbox.messages === 0 || mailbox.type !== 'normal') return []
      const days = mailbox.specialUse === '\\Junk' ? kept.junk : mailbox.specialUse === '\\Trash' ? kept.trash : 0
      return days > 0 ? [[mailbox, days]] : []
    })
  }

  async function empty(account: StoredAccount, mailbox: Mailbox, days: number): Promise<Expired> {
    const line: Expired = { account: account.address, folder: mailbox.path, days, messages: 0, octets: 0 }
    const before = now() - days * dayMs
    for (const slice of store.read.searchSlices(mailbox.id, { key: 'saved', to: before })) {
      for (let at = 0; at < slice.length && !signal?.aborted; at += together) {
        const ranges = slice.slice(at, at + together).map((uid): [number, number] => [uid, uid])
        const rows = store.read
          .rows(mailbox.id, { ranges, limit: together })
          .filter(({ savedAt }) => savedAt !== undefined && savedAt < before)
        const started = performance.now()
        const gone = dryRun ? rows.map((r) => r.uid) : await remove(rows.map((r) => r.uid))
        line.messages += gone.length
        line.octets += rows.filter((r) => gone.includes(r.uid)).reduce((sum, r) => sum + r.size, 0)
        await setTimeout(dryRun ? 0 : (performance.now() - started) * pauseTimes, undefined)
      }
      await setTimeout(0)
    }
    if (line.messages > 0 && !dryRun) {
      const detail = `${mailbox.path}: ${line.messages} messages (${line.octets} octets) that came more than ${days} days ago`
      accounts.note({ by, what: 'expire', account: account.address, detail })
      log.info({ ...line, by }, 'messages expired')
    }
    return line

    async function remove(uids: number[]): Promise<readonly number[]> {
      if (uids.length === 0) return []
      const done = await store.write('expunge', { mailbox: mailbox.id, uids, force: true, keep: { by, at: now() } })
      return 'refused' in done ? [] : done.uids
    }
  }
}
