/** IMAP connections of those who are looking at cases: one for each session, closed when it was not used for a minute. */
import { subsystem } from '#kit/log.ts'
import type { MailAccess } from '#kit/mail/connection.ts'
import { type MailAccount, openAccount } from '#kit/mail/imap.ts'
import { Refusal } from '#kit/refusal.ts'
import type { Session } from '#kit/web/session.ts'

const log = subsystem('desk:mail')
const idleMs = 60_000

export type Mailboxes = AsyncDisposable & {
  /** Runs `work` on the person's connection; once more on a new one when the old turns out to be dead. */
  use: <T>(session: Session, work: (account: MailAccount) => Promise<T>) => Promise<T>
}

type Kept = { account: Promise<MailAccount>; users: number; timer: NodeJS.Timeout | undefined }

async function open(access: MailAccess): Promise<MailAccount> {
  try {
    return await openAccount(access)
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(
      503,
      'Máy chủ thư chưa trả lời nên chưa đọc được hộp thư. Thư và tệp vẫn còn nguyên; thử lại sau ít phút.',
      `IMAP of ${access.user} cannot be reached`,
      { cause: error },
    )
  }
}

export function createMailboxes(access: (session: Session) => MailAccess): Mailboxes {
  const kept = new Map<string, Kept>()

  const close = async (id: string, k: Kept) => {
    if (kept.get(id) === k) kept.delete(id)
    clearTimeout(k.timer)
    try {
      await (await k.account)[Symbol.asyncDispose]()
    } catch (err) {
      log.debug({ err }, 'a connection ended by itself')
    }
  }
  const take = (session: Session): Kept => {
    const have = kept.get(session.id)
    if (have) return have
    const fresh: Kept = { account: open(access(session)), users: 0, timer: undefined }
    kept.set(session.id, fresh)
    fresh.account.catch(() => kept.get(session.id) === fresh && kept.delete(session.id))
    return fresh
  }
  const once = async <T>(session: Session, work: (account: MailAccount) => Promise<T>): Promise<T> => {
    const k = take(session)
    clearTimeout(k.timer)
    k.users++
    try {
      return await work(await k.account)
    } finally {
      if (--k.users === 0) {
        k.timer = setTimeout(() => void close(session.id, k), idleMs)
        k.timer.unref()
      }
    }
  }

  return {
    use: async (session, work) => {
      const before = kept.get(session.id)
      try {
        return await once(session, work)
      } catch (error) {
        const account = await before?.account.catch(() => undefined)
        if (!before || account?.usable) throw error // the connection is well: the answer was no
        await close(session.id, before)
        return once(session, work)
      }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...kept].map(([id, k]) => close(id, k)))
    },
  }
}
