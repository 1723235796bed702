/** Addresses of pages as the code names them, so that a new page is tried without being entered here. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../../..')
const folders = {
  portal: ['portal', 'kit/web'],
  desk: ['webmail', 'workflow/pages', 'mailserver/admin', 'mailserver/autoconfig', 'kit/web'],
  sink: ['mailserver/outbound/sink'],
} as const
export type Site = keyof typeof folders

export type Route = { method: 'get' | 'post'; path: string }

/** @returns the routes of a site's routers; paths with ":name" as Express has them */
export function routesOf(site: Site): Route[] {
  const texts = folders[site].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(root, folder, name), 'utf8')),
  )
  const routes = texts.flatMap((text) => {
    const named = new Map([...text.matchAll(/const (\w+) = '(\/[^']*)'/g)].map(([, name, path]) => [name!, path!]))
    return [...text.matchAll(/(?:router|app)\.(get|post)\(\s*(?:['`]([^'`]*)['`]|(\w+))/g)].flatMap(
      ([, method, path, name]) => {
        const whole = (name === undefined ? path! : `\${${name}}`).replaceAll(
          /\$\{(\w+)\}/g,
          (all, constant: string) => named.get(constant) ?? all,
        )
        return whole.startsWith('/') ? [{ method: method as Route['method'], path: whole }] : []
      },
    )
  })
  return [...routes, ...alsoThere]
}

/** What middleware answers, and what nobody does. */
const alsoThere: readonly Route[] = [
  { method: 'get', path: '/assets/:x' },
  { method: 'get', path: '/:x' },
  { method: 'post', path: '/:x' },
]
