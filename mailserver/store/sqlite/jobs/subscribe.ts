import { mailboxRecord } from '../messages.ts'
import type { Handler } from '../tx.ts'

export const subscribe: Handler<'subscribe'> = (tx, job) => {
  const mailbox = mailboxRecord(tx, job.mailbox)
  if (mailbox) {
    tx.sql.run('update mailbox set subscribed = ? where id = ?', job.subscribed ? 1 : 0, mailbox.id)
    tx.changes.push({
      account: mailbox.account,
      kind: 'folders',
      events: [{ event: 'subscription', mailbox: mailbox.id, path: mailbox.path }],
    })
  }
  return { out: { ok: true } }
}
