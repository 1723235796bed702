import type { FlagDeed } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { BadSyntax } from '#mailserver/imap/parse/scanner.ts'
import { readFlags } from '#mailserver/imap/query.ts'
import { call } from '../call.ts'
import { address, object, oneOf, text, yesNo } from '../input.ts'
import { accountOf, mailboxOf, refusedFolder } from '../mail/place.ts'
import { uidsOf } from '../mail/query.ts'

type In = {
  address: string
  folder: string
  query: string
  op: FlagDeed
  flags: string
  dryRun: boolean
  by: string
}

export default call<'mail.flag', In>({
  may: ['cli'],
  input: () =>
    object({
      address,
      folder: text(1000),
      query: text(8_000),
      op: oneOf('add', 'remove', 'set'),
      flags: text(2_000),
      dryRun: yesNo,
      by: address,
    }),
  async run(context, { address, folder, query, op, flags, dryRun, by }) {
    const account = accountOf(context, address)
    const mailbox = mailboxOf(context, account, folder)
    if (mailbox.type !== 'normal') throw refusedFolder('append-only', mailbox.path)
    const wanted = flagsIn(flags)
    const uids = await uidsOf(context, mailbox, query)
    if (dryRun || uids.length === 0) return { messages: uids.length }
    const detail = `${uids.length} messages in ${mailbox.path}: ${op} ${wanted.join(' ')} by ${query}`
    context.accounts.note({ by, what: 'mail.flag', account: account.address, detail })
    const done = await context.store.write('storeFlags', {
      mailbox: mailbox.id,
      uids,
      change: { op, flags: wanted },
      quiet: true,
    })
    if ('refused' in done) throw refusedFolder(done.refused, mailbox.path)
    return { messages: uids.length }
  },
})

/** @throws Refusal 422 */
function flagsIn(text: string): string[] {
  try {
    return readFlags(text)
  } catch (err) {
    if (!(err instanceof BadSyntax)) throw err
    throw new Refusal(422, `Cờ không đúng mẫu: ${err.message}.`, err.message, { cause: err })
  }
}
