/**
 * Pages: an EJS view that lies beside its route, put into one of the shared layouts. Views see what the route gives,
 * `res.locals`, and the helpers below (`icon`, `date`, `dueChip`, …); they may include shared parts by name: `include('parts/note', …)`.
 * A shared part sees what it is given and nothing of the page's own; a view of the same folder is a piece of the page and sees all of it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ejs from 'ejs'
import type { Response } from 'express'
import { kinds } from '#kit/act/fields.ts'
import * as deadline from '#kit/web/deadline.ts'
import * as format from '#kit/web/format.ts'
import { icon } from '#kit/web/icon.ts'

const shared = `${import.meta.dirname}/views`
const parts = join(shared, 'parts')

/** desk: staff, with the rail; portal: citizens; plain: one thing in the middle (sign-in, an error before it). */
export type Layout = 'desk' | 'portal' | 'plain'
export type PageData = Record<string, unknown> & { title: string }

export type Pages = {
  /** Renders `<folder>/<view>.ejs` in the layout and sends it. A page asked for by htmx gets the view alone. */
  show: (res: Response, view: string, data: PageData) => void
  /** The view alone, without layout, as text: for fragments, event streams and tests. */
  part: (res: Response, view: string, data: Record<string, unknown>) => string
}

const helpers = { icon, kinds, ...format, ...deadline }
type Template = (data: object) => string
const templates = new Map<string, Template>()
/** what a view's include means, by both names; as many as are written in views */
const includes = new Map<string, string>()

/** @param folder where the views lie: `import.meta.dirname` of the route */
export function pages(folder: string, layout: Layout): Pages {
  const part: Pages['part'] = (res, view, data) => render(res, `${folder}/${view}.ejs`, data)
  return {
    part,
    show: (res, view, data) => {
      const body = part(res, view, data)
      const html = res.req.get('hx-request') === 'true' ? body : inLayout(res, layout, { ...data, body })
      res.type('html').send(html)
    },
  }
}

/** A desk page needs somebody signed in for its rail; without, the plain layout serves. */
export function inLayout(res: Response, layout: Layout, data: PageData & { body: string }): string {
  const name = layout === 'desk' && res.locals['desk'] === undefined ? 'plain' : layout
  return render(res, `${shared}/layout-${name}.ejs`, data)
}

function render(res: Response, file: string, data: object): string {
  // EJS compiles "with (locals)", so this stands before its own include, which would hand on everything
  const include = (name: string, given: object = {}): string => {
    const found = included(file, name)
    return render(res, found, dirname(found) === parts ? given : { ...data, ...given })
  }
  return template(file)({ ...helpers, ...res.app.locals, ...res.locals, ...data, include })
}

/** Beside the view that includes it, or among the shared ones. */
function included(from: string, name: string): string {
  const key = `${from} ${name}`
  const known = includes.get(key)
  if (known) return known
  const found = [dirname(from), shared].map((folder) => join(folder, `${name}.ejs`)).find(existsSync)
  if (!found) throw new Error(`${from} includes ${name}, which is not there`)
  includes.set(key, found)
  return found
}

function template(file: string): Template {
  const known = templates.get(file)
  if (known) return known
  const made = ejs.compile(readFileSync(file, 'utf8'), { filename: file }) as Template
  templates.set(file, made)
  return made
}
