import { Refusal } from '#kit/refusal.ts'
import { readRights } from '#mailserver/sharing/rights.ts'
import { call } from '../call.ts'
import { address, instant, maybe, object, text, yesNo } from '../input.ts'
import { mustManage } from '../manage.ts'

type In = {
  owner: string
  folder: string
  with: string
  rights: string
  from?: string
  to?: string
  negative?: boolean
  by: string
}

/** A folder of a person or of an office, given to somebody for a time, or taken back. Whole offices are given by `grant.add`. */
export default call<'share.set', In>({
  may: ['cli', 'desk'],
  input: () =>
    object({
      owner: address,
      folder: text(1000),
      with: address,
      rights: text(20),
      from: maybe(instant),
      to: maybe(instant),
      negative: maybe(yesNo),
      by: address,
    }),
  async run({ accounts, store, log, now }, { owner, folder, rights: letters, by, ...input }, caller) {
    const account = accounts.byAddress(owner)
    const mailbox = account && store.read.mailbox(account.id, folder)
    if ((account?.kind !== 'person' && account?.kind !== 'office') || !mailbox)
      throw new Refusal(404, 'Không có thư mục này.', `no folder ${folder} of ${owner}`)
    if (caller !== 'cli') mustManage(accounts, { account, by, at: now() })
    const rights = readRights(letters)
    if (rights === undefined) throw wrong('rights', 'Quyền không đúng.')
    const named = accounts.identifier(input.with)
    // what is listed can be taken back, also from a group or person that is no more
    const identifier = named?.identifier ?? (rights === '' ? input.with : undefined)
    if (identifier === undefined) throw wrong('with', `Không có ${input.with} trong hệ thống.`)
    if (identifier === account.address) throw wrong('with', 'Hộp thư này là của chính người đó.')
    const [from, to] = [instantOf('from', input.from), instantOf('to', input.to)]
    if (to !== undefined && to <= Math.max(from ?? 0, now())) throw wrong('to', 'Ngày kết thúc phải sau ngày bắt đầu.')
    const done = await store.write('setAcl', {
      mailbox: mailbox.id,
      identifier,
      negative: input.negative ?? false,
      change: { op: 'set', rights },
      dates: { ...(from !== undefined && { from }), ...(to !== undefined && { to }) },
      by,
      at: now(),
    })
    if ('refused' in done)
      throw done.refused === 'limit'
        ? new Refusal(409, 'Thư mục đã chia sẻ cho quá nhiều người; hãy dùng nhóm.', 'too many entries')
        : new Refusal(404, 'Không có thư mục này.', 'the mailbox is gone')
    log.info({ owner, folder, with: identifier, rights, from: input.from, to: input.to, by }, 'folder shared')
    return {}
  },
})

function instantOf(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw wrong(field, 'Thời điểm không đúng.')
  return at
}

const wrong = (field: string, advice: string) =>
  new Refusal(422, advice, `${field} is not valid`, { fields: { [field]: advice } })
