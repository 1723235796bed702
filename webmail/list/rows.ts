import type { MailAccount, Search } from '#kit/mail/imap.ts'
import type { Person, Summary } from '#kit/mail/summary.ts'
import type { ActName } from '#webmail/context.ts'

/** One screen of a laptop holds about ten; fifty are scrolled without waiting. */
export const pageSize = 50
/** A query longer than this is pasted text, not a search. */
const longestQuery = 200

export const views = ['all', 'official', 'unread'] as const
export type View = (typeof views)[number]
export type ListQuery = { folder: string; view: View; q: string; page: number }
export type Row = {
  uid: number
  who: string
  initials: 'person' | 'office' | 'outside'
  subject: string
  received: string
  unread: boolean
  flagged: boolean
  answered: boolean
  attachment: boolean
  act?: ActName
  current: boolean
}

/** Reads the address's query; what is odd becomes the plain list, never an error. */
export function readListQuery(query: Record<string, unknown>): ListQuery {
  const text = (name: string) => (typeof query[name] === 'string' ? (query[name] as string) : '')
  const view = views.find((v) => v === text('xem')) ?? 'all'
  const page = Number(text('trang'))
  return {
    folder: text('f') || 'INBOX',
    view,
    q: text('q').trim().slice(0, longestQuery),
    page: Number.isInteger(page) && page > 0 ? page : 1,
  }
}

/** Address of the list, or of a message beside it, with what is not usual in the query. */
export function listHref(q: ListQuery, over: Partial<ListQuery> & { uid?: number } = {}): string {
  const { uid, ...changed } = over
  const all = { ...q, ...changed }
  const params = new URLSearchParams()
  if (all.folder !== 'INBOX') params.set('f', all.folder)
  if (all.view !== 'all') params.set('xem', all.view)
  if (all.q) params.set('q', all.q)
  if (all.page > 1) params.set('trang', String(all.page))
  const text = params.toString()
  return `/thu${uid === undefined ? '' : `/${uid}`}${text ? `?${text}` : ''}`
}

export async function listRows(given: {
  account: MailAccount
  query: ListQuery
  acts: ReadonlyMap<string, ActName>
  sentFolder: boolean
  domain: string
  currentUid?: number
}): Promise<{ rows: Row[]; total: number }> {
  const { account, query } = given
  const offset = (query.page - 1) * pageSize
  const search = searchOf(query)
  const wanted = { folder: query.folder, structure: true, headers: ['congso-kind'] }
  const found = search ? await account.search({ folder: query.folder, query: search }) : undefined
  const { total, messages } = found
    ? {
        total: found.length,
        messages: await account.summaries({ ...wanted, uids: found.slice(offset, offset + pageSize) }),
      }
    : await account.page({ ...wanted, offset, limit: pageSize })
  const rows = messages.sort((a, b) => b.uid - a.uid).map((m) => row(m, given))
  return { rows, total }
}

function searchOf({ view }: ListQuery): Search | undefined {
  if (view === 'all') return undefined
  return {
    ...(view === 'unread' ? { seen: false } : {}),
    ...(view === 'official' ? { header: { 'CongSo-Kind': '' } } : {}),
  }
}

function row(
  m: Summary,
  given: { acts: ReadonlyMap<string, ActName>; sentFolder: boolean; domain: string; currentUid?: number },
): Row {
  const people = given.sentFolder ? m.to : m.from
  const first = people[0]
  const kind = m.headers.find((h) => h.name === 'congso-kind')?.value
  // the field alone proves nothing; the edge lets nobody outside write From in our name, and the letter's card checks the seal
  const inside = m.from[0]?.address.toLowerCase().endsWith(`@${given.domain}`) === true
  const act = kind === undefined || !inside ? undefined : given.acts.get(kind)
  return {
    uid: m.uid,
    who: people.length > 0 ? people.map(shownName).join(', ') : '(không ghi người gửi)',
    initials: !first?.address.toLowerCase().endsWith(`@${given.domain}`) ? 'outside' : act ? 'office' : 'person',
    subject: subjectShown(m.subject, act !== undefined),
    received: m.received.toISOString(),
    unread: !m.flags.includes('\\Seen'),
    flagged: m.flags.includes('\\Flagged'),
    answered: m.flags.includes('\\Answered'),
    attachment: m.structure !== undefined && hasAttachment(m.structure),
    ...(act ? { act } : {}),
    current: m.uid === given.currentUid,
  }
}

/** A structured message shows its case's code elsewhere; in the line it would push the words out. */
export function subjectShown(subject: string, structured: boolean): string {
  return (structured ? subject.replace(/^\[[^\]\s]{4,60}\]\s*/, '') : subject) || '(không có chủ đề)'
}

export const shownName = (p: Person): string => p.name || p.address || '(không rõ)'

function hasAttachment(part: {
  disposition?: string
  filename?: string
  type: string
  children: readonly unknown[]
}): boolean {
  if (part.disposition === 'attachment') return true
  return part.children.some((child) => hasAttachment(child as typeof part))
}
