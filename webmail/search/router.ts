/** Search in all of a person's mailboxes: the mail server finds and ranks, IMAP gives the rows. */
import { type Request, Router } from 'express'
import type { MailHit } from '#kit/directory/calls.ts'
import type { MailAccount } from '#kit/mail/imap.ts'
import type { Summary } from '#kit/mail/summary.ts'
import { fold } from '#kit/vi/fold.ts'
import { pages } from '#kit/web/page.ts'
import { requireSession, sessionOf } from '#kit/web/session.ts'
import type { Webmail } from '#webmail/context.ts'
import { type FolderTree, folderTree, officeNames, ownerName } from '#webmail/folders.ts'
import { quotaShown } from '#webmail/list/quota.ts'
import { shownName, subjectShown } from '#webmail/list/rows.ts'
import { type Piece, pieces } from '#webmail/search/highlight.ts'
import { readQuery, type SearchQuery } from '#webmail/search/query.ts'

const { show } = pages(import.meta.dirname, 'desk')
/** A row has four lines here; 25 are read before the next page is asked for. */
const pageSize = 25

export type FoundRow = {
  href: string
  who: Piece[]
  initials: string
  subject: Piece[]
  received: string
  unread: boolean
  attachment: boolean
  folder: string
  exact: boolean
  passages: { file?: string; fileName?: Piece[]; before?: string; found?: string; after?: string }[]
}

export function searchRouter(webmail: Webmail): Router {
  const router = Router()
  router.get('/thu/tim', requireSession, async (req, res) => {
    const session = sessionOf(res)
    const now = String(res.locals['now'])
    const typed = one(req, 'q').trim().slice(0, 200)
    const page = Math.min(400, Math.max(1, Math.trunc(Number(one(req, 'trang'))) || 1))
    const account = await webmail.connections.of(session)
    const offices = await officeNames(webmail.directory, session.person.address)
    const near = one(req, 'f')
    const tree = await folderTree(account, offices, near || 'INBOX', (owner) => ownerName(webmail, owner))
    const query = readQuery(typed, now)
    const folder = folderAsked(query, tree) ?? (one(req, 'pham-vi') === 'thu-muc' && near ? near : undefined)
    const asked = typed !== '' && !isEmpty(query)
    const { words, phrases, within: _, unread, ...rest } = query
    const found = asked
      ? await webmail.directory['mail.search']({
          token: session.token,
          ...(folder === undefined ? {} : { folder }),
          words,
          phrases,
          ...rest,
          offset: (page - 1) * pageSize,
          limit: pageSize,
        })
      : { total: 0, more: false, hits: [], filesWaiting: 0 }
    const rows = await rowsOf(account, found.hits, tree, query)
    const link = (over: Record<string, string | undefined>) => {
      const given = { q: typed, f: near, 'pham-vi': folder === near && near ? 'thu-muc' : '', ...over }
      return `/thu/tim?${new URLSearchParams(Object.entries(given).filter((e): e is [string, string] => Boolean(e[1])))}`
    }
    show(res, 'search', {
      title: typed ? `Tìm: ${typed}` : 'Tìm thư',
      active: 'mail',
      view: 'list',
      styles: ['webmail.css'],
      scripts: ['webmail.js'],
      tree,
      typed,
      near,
      folder,
      folderLabel: folder === undefined ? undefined : (tree.labels.get(folder) ?? folder),
      unknownFolder: query.within !== undefined && folderAsked(query, tree) === undefined ? query.within : undefined,
      unread,
      asked,
      found,
      rows,
      page,
      pageCount: Math.max(1, Math.ceil(found.total / pageSize)),
      link,
      quota: quotaShown(await account.quota()),
    })
  })
  return router
}

const one = (req: Request, name: string): string => (typeof req.query[name] === 'string' ? req.query[name] : '')

const isEmpty = (q: SearchQuery): boolean =>
  q.words.length === 0 && [q.from, q.to, q.subject, q.file, q.since, q.before].every((v) => v === undefined)

/** "trong: đã gửi": the first folder whose name, or mailbox and name, begins so. */
function folderAsked({ within }: SearchQuery, tree: FolderTree): string | undefined {
  if (within === undefined) return undefined
  const wanted = fold(within)
  const all = [...tree.labels].map(([path, label]) => ({ path, label: fold(label) }))
  return (all.find((f) => f.label === wanted) ?? all.find((f) => f.label.includes(wanted)))?.path
}

/** In the order of the hits; a message that went meanwhile is left out. */
async function rowsOf(
  account: MailAccount,
  hits: readonly MailHit[],
  tree: FolderTree,
  query: SearchQuery,
): Promise<FoundRow[]> {
  const byFolder = Map.groupBy(hits, (h) => h.folder)
  const summaries = new Map<string, Summary>()
  for (const [folder, list] of byFolder)
    for (const m of await account.summaries({ folder, uids: list.map((h) => h.uid), structure: true }))
      summaries.set(`${folder} ${m.uid}`, m)
  return hits.flatMap((hit) => {
    const m = summaries.get(`${hit.folder} ${hit.uid}`)
    return m ? [rowOf(hit, m, tree, query)] : []
  })
}

function rowOf(hit: MailHit, m: Summary, tree: FolderTree, query: SearchQuery): FoundRow {
  const who = m.from.map(shownName).join(', ') || '(không ghi người gửi)'
  const params = hit.folder === 'INBOX' ? '' : `?${new URLSearchParams({ f: hit.folder })}`
  return {
    href: `/thu/${hit.uid}${params}`,
    who: pieces(who, [...query.words, query.from ?? '']),
    initials: who,
    subject: pieces(subjectShown(m.subject, false), [...query.words, query.subject ?? '']),
    received: m.received.toISOString(),
    unread: !m.flags.includes('\\Seen'),
    attachment: m.structure?.children.some((c) => c.disposition === 'attachment') ?? false,
    folder: tree.labels.get(hit.folder) ?? hit.folder,
    exact: hit.exact,
    passages: distinct(hit).map(({ file, where, excerpt }) => ({
      ...(where === 'file' && file !== undefined ? { file } : {}),
      ...(where === 'file-name' && file !== undefined ? { fileName: pieces(file, query.words) } : {}),
      ...excerpt,
    })),
  }
}

/** At most two, and none that shows what another shows. */
function distinct(hit: MailHit): MailHit['passages'] {
  const told = hit.passages.filter((p) => p.where === 'file-name' || p.excerpt !== undefined)
  const seen = new Set<string>()
  return told
    .filter((p) => {
      const key = `${p.where} ${p.file ?? ''} ${p.where === 'file-name' ? '' : (p.excerpt?.before.slice(-20) ?? '')}`
      return seen.has(key) ? false : Boolean(seen.add(key))
    })
    .slice(0, 2)
}
