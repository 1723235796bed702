/** Filters: rules by form and the reply while away, kept as a Sieve script; a script by hand is shown as text, with what is wrong in it. */
import { type Request, type Response, Router } from 'express'
import type { FilterFault } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { pages } from '#kit/web/page.ts'
import { requireSession, sessionOf } from '#kit/web/session.ts'
import type { Webmail } from '#webmail/context.ts'
import { ruleWords } from '#webmail/filters/describe.ts'
import { type Body, kindNames, MAX_CONDITIONS, MAX_RULES, readAway, readRule, wrong } from '#webmail/filters/form.ts'
import { type Filters, type Rule, readScript, scriptName, writeScript } from '#webmail/filters/rules.ts'
import { foldersOf, nameOf } from '#webmail/folders.ts'
import { type Box, boxesOf, boxHref } from '#webmail/share/boxes.ts'

const { show } = pages(import.meta.dirname, 'desk')
const path = '/thu/bo-loc'
const awayPath = '/thu/vang-mat'
const said: Record<string, string> = {
  luu: 'Đã lưu. Áp dụng cho thư đến từ bây giờ.',
  xoa: 'Đã xoá quy tắc.',
  dung: 'Bộ lọc của trang này đang được dùng.',
  tat: 'Đã tắt mọi bộ lọc. Thư vào thẳng Hộp thư đến.',
}
type Typed = { values: Body; errors: Readonly<Record<string, string>>; faults?: readonly FilterFault[]; rule?: number }
/** `foreign`: the active script, when the page did not write it */
type State = {
  filters: Filters
  foreign?: { name: string; text: string }
  active: boolean
  /** who kept it last, and when; of an office */
  changed?: { at: string; by?: string }
}
/** Whose filters are changed, by whom, and what the form says. */
type Given = { owner: string; by: string; box: Box; body: Body }

export function filtersRouter(webmail: Webmail): Router {
  const router = Router()
  const { directory } = webmail

  async function stateOf(owner: string): Promise<State> {
    const { active, own } = await directory['filter.get']({ owner, name: scriptName })
    const filters = own === undefined ? undefined : readScript(own)
    const changed = active && { changed: { at: active.at, ...(active.by && { by: active.by }) } }
    if (active && (active.name !== scriptName || !filters))
      return { filters: filters ?? { rules: [] }, foreign: active, active: false, ...changed }
    return { filters: filters ?? { rules: [] }, active: active !== undefined, ...changed }
  }

  async function save({ owner, by }: Pick<Given, 'owner' | 'by'>, filters: Filters): Promise<void> {
    const { faults } = await directory['filter.put']({
      owner,
      by,
      name: scriptName,
      text: writeScript(filters),
      activate: true,
    })
    // what the form takes makes a sound script; if not, that is our fault and must not look saved
    if (faults.length > 0) throw new Error(`the page wrote a script that is not sound: ${faults[0]!.en}`)
  }

  async function page(res: Response, typed?: Typed): Promise<void> {
    const session = sessionOf(res)
    const { box, boxes } = await boxesOf(directory, session, res.req)
    const state = await stateOf(box.owner)
    const folders = await foldersOf(await webmail.connections.of(session), box.office ? box.owner : undefined)
    const label = (folder: string) => folders.find((f) => f.path === folder)?.label ?? folder
    const asked = Number(res.req.query['sua'] ?? typed?.rule ?? -1)
    const editing = state.filters.rules[asked]
    show(res, 'filters', {
      title: 'Bộ lọc thư',
      active: 'mail',
      styles: ['webmail.css'],
      scripts: ['webmail.js'],
      path,
      box,
      boxes,
      href: (each: Box) => boxHref(path, each),
      edit: (at?: number) => boxHref(path, box, at === undefined ? {} : { sua: String(at) }),
      awayHref: boxHref(awayPath, box),
      state,
      changed: await changedWords(box, state),
      rules: state.filters.rules.map((rule) => ({ ...rule, ...ruleWords(rule, label) })),
      text: typed?.values['kich-ban'] ?? state.foreign?.text ?? writeScript(state.filters),
      folders,
      kindNames,
      rows: MAX_CONDITIONS,
      editing: editing ? asked : undefined,
      form: typed?.values['khi'] ? typed.values : editing ? valuesOf(editing) : {},
      errors: typed?.errors ?? {},
      faults: typed?.faults ?? [],
      said: said[String(res.req.query['xong'] ?? '')],
    })
  }

  async function awayPage(res: Response, typed?: Typed): Promise<void> {
    const { box, boxes } = await boxesOf(directory, sessionOf(res), res.req)
    const state = await stateOf(box.owner)
    show(res, 'away', {
      title: 'Trả lời vắng mặt',
      active: 'mail',
      styles: ['webmail.css'],
      path: awayPath,
      box,
      boxes,
      href: (each: Box) => boxHref(awayPath, each),
      filtersHref: boxHref(path, box),
      changed: await changedWords(box, state),
      state,
      away: state.filters.away,
      values: typed?.values,
      errors: typed?.errors ?? {},
      said: said[String(res.req.query['xong'] ?? '')],
    })
  }

  const doing =
    (
      back: string,
      again: typeof page,
      done: string,
      work: (given: Given) => Promise<readonly FilterFault[] | undefined>,
    ) =>
    async (req: Request, res: Response): Promise<void> => {
      const session = sessionOf(res)
      // the token may have ended since the page was opened; these acts go by the session alone
      await directory['auth.whoami']({ token: session.token })
      const { box } = await boxesOf(directory, session, req)
      const body = (req.body ?? {}) as Body
      try {
        const faults = await work({ owner: box.owner, by: session.person.address, box, body })
        if (faults && faults.length > 0) {
          res.status(422)
          return await again(res, { values: body, errors: {}, faults })
        }
      } catch (err) {
        if (!(err instanceof Refusal) || err.status !== 422) throw err
        res.status(422)
        const rule = body['so'] === undefined ? {} : { rule: Number(body['so']) }
        return again(res, {
          values: body,
          errors: { ...(err.fields ?? { '': err.advice }) } as Record<string, string>,
          ...rule,
        })
      }
      res.redirect(303, boxHref(back, box, { xong: done }))
    }

  router.get(path, requireSession, (_req, res) => page(res))
  router.get(awayPath, requireSession, (_req, res) => awayPage(res))
  router.post(path, requireSession, (req, res) =>
    doing(path, page, 'luu', async ({ owner, by, box, body }) => {
      const { filters } = await stateOf(owner)
      const folders = await foldersOf(await webmail.connections.of(sessionOf(res)), box.office ? owner : undefined)
      const rule = readRule(
        body,
        folders.map((f) => f.path),
      )
      if (rule.forward) await mustBeInside(rule.forward, owner)
      const at = Number(body['so'] ?? -1)
      const before = filters.rules[at]
      if (!before && filters.rules.length >= MAX_RULES) throw wrong('khi', `Nhiều nhất ${MAX_RULES} quy tắc.`)
      const rules = before
        ? filters.rules.map((r, i) => (i === at ? { ...rule, on: before.on } : r))
        : [...filters.rules, rule]
      await save({ owner, by }, { ...filters, rules })
    })(req, res),
  )
  router.post(
    `${path}/doi`,
    requireSession,
    doing(path, page, 'luu', async ({ owner, by, body }) => {
      const { filters } = await stateOf(owner)
      const rules = changed(filters.rules, Number(body['so'] ?? -1), String(body['viec'] ?? ''))
      await save({ owner, by }, { ...filters, rules })
    }),
  )
  router.post(
    `${path}/kich-ban`,
    requireSession,
    doing(path, page, 'luu', async ({ owner, by, body }) => {
      const { active } = await directory['filter.get']({ owner, name: scriptName })
      const text = String(body['kich-ban'] ?? '')
      const { faults } = await directory['filter.put']({
        owner,
        by,
        name: active?.name ?? scriptName,
        text,
        activate: true,
      })
      return faults
    }),
  )
  router.post(
    `${path}/dung`,
    requireSession,
    doing(path, page, 'dung', async ({ owner, by }) => {
      await save({ owner, by }, (await stateOf(owner)).filters)
      return undefined
    }),
  )
  router.post(
    `${path}/tat`,
    requireSession,
    doing(path, page, 'tat', async ({ owner, by }) => {
      await directory['filter.activate']({ owner, by, name: '' })
    }),
  )
  router.post(
    awayPath,
    requireSession,
    doing(awayPath, awayPage, 'luu', async ({ owner, by, body }) => {
      const { filters } = await stateOf(owner)
      await save({ owner, by }, { ...filters, away: readAway(body) })
    }),
  )
  return router

  /** Of an office, whose filters are several people's. */
  async function changedWords(box: Box, { changed }: State): Promise<{ at: string; by: string } | undefined> {
    if (!box.office || !changed?.by) return undefined
    return { at: changed.at, by: await nameOf(directory, changed.by) }
  }

  /** A rule of a person's must not carry official letters out of the province: outside one forwards by hand. */
  async function mustBeInside(address: string, owner: string): Promise<void> {
    if (address === owner) throw wrong('gui-cho', 'Đây là địa chỉ của chính mình.')
    if (!(await directory['directory.lookup']({ address })).account)
      throw wrong('gui-cho', 'Chỉ chuyển tiếp cho người hoặc cơ quan trong tỉnh; địa chỉ này không có trong danh bạ.')
  }
}

function changed(rules: readonly Rule[], at: number, what: string): Rule[] {
  const rule = rules[at]
  if (!rule) return [...rules]
  if (what === 'xoa') return rules.filter((_, i) => i !== at)
  if (what === 'bat' || what === 'tat') return rules.map((r, i) => (i === at ? { ...r, on: what === 'bat' } : r))
  const to = what === 'len' ? at - 1 : what === 'xuong' ? at + 1 : at
  if (to < 0 || to >= rules.length) return [...rules]
  const moved = rules.filter((_, i) => i !== at)
  moved.splice(to, 0, rule)
  return moved
}

/** A rule as its form has it. */
function valuesOf(rule: Rule): Body {
  return {
    ten: rule.name,
    hop: rule.match,
    khi: rule.conditions.map((c) => kindNames.find((k) => k.of === c.of)!.value),
    chu: rule.conditions.map((c) => ('text' in c ? c.text : 'mb' in c ? String(c.mb) : '')),
    chuyen: rule.move ?? '',
    chep: rule.copy ?? '',
    co: rule.flag ? '1' : '',
    doc: rule.read ? '1' : '',
    'gui-cho': rule.forward ?? '',
    dung: rule.last ? '1' : '',
  }
}
