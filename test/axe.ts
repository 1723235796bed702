/** axe-core in a page, and what only a keyboard shows. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'

const source = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** @returns what axe-core finds wrong with the page as it is now, by rule and element; and how much wider than its window it is */
export async function faultsOf(page: Page): Promise<string[]> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  await page.evaluate(source)
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    const { violations } = await axe.run({ resultTypes: ['violations'] })
    return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`)
  })
  return over > 0 ? [`${over} px wider than the window`, ...found] : found
}

/**
 * Goes through the page with the Tab key.
 * @returns controls that it does not reach, and those which have it without showing it: no ring, or out of sight
 */
export async function keyboardFaults(page: Page): Promise<string[]> {
  const expected = await page.evaluate(() => {
    const controls = document.querySelectorAll<HTMLElement>(
      'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]',
    )
    const seen = [...controls].filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.matches(':disabled'))
    // one of a group of radio buttons has the Tab stop; arrow keys reach the others
    const stops = seen.filter((e) => !(e.matches('[type=radio]:not(:checked)') && radioChecked(e as HTMLInputElement)))
    for (const [i, e] of stops.entries()) e.dataset['stop'] = String(i)
    return stops.map((e) => e.outerHTML.slice(0, 120))

    function radioChecked(e: HTMLInputElement): boolean {
      return document.querySelector(`[type=radio][name="${e.name}"]:checked`) !== null
    }
  })
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    getSelection()?.removeAllRanges()
    document.body.tabIndex = -1
    document.body.focus()
    document.body.removeAttribute('tabindex')
  })
  const reached = new Set<string>()
  const hidden: string[] = []
  let first: string | undefined
  // buttons that a row shows while it has the focus come on top; the way round ends where it began
  for (let n = 0; n < expected.length * 4 + 20; n++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const e = document.activeElement
      if (!(e instanceof HTMLElement) || e === document.body) return undefined
      const box = e.getBoundingClientRect()
      const style = getComputedStyle(e)
      const parts = [e, e.parentElement!, ...(e.matches('a') ? [e.closest<HTMLElement>('[data-row]')] : [])]
      const ring = parts.some((part) => {
        if (!part) return false
        const own = [getComputedStyle(part), getComputedStyle(part, '::after'), getComputedStyle(part, '::before')]
        return own.some(
          (s) => (s.outlineStyle !== 'none' && Number.parseFloat(s.outlineWidth) >= 2) || s.boxShadow !== 'none',
        )
      })
      // one that is larger than the window is in sight when a part of it is
      const tops = [0.1, 0.5, 0.9].map((part) =>
        document.elementFromPoint(box.left + box.width / 2, box.top + box.height * part),
      )
      const inSight = tops.some(
        (top) => top && (e.contains(top) || top.contains(e) || top.closest('label')?.contains(e)),
      )
      return {
        stop: e.dataset['stop'] ?? '',
        what: e.outerHTML.slice(0, 120),
        fault: !ring
          ? 'no ring'
          : !inSight && style.position !== 'absolute'
            ? `covered by ${tops[1]?.outerHTML.slice(0, 80)}`
            : '',
      }
    })
    if (!at) {
      if (reached.size > 0) break
      continue
    }
    if (reached.size > 1 && at.stop !== '' && at.stop === first) break
    first ??= at.stop
    reached.add(at.stop)
    if (at.fault) hidden.push(`${at.fault}: ${at.what}`)
  }
  const missed = expected.filter((_, i) => !reached.has(String(i)))
  return [...missed.map((what) => `not reached: ${what}`), ...new Set(hidden)]
}
