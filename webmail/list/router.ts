/** The three panes: folders, list, letter. On a phone one at a time. */
import { type Request, type Response, Router } from 'express'
import { pages } from '#kit/web/page.ts'
import { requireSession, sessionOf } from '#kit/web/session.ts'
import type { Webmail } from '#webmail/context.ts'
import { folderTree, officeNames, ownerName } from '#webmail/folders.ts'
import { keptDays } from '#webmail/list/kept.ts'
import { mayDo } from '#webmail/list/may.ts'
import { quotaShown } from '#webmail/list/quota.ts'
import { listHref, listRows, pageSize, readListQuery } from '#webmail/list/rows.ts'
import { readLetter } from '#webmail/read/letter.ts'
import { place } from '#webmail/read/router.ts'
import { linked } from '#webmail/read/text.ts'

const { show } = pages(import.meta.dirname, 'desk')

export function listRouter(webmail: Webmail): Router {
  const router = Router()
  router.get('/thu', requireSession, (req, res) => panes(req, res))
  router.get('/thu/:uid', requireSession, (req, res) => panes(req, res, place(req)))

  async function panes(req: Request, res: Response, opened?: { folder: string; uid: number }): Promise<void> {
    const session = sessionOf(res)
    const query = readListQuery(req.query)
    if (query.q !== '' && !opened) {
      const within = query.folder === 'INBOX' ? '' : `&f=${encodeURIComponent(query.folder)}`
      return res.redirect(302, `/thu/tim?q=${encodeURIComponent(query.q)}${within}`)
    }
    const account = await webmail.connections.of(session)
    const offices = await officeNames(webmail.directory, session.person.address)
    const may = await mayDo(account, query.folder)
    const letter = opened ? await readLetter({ account, ...opened, webmail, see: may.see }) : undefined
    const tree = await folderTree(account, offices, query.folder, (owner) => ownerName(webmail, owner))
    const { rows, total } = await listRows({
      account,
      query,
      acts: webmail.acts,
      sentFolder: ['\\Sent', '\\Drafts'].includes(tree.current.specialUse),
      domain: webmail.domain,
      ...(opened ? { currentUid: opened.uid } : {}),
    })
    show(res, 'mail', {
      title: letter ? letter.subject : tree.current.label,
      active: 'mail',
      view: letter ? 'read' : 'list',
      styles: ['webmail.css'],
      scripts: ['webmail.js'],
      tree,
      query,
      rows,
      total,
      pageCount: Math.max(1, Math.ceil(total / pageSize)),
      href: (over: Parameters<typeof listHref>[1]) => listHref(query, over),
      letter,
      may,
      sent: req.query['da-gui'] === '1',
      linked,
      showImages: req.query['anh'] === '1',
      kept: await keptDays(webmail.directory, tree.current, session.person.address),
      quota: quotaShown(await account.quota()),
    })
  }
  return router
}
