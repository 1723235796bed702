import type { Mailbox, MessageRow } from '#mailserver/store/port.ts'
import { call } from '../call.ts'
import { address, list, maybe, object, text, whole } from '../input.ts'
import { accountOf, mailboxOf } from '../mail/place.ts'
import { rowsOf, uidsOf } from '../mail/query.ts'
import { shown } from '../mail/shown.ts'

const folderLimit = 1_000

type In = { address: string; folders?: string[]; query: string; limit: number; by: string }

export default call<'mail.find', In>({
  may: ['cli'],
  input: () =>
    object({
      address,
      folders: maybe(list(text(1000), folderLimit)),
      query: text(8_000),
      limit: whole(0, 1_000),
      by: address,
    }),
  async run(context, { address, folders, query, limit, by }) {
    const { accounts, store } = context
    const account = accountOf(context, address)
    const mailboxes = folders
      ? folders.map((path) => mailboxOf(context, account, path))
      : store.read.mailboxes(account.id)
    let total = 0
    const found: { mailbox: Mailbox; row: MessageRow }[] = []
    for (const mailbox of mailboxes) {
      const uids = await uidsOf(context, mailbox, query)
      total += uids.length
      for (const row of rowsOf(context, mailbox, limit === 0 ? [] : uids.slice(-limit))) found.push({ mailbox, row })
    }
    accounts.note({
      by,
      what: 'mail.find',
      account: account.address,
      detail: `${total} messages found in ${folders?.join(', ') ?? 'all folders'} by ${query}`,
    })
    found.sort((a, b) => b.row.internalDate - a.row.internalDate || b.row.message - a.row.message)
    return { total, found: found.slice(0, limit).flatMap(({ mailbox, row }) => shown(context, mailbox.path, row)) }
  },
})
