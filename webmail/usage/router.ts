/** What the mailbox takes up, folder by folder, and what happens when it fills up. */
import { Router } from 'express'
import { pages } from '#kit/web/page.ts'
import { requireSession, sessionOf } from '#kit/web/session.ts'
import type { Webmail } from '#webmail/context.ts'
import { foldersOf } from '#webmail/folders.ts'
import { downloadRouter } from '#webmail/usage/download.ts'

const { show } = pages(import.meta.dirname, 'desk')

export function usageRouter(webmail: Webmail): Router {
  const router = Router()
  router.get('/thu/dung-luong', requireSession, async (_req, res) => {
    const session = sessionOf(res)
    const { address } = session.person
    const [connection, { account, mailboxes }, kept] = await Promise.all([
      webmail.connections.of(session),
      webmail.directory['mailbox.list']({ address }),
      webmail.directory['expiry.get']({ scope: address }),
    ])
    const labels = new Map((await foldersOf(connection)).map((f) => [f.path, f.label]))
    const days: Record<string, number> = { '\\Junk': kept.junk, '\\Trash': kept.trash }
    show(res, 'usage', {
      title: 'Dung lượng',
      active: 'mail',
      styles: ['webmail.css'],
      account,
      share: Math.max(
        part(account.used, account.quota),
        account.mostMessages === undefined ? 0 : part(account.messages ?? 0, account.mostMessages),
      ),
      folders: mailboxes
        .filter((m) => m.messages > 0)
        .sort((a, b) => b.octets - a.octets)
        .map((m) => ({ ...m, label: labels.get(m.path) ?? m.path, days: days[m.specialUse ?? ''] ?? 0 })),
    })
  })
  router.use(downloadRouter(webmail))
  return router
}

/** Per cent; without a limit 0. */
const part = (used: number, limit: number | undefined): number =>
  limit === undefined ? 0 : limit === 0 ? 100 : Math.min(100, (used / limit) * 100)
