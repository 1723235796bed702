import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { address, instant, list, maybe, object, octets, text } from '../input.ts'
import { accountOf, named, refusedFolder } from '../mail/place.ts'
import { importKey } from './mail.imported.ts'

/** Of one call; a transaction of so many rows is some milliseconds. */
const messageLimit = 200
/** Whoever was interrupted goes on within a quarter; the store remembers nothing for longer than 100 days. */
const rememberedMs = 92 * 86_400_000

type In = {
  address: string
  folder: string
  messages: { raw: Buffer; flags: string[]; at: string; key: string }[]
  first?: string
  by: string
}

export default call<'mail.import', In>({
  may: ['cli'],
  input: ({ maxMessage }) =>
    object({
      address,
      folder: text(1000),
      messages: list(
        object({ raw: octets(maxMessage), flags: list(text(200), 100), at: instant, key: text(60) }),
        messageLimit,
      ),
      first: maybe(text(1000)),
      by: address,
    }),
  async run(context, { address, folder, messages, first, by }) {
    const { accounts, store, now } = context
    const account = accountOf(context, address)
    if (account.kind === 'register') throw refusedFolder('append-only', folder)
    if (first !== undefined) accounts.note({ by, what: 'mail.import', account: account.address, detail: first })
    let mailbox = store.read.mailbox(account.id, folder.normalize('NFC'))
    if (!mailbox) {
      const made = await named(store.write('createMailbox', { account: account.id, path: folder }))
      if ('refused' in made && made.refused !== 'exists') throw refusedFolder(made.refused, folder)
      mailbox = 'mailbox' in made ? made.mailbox : store.read.mailbox(account.id, folder.normalize('NFC'))
    }
    if (!mailbox) throw refusedFolder('missing', folder)
    const until = now() + rememberedMs
    const done = await named(
      store.write('appendAll', {
        mailbox: mailbox.id,
        at: now(),
        messages: messages.map(({ raw, flags, at, key }) => ({
          raw,
          flags,
          internalDate: moment(at),
          once: { key: importKey(key), until },
        })),
      }),
    )
    if ('refused' in done) throw refusedFolder(done.refused, folder)
    return { added: done.uids.length }
  },
})

function moment(text: string): number {
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new Refusal(400, 'Yêu cầu không đúng mẫu.', 'at must be an instant')
  return at
}
