/** Deletes and restores the messages of account 1 for ever, and says so each time. Arguments: engine module, folder. */
import { writeSync } from 'node:fs'
import type { StoreHost } from '#mailserver/store/port.ts'

const [module, dir] = process.argv.slice(2) as [string, string]
const { openStoreHost } = (await import(module)) as { openStoreHost(g: { dir: string }): Promise<StoreHost> }
const store = await openStoreHost({ dir })
const inbox = store.read.mailbox(1, 'INBOX')!.id
for (let n = 0; ; n++) {
  const uids = [...store.read.uids(inbox)].filter((_, i) => (i + n) % 2 === 0)
  const keep = { by: 'ha.tran@haiduong.gov.vn', at: Date.now() }
  const back = store.read.deletedMailbox(1)
  await Promise.all([
    store.write('expunge', { mailbox: inbox, uids, force: true, keep }),
    back &&
      store.write('restoreDeleted', { account: 1, uids: [...store.read.uids(back.id)].slice(0, 40), at: Date.now() }),
  ])
  writeSync(1, `${n}\n`)
}
