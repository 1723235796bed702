import type { FolderShare } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import type { AclEntry } from '#mailserver/store/port.ts'
import { call } from '../call.ts'
import { address, maybe, object, yesNo } from '../input.ts'

/** Lines of the record that are shown; older ones are in the store. */
const historyLines = 500

export default call<'share.list', { owner: string; history?: boolean }>({
  may: ['cli', 'desk'],
  input: () => object({ owner: address, history: maybe(yesNo) }),
  run({ accounts, store }, { owner, history = false }) {
    const account = accounts.byAddress(owner)
    if (!account) throw new Refusal(404, `Không có hộp thư ${owner}.`, `no account ${owner}`)
    const shown = (entry: AclEntry, folder: string): FolderShare => ({
      folder,
      with: entry.identifier,
      name: accounts.identifier(entry.identifier)?.name ?? entry.identifier,
      negative: entry.negative,
      rights: entry.rights,
      ...(entry.from !== undefined && { from: new Date(entry.from).toISOString() }),
      ...(entry.to !== undefined && { to: new Date(entry.to).toISOString() }),
      by: entry.by,
      at: new Date(entry.at).toISOString(),
    })
    if (history)
      return { shares: store.read.aclHistory(account.id, historyLines).map((line) => shown(line, line.path)) }
    return {
      shares: store.read
        .mailboxes(account.id)
        .flatMap(({ id, path }) => store.read.acl(id).map((entry) => shown(entry, path))),
    }
  },
})
