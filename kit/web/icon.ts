import { readFileSync } from 'node:fs'

const folder = new URL('../../node_modules/@tabler/icons/icons/outline/', import.meta.url)
const drawn = new Map<string, string>()

/**
 * A Tabler outline icon as inline SVG, read once from the package. It is hidden from screen readers: give the
 * button or link that holds it an `aria-label` when there is no text beside it.
 *
 * @param name file name in the package without `.svg`, for example "arrow-forward-up"
 * @param classes further CSS classes
 * @throws Error when the package has no such icon
 */
export function icon(name: string, classes = ''): string {
  const paths = drawn.get(name) ?? draw(name)
  const more = classes === '' ? '' : ` ${classes}`
  return `<svg class="i${more}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${paths}</svg>`
}

function draw(name: string): string {
  if (!/^[a-z0-9-]+$/.test(name)) throw new Error(`"${name}" cannot be the name of an icon`)
  const svg = readFileSync(new URL(`${name}.svg`, folder), 'utf8')
  const paths = svg
    .slice(svg.indexOf('>') + 1, svg.lastIndexOf('</svg>'))
    .replace(/<path stroke="none"[^>]*\/>/, '')
    .replaceAll(/\s*\n\s*/g, '')
  drawn.set(name, paths)
  return paths
}
