import type { OpenSession } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { call } from '../call.ts'
import { address, maybe, object } from '../input.ts'
import { webSessions } from '../websessions.ts'

export default call<'sessions.list', { address?: string }>({
  may: ['cli', 'desk'],
  input: () => object({ address: maybe(address) }),
  async run({ accounts, sessions }, { address }) {
    const account = address === undefined ? undefined : accounts.byAddress(address)
    if (address !== undefined && !account) throw new Refusal(404, `Không có tài khoản ${address}.`, 'no such account')
    const all = [...((await sessions?.list()) ?? []), ...webSessions(accounts)]
      .filter((s) => account === undefined || s.account === account.address)
      .sort((a, b) => (a.account < b.account ? -1 : a.account > b.account ? 1 : a.since - b.since))
    return {
      sessions: all.map(
        ({ since, idleMs, protocol, ...rest }): OpenSession => ({
          ...rest,
          protocol: protocol as OpenSession['protocol'],
          since: new Date(since).toISOString(),
          ...(idleMs !== undefined && { idle: Math.round(idleMs / 1000) }),
        }),
      ),
    }
  },
})
