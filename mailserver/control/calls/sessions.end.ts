import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { address, maybe, object, text } from '../input.ts'
import { endWebSessions } from '../websessions.ts'

export default call<'sessions.end', { id?: string; address?: string; by: string }>({
  may: ['cli', 'desk'],
  input: () => object({ id: maybe(text(40)), address: maybe(address), by: address }),
  async run({ accounts, sessions, log }, { id, address, by }) {
    if (id === undefined && address === undefined)
      throw new Refusal(422, 'Cần số của phiên hoặc địa chỉ của tài khoản.', 'neither id nor address')
    const account = address === undefined ? undefined : accounts.byAddress(address)?.address
    if (address !== undefined && account === undefined)
      throw new Refusal(404, `Không có tài khoản ${address}.`, 'no such account')
    const which = { ...(id !== undefined && { id }), ...(account !== undefined && { account }) }
    const ended = ((await sessions?.end(which)) ?? 0) + endWebSessions(accounts, which)
    if (ended === 0 && id !== undefined) throw new Refusal(404, 'Phiên này đã kết thúc rồi.', `no session ${id}`)
    accounts.note({
      by,
      what: 'sessions.end',
      ...(account !== undefined && { account }),
      detail: `${ended} sessions ended${id === undefined ? '' : `, by id ${id}`}`,
    })
    log.info({ ...which, by, ended }, 'sessions ended')
    return { ended }
  },
})
