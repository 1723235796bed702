/** Sổ đăng ký văn bản đến and đi: the columns of NĐ 30/2020 Phụ lục IV, searched without marks, printed as the book. */
import { type Request, type Response, Router } from 'express'
import { registerPdf } from '#kit/pdf/register.ts'
import { Refusal } from '#kit/refusal.ts'
import { localDate, readDate, shortDate } from '#kit/vi/dates.ts'
import { pages } from '#kit/web/page.ts'
import { sessionOf } from '#kit/web/session.ts'
import type { ArrivalView, ProjectionReader } from '#workflow/projection/reader.ts'
import type { Given } from './given.ts'
import type { Viewer } from './viewer.ts'
import { topicOf } from './worklist.ts'

const { show } = pages(import.meta.dirname, 'desk')
const pageRows = 50
/** A book has some hundred leaves of 15 lines; a year of a busy agency is two or three books. */
const mostPrinted = 6_000
const views: ArrivalView[] = ['all', 'today', 'unforwarded', 'late', 'open']

export type Kind = 'arrivals' | 'outgoing'
type Asked = {
  year: number
  years: number[]
  q: string
  view: ArrivalView
  from: string
  to: string
  days: { from?: string; to?: string }
  after: string | undefined
}

export function registerRouter(given: Given): Router {
  const router = Router()
  router.get('/van-ban', (_req, res) => res.redirect(302, '/van-ban/den'))
  for (const [path, kind] of [
    ['/van-ban/den', 'arrivals'],
    ['/van-ban/di', 'outgoing'],
  ] as const) {
    router.get(path, async (req, res) => {
      const { viewer, book } = await readable(given, res)
      const asked = ask(req, book, given.now())
      const list = linesOf(book, kind, asked, { now: given.now(), limit: pageRows, after: asked.after })
      const dayStart = startOfToday(given.now())
      const now = given.now().toISOString()
      show(res, 'register', {
        title: kind === 'arrivals' ? 'Sổ đăng ký văn bản đến' : 'Sổ đăng ký văn bản đi',
        active: 'documents',
        kind,
        path,
        viewer,
        asked,
        list,
        counts: kind === 'arrivals' ? book.arrivalCounts({ year: asked.year, now, dayStart }) : undefined,
        whole: linesOf(book, kind, { ...asked, q: '', view: 'all', days: {} }, { now: given.now(), limit: 1 }),
        query: (change: Record<string, string | undefined>) => link(path, asked, change),
        isOff: given.isOff,
        now,
        topic: topicOf(viewer.register),
      })
    })
    router.get(`${path}/in`, async (req, res) => {
      const { viewer, book } = await readable(given, res)
      const asked = ask(req, book, given.now())
      const pdf = await print(given, viewer, book, kind, asked)
      const name = kind === 'arrivals' ? 'So-van-ban-den' : 'So-van-ban-di'
      res.set({
        'Content-Type': 'application/pdf',
        'Content-Disposition': `inline; filename="${name}-${asked.year}.pdf"`,
        'Content-Security-Policy':
          "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'",
      })
      res.end(pdf)
    })
  }
  return router
}

async function readable(given: Given, res: Response): Promise<{ viewer: Viewer; book: ProjectionReader }> {
  const viewer = await given.viewerOf(sessionOf(res))
  if (!viewer?.whole)
    throw new Refusal(
      403,
      'Sổ văn bản dành cho văn thư và lãnh đạo cơ quan. Cần tra một văn bản thì hỏi văn thư.',
      `${sessionOf(res).person.address} may not read the register`,
    )
  return { viewer, book: given.registers.of(viewer.register) }
}

function ask(req: Request, book: ProjectionReader, now: Date): Asked {
  const text = (name: string) =>
    typeof req.query[name] === 'string' ? String(req.query[name]).slice(0, 200).trim() : ''
  const current = Number(localDate(now.toISOString()).slice(0, 4))
  const years = [...new Set([current, ...book.years()])].sort((a, b) => b - a)
  const year = Number(text('nam'))
  const from = readDate(text('tu'))
  const to = readDate(text('den'))
  const view = text('xem') as ArrivalView
  return {
    year: years.includes(year) ? year : current,
    years,
    q: text('q'),
    view: views.includes(view) ? view : 'all',
    from: text('tu'),
    to: text('den'),
    days: { ...(from ? { from } : {}), ...(to ? { to } : {}) },
    after: /^\d{1,9}$/.test(text('sau')) ? text('sau') : undefined,
  }
}

function link(path: string, asked: Asked, change: Record<string, string | undefined>): string {
  const params = new URLSearchParams()
  const all = {
    nam: asked.year === asked.years[0] ? undefined : String(asked.year),
    xem: asked.view === 'all' ? undefined : asked.view,
    q: asked.q || undefined,
    tu: asked.from || undefined,
    den: asked.to || undefined,
    ...change,
  }
  for (const [k, v] of Object.entries(all)) if (v !== undefined) params.set(k, v)
  return `${path}${params.size ? `?${params}` : ''}`
}

const startOfToday = (now: Date) => instantOf(localDate(now.toISOString()))
const instantOf = (day: string) =>
  `${Temporal.PlainDate.from(day).toZonedDateTime('Asia/Ho_Chi_Minh').toInstant().toString({ smallestUnit: 'second' })}`
const dayAfter = (day: string) => Temporal.PlainDate.from(day).add({ days: 1 }).toString()

function linesOf(
  book: ProjectionReader,
  kind: Kind,
  asked: Asked,
  at: { now: Date; limit: number; after?: string | undefined },
) {
  const common = {
    year: asked.year,
    q: asked.q,
    limit: at.limit,
    ...(at.after === undefined ? {} : { after: at.after }),
  }
  const { from, to } = asked.days
  if (kind === 'outgoing')
    return book.outgoing({ ...common, ...(from ? { fromDay: from } : {}), ...(to ? { toDay: to } : {}) })
  return book.arrivals({
    ...common,
    view: asked.view,
    now: at.now.toISOString(),
    dayStart: startOfToday(at.now),
    ...(from ? { since: instantOf(from) } : {}),
    ...(to ? { until: instantOf(dayAfter(to)) } : {}),
  })
}

async function print(given: Given, viewer: Viewer, book: ProjectionReader, kind: Kind, asked: Asked): Promise<Buffer> {
  const cells: { key: string; number: string; line: Parameters<typeof registerPdf>[0]['lines'][number] }[] = []
  let after: string | undefined
  do {
    const page = linesOf(book, kind, asked, { now: given.now(), limit: 200, after })
    for (const row of page.rows) cells.push('arrivedAt' in row ? arrivalCells(row) : outgoingCells(row))
    after = page.next
  } while (after !== undefined && cells.length < mostPrinted)
  if (after !== undefined)
    throw new Refusal(
      413,
      'Sổ dài hơn 6.000 dòng. Chọn khoảng ngày ngắn hơn rồi in từng phần.',
      'too many lines to print',
    )
  cells.reverse() // the book begins with the first number
  const [first, last] = [cells[0], cells.at(-1)]
  const today = localDate(given.now().toISOString())
  return registerPdf({
    agency: { name: viewer.agency.name, ...(viewer.agency.parentName ? { parentName: viewer.agency.parentName } : {}) },
    kind: kind === 'arrivals' ? 'đến' : 'đi',
    year: asked.year,
    from: asked.days.from ?? first?.key ?? today,
    to: asked.days.to ?? last?.key ?? today,
    firstNumber: first?.number ?? '',
    lastNumber: last?.number ?? '',
    volume: '01',
    lines: cells.map((c) => c.line),
    printedAt: given.now().toISOString(),
  })
}

type ArrivalRow = ReturnType<ProjectionReader['arrivals']>['rows'][number]
type OutgoingRow = ReturnType<ProjectionReader['outgoing']>['rows'][number]

function arrivalCells(r: ArrivalRow) {
  return {
    key: localDate(r.arrivedAt),
    number: String(r.n),
    line: [
      shortDate(r.arrivedAt),
      String(r.n),
      r.author,
      r.reference,
      r.documentDate ? shortDate(r.documentDate) : '',
      r.subject,
      r.receiver,
      r.forwardedAt ? shortDate(r.forwardedAt) : '',
      r.signedFor,
      r.note,
    ] as const,
  }
}

function outgoingCells(r: OutgoingRow) {
  return {
    key: r.date,
    number: r.number,
    line: [
      r.number,
      shortDate(r.date),
      r.subject,
      r.signer,
      r.recipients,
      r.keeper,
      String(r.copies),
      shortDate(r.sentAt),
      r.signedFor,
      r.note,
    ] as const,
  }
}
