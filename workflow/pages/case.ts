import { randomUUID } from 'node:crypto'
import { type Response, Router } from 'express'
import type { Case } from '#acts/dossier/case.ts'
import type { Turn } from '#kit/act/act.ts'
import type { AnyAct } from '#kit/act/registry.ts'
import { Refusal } from '#kit/refusal.ts'
import { pages } from '#kit/web/page.ts'
import { sessionOf } from '#kit/web/session.ts'
import type { CaseFileRow, CaseRow } from '#workflow/projection/reader.ts'
import { expectedPreview } from './files.ts'
import type { Given } from './given.ts'
import { refusalOf } from './outcome.ts'
import { mayOpen, nameOf, partiesFor, type Viewer } from './viewer.ts'
import { stateIcons, topicOf } from './worklist.ts'

const { show } = pages(import.meta.dirname, 'desk')

export type Offer = { act: AnyAct; turn: Turn }
export type Opened = {
  viewer: Viewer
  row: CaseRow
  state: Case
  offers: readonly Offer[]
  files: readonly CaseFileRow[]
}
/** A form that came back: what was typed, what is wrong, and the nonce that keeps a repeat one message. */
export type Draft = { kind: string; nonce: string; values: Record<string, unknown>; errors: Record<string, string> }

/** @throws Refusal 404 for a case that is not there, and for one that this person may not open: they look the same */
export async function openCase(given: Given, res: Response, id: string): Promise<Opened> {
  const viewer = await given.viewerOf(sessionOf(res))
  const book = viewer && given.registers.of(viewer.register)
  const found = book?.case(id)
  if (!viewer || !book || !found || !mayOpen(viewer, found.state))
    throw new Refusal(
      404,
      'Hồ sơ này không có trong sổ của cơ quan, hoặc chưa được giao cho tài khoản này. Kiểm tra lại mã.',
      `no case ${id.slice(0, 40)} for ${viewer?.person.address}`,
    )
  const { row, state } = found
  return {
    viewer,
    row,
    state: state as Case,
    offers: given.acts.offers(row.family, state, viewer.parties),
    files: book.files(row.case),
  }
}

/** `GET /ho-so/<reference or code>`: the case; `?viec=<kind>` opens that act's form, `?tep=<sha256>` that file. */
export function caseRouter(given: Given): Router {
  const router = Router()
  router.get('/ho-so/:id', async (req, res) => {
    const opened = await openCase(given, res, req.params.id)
    const text = (name: string) => (typeof req.query[name] === 'string' ? String(req.query[name]).slice(0, 300) : '')
    const command = text('lenh')
    const entry = command === '' ? undefined : given.registers.of(opened.viewer.register).entryOf(command)
    const refused = command === '' || entry ? undefined : await refusalOf(given, sessionOf(res), opened, command)
    showCase(given, res, opened, {
      act: text('viec'),
      file: text('tep'),
      done: entry?.seq ?? (Number(text('xong')) || undefined),
      under: command !== '' && !refused && !entry,
      refused,
    })
  })
  return router
}

export type Look = {
  act: string
  file: string
  /** seq of the event that the person has just caused */
  done: number | undefined
  /** a command is kept and not decided yet */
  under: boolean
  /** why the register refused the command */
  refused: string | undefined
  draft?: Draft
}

export function showCase(given: Given, res: Response, opened: Opened, look: Look): void {
  const { viewer, row, state, offers, files } = opened
  const chosen = offers.find((o) => o.act.kind === look.act) ?? offers[0]
  const now = given.now().toISOString()
  const previewed = files.find((f) => f.sha256 === look.file)
  show(res, 'case', {
    title: `${row.code ?? row.case}: ${row.title}`,
    active: 'dossiers',
    viewer,
    row,
    state,
    offers,
    chosen,
    files,
    previewed,
    preview: previewed && expectedPreview(previewed),
    neighbours: neighbours(files, previewed),
    look,
    doneText: state.history?.find((s) => s.seq === look.done)?.text,
    nonce: look.draft?.nonce ?? `${randomUUID()}`,
    parties: chosen ? fieldParties(viewer, chosen.act) : {},
    nameOf: (address: string) => nameOf(viewer, address),
    acts: given.acts.acts,
    stateIcons,
    isOff: given.isOff,
    now,
    topic: topicOf(viewer.register),
    base: `/ho-so/${row.case}`,
  })
}

function fieldParties(viewer: Viewer, act: AnyAct) {
  return Object.fromEntries(act.fields.flatMap((f) => (f.kind === 'party' ? [[f.name, partiesFor(viewer, f.of)]] : [])))
}

/** The sheets of the middle pane in order: the application form, then the files. */
function neighbours(files: readonly CaseFileRow[], at: CaseFileRow | undefined) {
  const all = ['', ...files.map((f) => f.sha256)]
  const n = all.indexOf(at?.sha256 ?? '')
  return { before: all[n - 1], after: all[n + 1] }
}
