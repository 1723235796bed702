/**
 * Tells owners that their mailboxes fill up, by a letter at 80 and one at 95 per cent: once when a level is passed, and again
 * after the mailbox fell below it and passed it anew. The letter itself is taken whatever the quota, makes no mailbox fall
 * below a level, and is numbered: after a crash between the letter and the note of it, the same letter is not delivered twice.
 */
import { type Log, subsystem } from '#kit/log.ts'
import { domainOf } from '#mailserver/accounts/address.ts'
import type { AccountBook } from '#mailserver/accounts/open.ts'
import { deliveryPrefix } from '#mailserver/control/message.ts'
import { limitsOf, shareOf } from '#mailserver/store/limits.ts'
import type { AccountId, Store } from '#mailserver/store/port.ts'
import { quotaLetter } from './quotaletter.ts'

/** Per cent; the letters' words know the second as urgent. */
export const quotaLevels = [80, 95] as const
/** A busy mailbox is looked at so often at most; each look is three rows. */
const gatherMs = 200
/** Accounts looked at before others get their turn, at the start. */
const together = 100

export type QuotaWatchGiven = {
  accounts: Pick<AccountBook, 'byId' | 'everyone' | 'quotaTold' | 'tellQuota' | 'isActive'>
  store: Store
  hostname: string
  seal: (raw: Uint8Array, domain: string) => Promise<Uint8Array>
  now: () => number
  log?: Log
}

export class QuotaWatch implements AsyncDisposable {
  readonly #given: QuotaWatchGiven
  readonly #log: Log
  readonly #changed = new Set<AccountId>()
  readonly #stopListening: () => void
  #timer: NodeJS.Timeout | undefined
  #working: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(given: QuotaWatchGiven) {
    this.#given = given
    this.#log = given.log ?? subsystem('quota')
    this.#stopListening = given.store.onChange(
      (change) => {
        if (change.kind === 'exists' || change.kind === 'vanished') this.look(change.account)
      },
      ['exists', 'vanished'],
    )
    // quotas may have changed, and letters may have come, while nobody looked
    for (const { id, quota, mostMessages } of given.accounts.everyone())
      if (quota !== undefined || mostMessages !== undefined) this.look(id)
  }

  /** Its usage or its quota has changed. */
  look(account: AccountId): void {
    if (this.#stopped) return
    this.#changed.add(account)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#working = this.#working.then(() => this.#work())
    }, gatherMs)
  }

  async #work(): Promise<void> {
    const accounts = [...this.#changed]
    this.#changed.clear()
    for (const [i, account] of accounts.entries()) {
      if (this.#stopped) return
      try {
        await this.#check(account)
      } catch (err) {
        this.#log.error({ err, account }, 'a quota warning could not be given')
      }
      if (i % together === together - 1) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async #check(id: AccountId): Promise<void> {
    const { accounts, store, hostname, seal, now } = this.#given
    const account = accounts.byId(id)
    if (account?.kind !== 'person' || !accounts.isActive(account)) return
    const limits = limitsOf(account)
    const used = store.read.usage(id)
    const share = shareOf(used, limits) ?? 0
    const level = quotaLevels.findLast((l) => share * 100 >= l) ?? 0
    const told = accounts.quotaTold(id)
    if (level === told.level) return
    if (level < told.level) return accounts.tellQuota(id, { ...told, level })
    const number = told.letters + 1
    const domain = domainOf(account.address)
    const raw = await seal(
      await quotaLetter({
        hostname,
        domain,
        owner: account.address,
        level,
        used,
        limits,
        folders: store.read.mailboxes(id),
        number,
        at: now(),
      }),
      domain,
    )
    await store.write('deliver', {
      raw,
      handover: `quota ${number}`,
      at: now(),
      recipients: [
        {
          account: id,
          mailbox: 'INBOX',
          prefix: deliveryPrefix({ from: '', to: account.address }),
          flags: ['\\Flagged'],
        },
      ],
    })
    accounts.tellQuota(id, { level, letters: number })
    this.#log.info({ account: account.address, level, ...used }, 'the owner was told that the mailbox fills up')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#stopListening()
    clearTimeout(this.#timer)
    await this.#working
  }
}
