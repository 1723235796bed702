import type { ImapFlow } from 'imapflow'
import { subsystem } from '#kit/log.ts'

const log = subsystem('kit:imap')

/** See `MailAccount.changes`. `select` selects the watched folder when another one is selected. */
export async function* changes(
  client: ImapFlow,
  {
    user,
    select,
    signal,
    everyMs,
  }: { user: string; select: () => Promise<void>; signal: AbortSignal; everyMs: number },
): AsyncGenerator<void> {
  let pending = true
  let seen = ''
  let wake = () => {}
  const changed = () => {
    pending = true
    wake()
  }
  const events = ['exists', 'expunge', 'flags', 'close', 'highestModseq'] as const
  for (const e of events) client.on(e, changed)
  signal.addEventListener('abort', changed)
  try {
    while (!signal.aborted) {
      if (!client.usable) throw new Error(`IMAP connection of ${user} ended`)
      if (pending) {
        pending = false
        yield
        continue
      }
      const before = client.mailbox
      await select() // the body may have selected another folder, and heard nothing of this one meanwhile
      const now = client.mailbox ? `${client.mailbox.uidNext}:${client.mailbox.exists}` : ''
      if (client.mailbox !== before && now !== seen) pending = true
      seen = now
      if (pending) continue
      const slept = new Promise<void>((resolve) => {
        wake = resolve
      })
      const timer = setTimeout(changed, everyMs)
      // RFC 2177: runs until a command of anybody on this connection ends it, then it is begun again
      client.idle().then(
        (refused) => refused === undefined && wake(),
        (err) => {
          log.warn({ err, user }, 'IDLE failed')
          changed()
        },
      )
      await slept
      clearTimeout(timer)
    }
  } finally {
    for (const e of events) client.off(e, changed)
    signal.removeEventListener('abort', changed)
  }
}
