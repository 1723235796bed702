import { setTimeout as wait } from 'node:timers/promises'
import type { Directory, SealKey } from '#kit/directory/calls.ts'
import { subsystem } from '#kit/log.ts'
import { type MailAccount, openAccount } from '#kit/mail/imap.ts'
import { Refusal } from '#kit/refusal.ts'
import type { PortalMail } from '../mail.ts'
import { apply, cursorOf, type Projection, restart, type Update } from './open.ts'
import { readUpdate } from './read.ts'

const log = subsystem('portal:projection')

/** After a lost connection; the mail server may be starting again. */
const AGAIN_MS = 2_000
const INBOX = 'INBOX'

export type Follower = AsyncDisposable & {
  /** The octets of a message that the projection names, for its files. */
  source(uid: number): Promise<Buffer>
}
type Given = {
  projection: Projection
  mail: PortalMail
  directory: Pick<Directory, 'keys.list'>
  domain: string
  registers: ReadonlySet<string>
  /** a case changed: open pages may ask again */
  changed?: (reference: string) => void
}

/** Keeps the projection up with the portal's mailbox, from the cursor on, for as long as it is not disposed. */
export function followMailbox({ projection, mail, directory, domain, registers, changed }: Given): Follower {
  const stopping = new AbortController()
  let keys: readonly SealKey[] | undefined
  let account: MailAccount | undefined

  async function readOn(box: MailAccount): Promise<void> {
    const { uidValidity, uidNext } = await box.counts(INBOX)
    const validity = String(uidValidity)
    if (cursorOf(projection)?.validity !== validity) restart(projection, validity)
    const after = cursorOf(projection)!.uid
    if (uidNext <= after + 1) return
    const uids = await box.search({ folder: INBOX, query: { uid: `${after + 1}:*` } })
    for (const uid of uids.filter((u) => u > after).sort((a, b) => a - b)) {
      if (stopping.signal.aborted) return
      await take(box, uid)
    }
  }

  /** A message that cannot be read is listed and passed over; a world that is broken throws, and it is read again. */
  async function take(box: MailAccount, uid: number): Promise<void> {
    const message = await box.message({ folder: INBOX, uid })
    keys ??= (await directory['keys.list']({ domain })).keys
    let update = await reading(message, keys)
    if (update.is === 'skipped' && update.why.startsWith('seal:')) {
      keys = (await directory['keys.list']({ domain })).keys // it may be sealed with a key made since
      update = await reading(message, keys)
    }
    if (update.is === 'skipped') log.info({ uid, why: update.why }, 'message skipped')
    apply(projection, uid, update)
    if (update.is !== 'skipped') changed?.(update.is === 'case' ? update.data.case : update.reference)
  }

  async function reading(message: { raw: Buffer; received: Date }, known: readonly SealKey[]): Promise<Update> {
    try {
      return await readUpdate(message, { keys: known, registers })
    } catch (err) {
      log.error({ err }, 'a message that our reader cannot take')
      return { is: 'skipped', why: `error: ${(err as Error).message}` }
    }
  }

  const running = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await using box = await openAccount(await mail.imap())
        for await (const _ of box.changes(INBOX, { signal: stopping.signal })) await readOn(box)
      } catch (err) {
        if (stopping.signal.aborted) break
        if (err instanceof Refusal && err.status === 401) mail.forget()
        log.warn({ err }, 'mailbox not followed, tried again soon')
        await wait(AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  })()

  return {
    async source(uid) {
      if (!account?.usable) {
        await account?.[Symbol.asyncDispose]()
        account = await openAccount(await mail.imap())
      }
      return account.source({ folder: INBOX, uid })
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
      await account?.[Symbol.asyncDispose]()
    },
  }
}
