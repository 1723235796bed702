import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { address, list, maybe, object, octets, text, whole } from '../input.ts'
import { messageIdOf } from '../message.ts'
import { route } from '../notice.ts'
import { register } from '../register.ts'

/** An act tells at most a few dozen; a transfer of a whole agency's cases is many acts. */
const noticeLimit = 200
const dataLimit = 16 * 1024 * 1024

type In = {
  ledger: string
  expectedHead: number
  command: { id: string; uid: number }
  entry?: { raw: Buffer; data: string; year: number }
  notices: { from: string; to: string[]; raw: Buffer }[]
  year: number
}

/** design §5. Sealing comes before the store job: it is slow, and nothing has happened yet if it fails. */
export default call<'ledger.commit', In>({
  may: ['workers'],
  input: ({ maxMessage }) =>
    object({
      ledger: address,
      expectedHead: whole(0, Number.MAX_SAFE_INTEGER),
      command: object({ id: text(1000), uid: whole(1, 0xffff_ffff) }),
      entry: maybe(object({ raw: octets(maxMessage), data: text(dataLimit), year: whole(2000, 9999) })),
      notices: list(object({ from: address, to: list(address, 1_000), raw: octets(maxMessage) }), noticeLimit),
      year: whole(2000, 9999),
    }),
  async run(context, input) {
    const { store, seal, now } = context
    const { id: account, address: ledger } = register(context, input.ledger)
    const { command, expectedHead, entry } = input

    // both only ever grow, so a reader that is a moment behind never says yes too early; this saves the sealing
    const earlier = store.read.ledgerOutcome(account, command.id)
    const head = store.read.ledgerHead(account)
    // the same command came again: the store files it where the first one is
    if (earlier)
      return store.write('ledgerCommit', { account, expectedHead, command, year: input.year, notices: [], at: now() })
    if (head.seq !== expectedHead) return { result: 'wrong-head', seq: head.seq }

    const domain = ledger.slice(ledger.lastIndexOf('@') + 1)
    const messageId = entry && messageIdOf(entry.raw)
    if (entry && messageId === undefined)
      throw new Refusal(400, 'Yêu cầu không đúng mẫu.', 'the entry has no Message-ID')
    const sealedEntry = entry && { raw: await seal(entry.raw, domain), data: entry.data, messageId: messageId! }
    const notices = []
    for (const notice of input.notices) notices.push(await route(context, notice))
    return store.write('ledgerCommit', {
      account,
      expectedHead,
      command,
      ...(sealedEntry && { entry: sealedEntry }),
      year: input.year,
      notices,
      at: now(),
    })
  },
})
