/** A folder as one mbox file, written while it is read: a message at a time is in memory, however large the folder is. */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Router } from 'express'
import { subsystem } from '#kit/log.ts'
import type { MailAccount } from '#kit/mail/imap.ts'
import { mboxEntry } from '#kit/message/mbox.ts'
import { Refusal } from '#kit/refusal.ts'
import { disposition } from '#kit/web/disposition.ts'
import { requireSession, sessionOf } from '#kit/web/session.ts'
import type { Webmail } from '#webmail/context.ts'
import { folderTree, officeNames, ownerName } from '#webmail/folders.ts'

const log = subsystem('webmail:download')
/** Of one person: each has an IMAP connection of its own while it lasts. */
const mostAtOnce = 2

export function downloadRouter(webmail: Webmail): Router {
  const router = Router()
  const running = new Map<string, number>()

  router.get('/thu/tai-ve', requireSession, async (req, res) => {
    const session = sessionOf(res)
    const { address } = session.person
    const folder = typeof req.query['f'] === 'string' && req.query['f'] ? req.query['f'] : 'INBOX'
    const now = running.get(address) ?? 0
    if (now >= mostAtOnce)
      throw new Refusal(
        429,
        'Đang tải về hai thư mục. Chờ một thư mục tải xong rồi làm lại.',
        `${address} downloads ${now} folders`,
      )
    running.set(address, now + 1)
    try {
      await using account = await webmail.connections.watch(session)
      const uids = (await account.search({ folder, query: { all: true } })).reverse()
      const offices = await officeNames(webmail.directory, address)
      const tree = await folderTree(account, offices, folder, (owner) => ownerName(webmail, owner))
      res.set({
        'Content-Type': 'application/mbox',
        'Content-Disposition': disposition('attachment', `${tree.current.label.replaceAll(/[/\\]/g, ' - ')}.mbox`),
        'Cache-Control': 'private, no-store',
      })
      await pipeline(Readable.from(entries(account, folder, uids), { objectMode: false }), res)
    } catch (err) {
      if (!res.headersSent) throw err
      // whoever downloads sees that it broke off; there is no page to say it on any more
      log.info({ err, account: address, folder }, 'a download broke off')
      res.destroy()
    } finally {
      const left = running.get(address)! - 1
      if (left > 0) running.set(address, left)
      else running.delete(address)
    }
  })
  return router
}

async function* entries(account: MailAccount, folder: string, uids: readonly number[]): AsyncGenerator<Buffer> {
  for (const uid of uids) {
    const message = await account.message({ folder, uid }).catch((err: unknown) => {
      if (err instanceof Refusal && err.status === 404) return undefined // removed meanwhile
      throw err
    })
    if (message) yield mboxEntry({ raw: message.raw, at: message.received, flags: message.flags })
  }
}
