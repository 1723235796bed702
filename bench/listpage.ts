/**
 * The list page of a mailbox of 100,000 letters. Some thousands are delivered; the rest are copies of these that the
 * IMAP server makes (one body, a row each), since the list is of rows and does not care whose body they share.
 */
import { ImapFlow } from 'imapflow'
import { password } from '#test/journey/staff.ts'
import type { TestSuite } from '#test/suite.ts'
import { deliverFor } from './deliveries.ts'
import { DeskClient } from './deskclient.ts'
import { type Line, percentile } from './table.ts'

const messages = 100_000
const delivered = 5_000
const reader = 'an.nguyen@haiduong.gov.vn'
const aimMs = 50
const looks = 60
const warmUp = 10

export async function measureListPage(suite: TestSuite): Promise<Line[]> {
  await deliverFor(suite, [reader], { ms: 30_000, most: delivered })
  const count = await fill(suite)
  const desk = await DeskClient.signIn(suite.desk, reader)
  const times: number[] = []
  for (let n = 0; n < looks + warmUp; n++) {
    const begun = performance.now()
    await desk.page(n % 2 === 0 ? '/thu' : '/thu?trang=2')
    if (n >= warmUp) times.push(performance.now() - begun)
  }
  return ([0.5, 0.95] as const).map((share) => ({
    what: `list page of a large mailbox, p${share * 100}`,
    how: `${count.toLocaleString('en-US')} letters in the folder, ${looks} looks at pages 1 and 2, HTTP on loopback`,
    unit: 'ms',
    measured: percentile(times, share),
    ...(share === 0.95 ? { aim: { most: aimMs } } : {}),
  }))
}

/** Doubles the folder until it holds enough. @returns how many it holds */
async function fill(suite: TestSuite): Promise<number> {
  const imap = new ImapFlow({
    host: '127.0.0.1',
    port: suite.ports.imap,
    secure: false,
    tls: { rejectUnauthorized: false }, // the suite's own certificate
    auth: { user: reader, pass: password },
    logger: false,
  })
  await imap.connect()
  try {
    using _lock = disposable(await imap.getMailboxLock('INBOX'))
    for (;;) {
      await imap.noop()
      const { exists } = imap.mailbox as { exists: number }
      if (exists >= messages) return exists
      const copied = await imap.messageCopy(`1:${Math.min(exists, messages - exists)}`, 'INBOX')
      if (!copied) throw new Error(`copying ${exists} letters was refused`)
    }
  } finally {
    await imap.logout()
  }
}

const disposable = (lock: { release: () => void }): Disposable => ({ [Symbol.dispose]: () => lock.release() })
