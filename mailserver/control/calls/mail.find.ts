import type { FoundMail } from '#kit/directory/calls.ts'
import { fieldOf, readFields } from '#mailserver/mime/fields.ts'
import { decodeWords } from '#mailserver/mime/words.ts'
import type { Mailbox, MessageRow } from '#mailserver/store/port.ts'
import { MessageGone } from '#mailserver/store/port.ts'
import { type Context, call } from '../call.ts'
import { address, list, maybe, object, text, whole } from '../input.ts'
import { accountOf, mailboxOf } from '../mail/place.ts'
import { rowsOf, uidsOf } from '../mail/query.ts'

/** From and Subject stand near the beginning; what is longer is not shown. */
const headerRead = 32 * 1024
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
    return { total, found: found.slice(0, limit).flatMap(({ mailbox, row }) => shown(context, mailbox, row)) }
  },
})

function shown({ store }: Context, mailbox: Mailbox, row: MessageRow): FoundMail[] {
  try {
    const head = Buffer.concat(
      [...store.read.octets(row.message, 0, Math.min(row.size, headerRead))].map((p) => Buffer.from(p)),
    )
    const end = head.indexOf('\r\n\r\n')
    const fields = readFields(head, 0, end < 0 ? head.length : end)
    return [
      {
        folder: mailbox.path,
        uid: row.uid,
        at: new Date(row.internalDate).toISOString(),
        size: row.size,
        flags: row.flags,
        from: decodeWords(fieldOf(fields, 'from') ?? ''),
        subject: decodeWords(fieldOf(fields, 'subject') ?? ''),
      },
    ]
  } catch (err) {
    if (err instanceof MessageGone) return []
    throw err
  }
}
