/** `GET /ho-so/<case>/thu`: the letters of a case in the mailboxes that the person may read, oldest first, each once. */
import { Router } from 'express'
import type { MailAccount } from '#kit/mail/imap.ts'
import type { Summary } from '#kit/mail/summary.ts'
import { pages } from '#kit/web/page.ts'
import { sessionOf } from '#kit/web/session.ts'
import { openCase } from './case.ts'
import type { Given } from './given.ts'
import { nameOf, type Viewer } from './viewer.ts'

const { show } = pages(import.meta.dirname, 'desk')
/** A case has some ten letters in one folder; more are found by searching in the mail. */
const mostInFolder = 100

type Letter = Summary & { folder: string; kind: string }

export function lettersRouter(given: Given): Router {
  const router = Router()
  router.get('/ho-so/:id/thu', async (req, res) => {
    const { viewer, row } = await openCase(given, res, req.params.id)
    const letters = await given.mailboxes.use(sessionOf(res), (account) => lettersOf(account, row.case))
    show(res, 'letters', {
      title: `Thư của hồ sơ ${row.code ?? row.case}`,
      active: 'dossiers',
      viewer,
      row,
      letters,
      acts: given.acts.acts,
      folderName: (path: string) => folderName(viewer, path),
      now: given.now().toISOString(),
    })
  })
  return router
}

/** "Chung/motcua.stttt/INBOX" as the office's name; own folders as they are called in the mail. */
function folderName(viewer: Viewer, path: string): string {
  const local = /^Chung\/([^/]+)\//.exec(path)?.[1]
  const domain = viewer.register.slice(viewer.register.indexOf('@'))
  if (local) return nameOf(viewer, `${local}${domain}`)
  return path === 'INBOX' ? 'Hộp thư đến' : path === 'Sent' ? 'Đã gửi' : path === 'Archive' ? 'Lưu trữ' : path
}

async function lettersOf(account: MailAccount, caseId: string): Promise<Letter[]> {
  const found = new Map<string, Letter>()
  for (const { path } of await account.folders()) {
    if (/(^|\/)(Junk|Trash|Drafts|Ledger|Handled)(\/|$)/.test(path)) continue // the record itself is shown as history
    const uids = await account.search({ folder: path, query: { header: { 'congso-case': caseId } } })
    const headers = ['congso-kind']
    for (const s of await account.summaries({ folder: path, uids: uids.slice(0, mostInFolder), headers })) {
      const kind = s.headers.find((h) => h.name === 'congso-kind')?.value ?? ''
      if (!found.has(s.messageId)) found.set(s.messageId, { ...s, folder: path, kind })
    }
  }
  return [...found.values()].sort((a, b) => a.received.getTime() - b.received.getTime())
}
