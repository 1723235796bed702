import { Router } from 'express'
import { outerStates } from '#acts/dossier/case.ts'
import { pages } from '#kit/web/page.ts'
import { sessionOf } from '#kit/web/session.ts'
import type { ProjectionReader, WorkRow } from '#workflow/projection/reader.ts'
import type { Given } from './given.ts'
import { mayOpen, nameOf, type Viewer } from './viewer.ts'

const { show } = pages(import.meta.dirname, 'desk')
const pageRows = 50
export const stateIcons: Record<number, string> = {
  1: 'file-plus',
  2: 'inbox',
  3: 'ban',
  4: 'progress',
  5: 'file-plus',
  6: 'cash',
  7: 'arrow-back-up',
  8: 'player-pause',
  9: 'rubber-stamp',
  10: 'circle-check',
}

type View = 'mine' | 'all' | 'over'

const views: Record<View, string | undefined> = { mine: undefined, all: 'all', over: 'xong' }

/** `GET /ho-so`: what waits for me; `?xem=all`: every case that one may see; `?xem=xong`: those that are over. */
export function worklistRouter(given: Given): Router {
  const router = Router()
  router.get('/ho-so', async (req, res) => {
    const session = sessionOf(res)
    const viewer = await given.viewerOf(session)
    if (!viewer) return show(res, 'no-agency', { title: 'Hồ sơ', active: 'dossiers' })
    const text = (name: string) => (typeof req.query[name] === 'string' ? String(req.query[name]).slice(0, 200) : '')
    const q = text('q').trim()
    // a search looks through everything that the person may see
    const view: View = text('xem') === 'xong' ? 'over' : text('xem') === 'all' || q !== '' ? 'all' : 'mine'
    const outer = /^([1-9]|10)$/.test(text('trang-thai')) ? Number(text('trang-thai')) : undefined
    const after = text('sau') || undefined
    const book = given.registers.of(viewer.register)
    const now = given.now().toISOString()
    const list =
      view === 'mine'
        ? mine(book, viewer, { outer, after })
        : all(book, given, viewer, { q, outer, after, over: view === 'over' })
    const states = view === 'mine' ? statesOf(book, viewer) : view === 'all' && viewer.whole ? book.stateCounts() : {}
    const query = (change: Record<string, string | undefined>) => {
      const params = new URLSearchParams()
      const all = {
        xem: views[view],
        q: q || undefined,
        'trang-thai': outer?.toString(),
        ...change,
      }
      for (const [k, v] of Object.entries(all)) if (v !== undefined) params.set(k, v)
      return `/ho-so${params.size ? `?${params}` : ''}`
    }
    show(res, 'worklist', {
      title: view === 'mine' ? 'Việc chờ xử lý' : view === 'over' ? 'Hồ sơ đã xong' : 'Hồ sơ',
      active: 'dossiers',
      view,
      see: views[view] ?? 'all',
      viewer,
      q,
      outer,
      after,
      list,
      states,
      counts: book.workCounts({ parties: viewer.parties, now }),
      // of cases that one took part in, only a list of them knows how many there are
      total: viewer.whole ? Object.values(book.stateCounts()).reduce((a, b) => a + b, 0) : undefined,
      query,
      stateIcons,
      stateNames: outerStates,
      isOff: given.isOff,
      now,
      acts: given.acts.acts,
      nameOf: (address: string) => nameOf(viewer, address),
      topic: topicOf(viewer.register),
    })
  })
  return router
}

export const topicOf = (register: string): string => `register:${register}`

export type ListRow = Pick<
  WorkRow,
  'case' | 'code' | 'title' | 'from' | 'outer' | 'stateName' | 'openedAt' | 'startedAt' | 'due' | 'caseDue'
> & {
  acts: readonly string[]
  party?: string
  doneAt?: string
}
type Rows = { rows: readonly ListRow[]; total: number; next?: string }

function mine(
  book: ProjectionReader,
  viewer: Viewer,
  at: { outer?: number | undefined; after?: string | undefined },
): Rows {
  return book.worklist({
    parties: viewer.parties,
    limit: pageRows,
    ...(at.outer === undefined ? {} : { outer: at.outer }),
    ...(at.after === undefined ? {} : { after: at.after }),
  })
}

function all(
  book: ProjectionReader,
  given: Given,
  viewer: Viewer,
  at: { q: string; outer?: number | undefined; after?: string | undefined; over: boolean },
): Rows {
  const page = book.cases({
    q: at.q,
    ...(viewer.whole ? {} : { about: viewer.readable }),
    ...(at.over ? { over: true } : {}),
    limit: pageRows,
    ...(at.outer === undefined ? {} : { outer: at.outer }),
    ...(at.after === undefined ? {} : { after: at.after }),
  })
  const rows = page.rows.flatMap((row): ListRow[] => {
    const { due, ...rest } = row
    const state = book.case(row.case)?.state
    if (!state || !mayOpen(viewer, state)) return [] // named by the applicant only
    const turns = given.acts.turns(row.family, state)
    const [first] = turns
    return [
      {
        ...rest,
        acts: turns.map((t) => t.act),
        ...(first ? { party: first.party, ...(first.due ? { due: first.due } : {}) } : {}),
        ...(due ? { caseDue: due } : {}),
      },
    ]
  })
  return { rows, total: page.total, ...(page.next ? { next: page.next } : {}) }
}

/** How many of my cases stand in each state: my list is short, so it is counted row by row up to a page's limit. */
function statesOf(book: ProjectionReader, viewer: Viewer): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const outer of Object.keys(book.stateCounts()).map(Number)) {
    const { total } = book.worklist({ parties: viewer.parties, outer, limit: 1 })
    if (total > 0) counts[outer] = total
  }
  return counts
}
