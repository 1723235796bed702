import { type Request, Router } from 'express'
import { Refusal } from '#kit/refusal.ts'
import { localDate } from '#kit/vi/dates.ts'
import { pages } from '#kit/web/page.ts'
import type { Context } from '../context.ts'
import { MAX_DRAFTS_PER_HOUR } from '../limits.ts'
import { monthlyFigures } from '../projection/open.ts'
import { hashToken, newToken } from '../reference.ts'
import { addDraft } from '../store/drafts.ts'
import { tally } from '../store/visits.ts'
import { catalogue, deadlineWords, type Listed, versionOn, wayOf } from './procedures.ts'

const { show } = pages(import.meta.dirname, 'portal')

/** Longest query that is searched for; a name of a procedure has at most 150 signs. */
const MAX_QUERY = 200
/** Months in the figures on the home page. */
const MONTHS = 12

/** Home with search, the public information of each procedure, guidance, and the beginning of a draft. */
export function catalogueRoutes(context: Context): Router {
  const { province, store, now } = context
  const router = Router()
  const today = (): string => localDate(now())

  router.get('/', (req, res) => {
    const q = query(req)
    const since = new Date(Date.parse(now()) - MONTHS * 31 * 86_400_000).toISOString()
    show(res, 'home', {
      title: q ? `Tìm “${q}”` : 'Thủ tục',
      active: 'procedures',
      q,
      found: catalogue(province, today(), q),
      figures: q ? [] : monthlyFigures(context.projection, since).slice(-MONTHS),
      deadlineWords,
      wayOf,
      iconOf,
    })
  })

  router.get('/thu-tuc', (req, res) => res.redirect(301, query(req) ? `/?q=${encodeURIComponent(query(req))}` : '/'))

  router.get('/thu-tuc/:code', (req, res) => {
    const { procedure, version } = find(req.params.code)
    const agency = province.agencies.find((a) => a.id === procedure.agency)!
    show(res, 'procedure', {
      title: procedure.name,
      active: 'procedures',
      procedure,
      version,
      agency,
      deadlineWords,
      way: wayOf(version),
    })
  })

  router.post('/thu-tuc/:code/soan', (req, res) => {
    const { procedure, version } = find(req.params.code)
    if (wayOf(version) === 'read')
      throw new Refusal(409, version.whyNot ?? 'Thủ tục này không nộp trực tuyến.', `${procedure.code} has no form`)
    if (!tally(store, `draft ${req.ip}`, { now: now(), most: MAX_DRAFTS_PER_HOUR }))
      throw new Refusal(
        429,
        'Từ mạng này đã mở quá nhiều hồ sơ trong một giờ. Mở lại hồ sơ đang soạn, hoặc chờ một giờ.',
        `drafts from ${req.ip}`,
      )
    const token = newToken()
    addDraft(store, {
      id: newToken(),
      label: label(),
      tokenHash: hashToken(token),
      procedure: procedure.code,
      version: version.version,
      at: now(),
    })
    res.redirect(303, `/soan/${token}/${version.form[0]!.id}`)
  })

  router.get('/huong-dan', (_req, res) => show(res, 'guide', { title: 'Hướng dẫn', active: 'guide' }))

  function find(code: string): Listed {
    const procedure = province.procedures.find((p) => p.code === code)
    const version = procedure && versionOn(procedure, today())
    if (procedure && version) return { procedure, version }
    throw new Refusal(404, 'Không có thủ tục này. Tìm lại theo tên ở trang đầu.', `procedure ${code.slice(0, 40)}`)
  }
  return router
}

const query = (req: Request): string =>
  typeof req.query['q'] === 'string' ? req.query['q'].slice(0, MAX_QUERY).trim() : ''

/** A short name for the draft that can be read out: "7K3Q-MX2". It opens nothing. */
const label = (): string => {
  const signs = newToken().slice(0, 7)
  return `${signs.slice(0, 4)}-${signs.slice(4)}`
}

const icons: Record<string, string> = {
  '1.009374': 'news',
  '2.001564': 'world',
  '2.001594': 'printer',
  'HD.TANSO': 'antenna',
  'HD.KHIEUNAI': 'scale',
  'HD.TOCAO': 'shield-lock',
}
const iconOf = (code: string): string => icons[code] ?? 'file-text'
