import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openStoreHost } from '#mailserver/store/open.ts'
import { noPrefix } from '../contract.ts'
import { text } from '../messages.ts'

describe('store: checkpoints', () => {
  it('keep the log bounded under steady load, also while somebody reads', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'congso-wal-'))
    const store = await openStoreHost({ dir })
    await store.write('openAccount', { account: 1, kind: 'person' })
    let written = 0
    let largest = 0
    while (written < 60_000_000) {
      await Promise.all(
        Array.from({ length: 16 }, async (_, i) => {
          const raw = text(`Thư ${written} ${i}`, `${written} ${i} ${'nội dung dài '.repeat(2500)}`)
          written += raw.length
          await store.write('deliver', { raw, recipients: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix }], at: 1 })
        }),
      )
      store.read.uids(store.read.mailbox(1, 'INBOX')!.id)
      largest = Math.max(largest, statSync(join(dir, 'cell.sqlite-wal')).size)
    }
    await store[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
    // these 60 MB of mail write 200 MB of log when nothing bounds it
    expect(largest).to.be.within(32_000_000, 128_000_000)
  }).timeout(120_000)
})
