import { Refusal } from '#kit/refusal.ts'
import { maxEntryName, maxMetadataEntries, maxMetadataValue } from '#mailserver/imap/limits.ts'
import { isEntry } from '#mailserver/imap/parse/metadata.ts'
import { isServerEntry, serverEntries } from '#mailserver/sharing/serverentries.ts'
import { call } from '../call.ts'
import { address, maybe, object, text } from '../input.ts'

/** A shared entry of the server (RFC 5464); without a value it is removed. */
export default call<'metadata.set', { entry: string; value?: string; by: string }>({
  may: ['cli', 'desk'],
  input: () => object({ entry: text(maxEntryName), value: maybe(text(maxMetadataValue)), by: address }),
  async run({ accounts, store, log }, { entry: written, value: said, by }) {
    const entry = written.toLowerCase()
    if (!/^[ -~]+$/.test(entry) || !isEntry(entry) || !entry.startsWith('/shared/'))
      throw wrong('entry', 'Tên ghi chú viết như /shared/comment.')
    const value = said === undefined ? null : Buffer.from(said)
    if (!isServerEntry(entry, value))
      throw wrong('value', '/shared/admin là một URI, ví dụ mailto:quantri@haiduong.gov.vn.')
    const done = await store.write('setMetadata', {
      account: 0,
      mailbox: serverEntries.mailbox,
      entries: [{ holder: serverEntries.holder, entry, value }],
      most: maxMetadataEntries,
      by: '',
    })
    if ('refused' in done) throw wrong('entry', 'Quá nhiều ghi chú; hãy bỏ bớt.')
    accounts.note({ by, what: 'metadata.set', detail: `${entry} ${value === null ? 'removed' : 'set'}` })
    log.info({ entry, by }, 'a shared entry of the server set')
    return {}
  },
})

const wrong = (field: string, advice: string) =>
  new Refusal(422, advice, `${field} is not valid`, { fields: { [field]: advice } })
