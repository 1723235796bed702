import { setImmediate } from 'node:timers/promises'
import { exportOctets } from '#kit/directory/calls.ts'
import { MessageGone } from '#mailserver/store/port.ts'
import { call } from '../call.ts'
import { address, list, maybe, object, text, whole } from '../input.ts'
import { accountOf, mailboxOf } from '../mail/place.ts'
import { rowsOf } from '../mail/query.ts'

const rowsTogether = 1_000
const uidTop = 0xffff_ffff

type In = {
  address: string
  folder: string
  after?: number
  octetsOf?: number[]
  from?: number
  to: string
  by: string
}

export default call<'mail.export', In>({
  may: ['cli'],
  input: () =>
    object({
      address,
      folder: text(1000),
      after: maybe(whole(0, uidTop)),
      octetsOf: maybe(list(whole(1, uidTop), rowsTogether)),
      from: maybe(whole(0, Number.MAX_SAFE_INTEGER)),
      to: text(1000),
      by: address,
    }),
  async run(context, { address, folder, after = 0, octetsOf, from = 0, to, by }) {
    const { store, accounts } = context
    const account = accountOf(context, address)
    const mailbox = mailboxOf(context, account, folder)
    if (octetsOf) return { rows: [], octets: await octetsFrom(octetsOf, from) }
    if (after === 0) {
      const detail = `${mailbox.messages} messages of ${mailbox.path} to be exported to ${to}`
      accounts.note({ by, what: 'mail.export', account: account.address, detail })
    }
    const rows = store.read.rows(mailbox.id, { ranges: [[after + 1, uidTop]], limit: rowsTogether })
    return {
      rows: rows.map(({ uid, internalDate, flags, size }) => ({
        uid,
        at: new Date(internalDate).toISOString(),
        flags,
        size,
      })),
      octets: [],
    }

    async function octetsFrom(uids: number[], from: number) {
      const given: { uid: number; base64: string; next?: number }[] = []
      let room = exportOctets
      for (const row of rowsOf(context, mailbox, uids)) {
        if (room <= 0) break
        const start = row.uid === uids[0] ? from : 0
        const end = Math.min(row.size, start + room)
        try {
          const read = Buffer.concat([...store.read.octets(row.message, start, end)].map((p) => Buffer.from(p)))
          given.push({ uid: row.uid, base64: read.toString('base64'), ...(end < row.size && { next: end }) })
          room -= read.length
        } catch (err) {
          if (!(err instanceof MessageGone)) throw err
        }
        await setImmediate()
      }
      return given
    }
  },
})
