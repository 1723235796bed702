/**
 * Pages: an EJS view that lies beside its route, put into one of the shared layouts. Views see what the route gives,
 * `res.locals`, and the helpers below (`icon`, `date`, `dueChip`, …); they may include shared parts by name: `include('parts/note', …)`.
 */
import { readFileSync } from 'node:fs'
import ejs from 'ejs'
import type { Response } from 'express'
import { kinds } from '#kit/act/fields.ts'
import * as deadline from '#kit/web/deadline.ts'
import * as format from '#kit/web/format.ts'
import { icon } from '#kit/web/icon.ts'

const shared = `${import.meta.dirname}/views`

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

/** @param folder where the views lie: `import.meta.dirname` of the route */
export function pages(folder: string, layout: Layout): Pages {
  const part: Pages['part'] = (res, view, data) => template(folder, view)(scope(res, data))
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
  return template(shared, `layout-${name}`)(scope(res, data))
}

function scope(res: Response, data: object) {
  return { ...helpers, ...res.app.locals, ...res.locals, ...data }
}

function template(folder: string, view: string): Template {
  const file = `${folder}/${view}.ejs`
  const known = templates.get(file)
  if (known) return known
  const made = ejs.compile(readFileSync(file, 'utf8'), {
    filename: file,
    views: [folder, shared],
    cache: true, // of included parts
  }) as Template
  templates.set(file, made)
  return made
}
