/** Accounts and folders that administrators name. */

import type { MailboxShown } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import type { StoredAccount } from '#mailserver/accounts/port.ts'
import type { Mailbox } from '#mailserver/store/port.ts'
import type { Context } from '../call.ts'

/** @throws Refusal 404 */
export function accountOf({ accounts }: Pick<Context, 'accounts'>, address: string): StoredAccount {
  const account = accounts.byAddress(address)
  if (!account) throw new Refusal(404, `Không có tài khoản ${address}.`, `no account ${address}`)
  return account
}

/** @throws Refusal 404 */
export function mailboxOf({ store }: Pick<Context, 'store'>, { id, address }: StoredAccount, path: string): Mailbox {
  const mailbox = store.read.mailbox(id, path.normalize('NFC'))
  if (!mailbox)
    throw new Refusal(404, `Hộp thư ${address} không có thư mục ${path}.`, `no folder ${path} of ${address}`)
  return mailbox
}

export function shownMailbox({ id: _, account: __, size, highestModseq: ___, ...mailbox }: Mailbox): MailboxShown {
  return { ...mailbox, octets: size }
}

/** What the store says no to. */
export function refusedFolder(why: string, path: string): Refusal {
  const advice =
    {
      exists: `Đã có thư mục ${path}.`,
      missing: `Không có thư mục ${path}.`,
      gone: `Không có thư mục ${path}.`,
      special: `Thư mục ${path} không xóa được.`,
      'append-only': `Thư mục ${path} thuộc sổ: không ai thay đổi được.`,
      'over-quota': 'Hộp thư đã đầy.',
    }[why] ?? 'Không làm được.'
  return new Refusal(why === 'missing' || why === 'gone' ? 404 : 409, advice, `${path}: ${why}`)
}

/** A name that is none is the caller's doing. */
export async function named<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (err) {
    if (err instanceof RangeError) throw new Refusal(422, 'Tên thư mục không hợp lệ.', err.message, { cause: err })
    throw err
  }
}
