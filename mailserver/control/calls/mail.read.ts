import { Refusal } from '#kit/refusal.ts'
import { MessageGone } from '#mailserver/store/port.ts'
import { call } from '../call.ts'
import { address, object, text, whole } from '../input.ts'
import { accountOf, mailboxOf } from '../mail/place.ts'
import { rowsOf } from '../mail/query.ts'

/** Octets of one answer: a message may be 200 MB, and an answer is held whole on both sides. */
const pieceOctets = 4 * 1024 * 1024

type In = { address: string; folder: string; uid: number; from: number; by: string }

/** Reading somebody's letter is an act of its own: the record says who, which and when, before the first octet is given. */
export default call<'mail.read', In>({
  may: ['cli'],
  input: () =>
    object({
      address,
      folder: text(1000),
      uid: whole(1, 0xffff_ffff),
      from: whole(0, Number.MAX_SAFE_INTEGER),
      by: address,
    }),
  run(context, { address, folder, uid, from, by }) {
    const account = accountOf(context, address)
    const mailbox = mailboxOf(context, account, folder)
    const [row] = rowsOf(context, mailbox, [uid])
    if (!row || from > row.size) throw gone(folder, uid)
    const detail = `${mailbox.path} UID ${uid}, ${row.size} octets`
    if (from === 0) context.accounts.note({ by, what: 'mail.read', account: account.address, detail })
    const to = Math.min(row.size, from + pieceOctets)
    try {
      const octets = Buffer.concat([...context.store.read.octets(row.message, from, to)].map((p) => Buffer.from(p)))
      return { base64: octets.toString('base64'), size: row.size, ...(to < row.size && { next: to }) }
    } catch (err) {
      throw err instanceof MessageGone ? gone(folder, uid) : err
    }
  },
})

const gone = (folder: string, uid: number) =>
  new Refusal(404, `Thư mục ${folder} không có thư số ${uid}.`, `no message ${uid} in ${folder}`)
