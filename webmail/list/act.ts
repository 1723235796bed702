/** What is done to letters from the list and the reading pane: one table, one route. */
import { type Request, Router } from 'express'
import type { MailAccount } from '#kit/mail/imap.ts'
import { Refusal } from '#kit/refusal.ts'
import { requireSession, sessionOf } from '#kit/web/session.ts'
import type { Webmail } from '#webmail/context.ts'
import { folderFor } from '#webmail/folders.ts'
import { readUid } from '#webmail/uid.ts'

type Chosen = { account: MailAccount; folder: string; uids: number[]; to: string }
/** A page holds 50 rows; more is somebody's script. */
const mostChosen = 500

const deeds: Record<string, (chosen: Chosen) => Promise<void>> = {
  read: ({ account, folder, uids }) => account.changeFlags({ folder, uids, change: { add: ['\\Seen'] } }),
  unread: ({ account, folder, uids }) => account.changeFlags({ folder, uids, change: { remove: ['\\Seen'] } }),
  flag: ({ account, folder, uids }) => account.changeFlags({ folder, uids, change: { add: ['\\Flagged'] } }),
  unflag: ({ account, folder, uids }) => account.changeFlags({ folder, uids, change: { remove: ['\\Flagged'] } }),
  archive: (chosen) => moveTo(chosen, '\\Archive'),
  junk: (chosen) => moveTo(chosen, '\\Junk'),
  trash: (chosen) => moveTo(chosen, '\\Trash'),
  inbox: (chosen) => moveTo(chosen, '\\Inbox'),
  delete: ({ account, folder, uids }) => account.expunge({ folder, uids }),
  move: async ({ account, folder, uids, to }) => {
    if (!to) throw new Refusal(422, 'Chưa chọn thư mục chuyển đến.', 'move without a folder')
    await account.move({ folder, uids, to })
  },
}

async function moveTo({ account, folder, uids }: Chosen, use: string): Promise<void> {
  const to = await folderFor(account, use, folder)
  if (!to) throw new Refusal(409, 'Hộp thư này chưa có thư mục đó. Tạo thư mục rồi làm lại.', `no folder for ${use}`)
  await account.move({ folder, uids, to })
}

export function actRouter(webmail: Webmail): Router {
  const router = Router()
  router.post('/thu/lam', requireSession, async (req, res) => {
    const deed = deeds[text(req, 'viec')]
    if (!deed) throw new Refusal(422, 'Chưa chọn việc cần làm.', `no deed ${text(req, 'viec')}`)
    const uids = [req.body['uid'] ?? []]
      .flat()
      .map(readUid)
      .filter((uid) => uid !== undefined)
    if (uids.length === 0) throw new Refusal(422, 'Chưa chọn thư nào.', 'nothing chosen')
    if (uids.length > mostChosen)
      throw new Refusal(413, `Chọn nhiều nhất ${mostChosen} thư một lần.`, 'too many chosen')
    const account = await webmail.connections.of(sessionOf(res))
    await deed({ account, folder: text(req, 'f') || 'INBOX', uids, to: text(req, 'den') })
    res.redirect(303, localPath(text(req, 've')))
  })
  return router
}

const text = (req: Request, name: string): string => {
  const value: unknown = req.body?.[name]
  return typeof value === 'string' ? value : ''
}

/** Only back into the webmail, wherever the form says. */
function localPath(path: string): string {
  return /^\/thu(?:[/?]|$)/.test(path) && !path.includes('\\') ? path : '/thu'
}
