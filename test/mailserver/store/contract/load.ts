/** Delivers to account 1 for ever, 16 at a time, and prints what the store said it kept. Arguments: engine module, folder. */
import { writeSync } from 'node:fs'
import type { StoreHost } from '#mailserver/store/port.ts'
import { text, withFile } from '../messages.ts'

const [module, dir] = process.argv.slice(2) as [string, string]
const { openStoreHost } = (await import(module)) as { openStoreHost(g: { dir: string }): Promise<StoreHost> }
const store = await openStoreHost({ dir })
let n = 0
const deliver = async (): Promise<never> => {
  for (;;) {
    const subject = Buffer.from(`Tai ${process.pid} ${++n} xong`).toString()
    const raw = n % 5 === 0 ? withFile(subject, 90_000, n) : text(subject, subject)
    const { results } = await store.write('deliver', {
      raw: Buffer.concat([Buffer.from(`X-Subject: ${subject}\r\n`), raw]),
      recipients: [{ account: 1, mailbox: 'INBOX', prefix: new Uint8Array() }],
      at: Date.now(),
    })
    if (results[0]?.ok) writeSync(1, `${JSON.stringify({ subject, uid: results[0].uid })}\n`)
  }
}
await Promise.all(Array.from({ length: 16 }, deliver))
