/** Pages looked at as everybody sees them: both widths, both themes, with axe-core and by keyboard. */
import { join } from 'node:path'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { faultsOf, keyboardFaults } from '#test/axe.ts'

/** a folder that gets pictures of the pages, for whoever wants to look */
const shots = process.env['SHOTS']

export type Shown = {
  /** of its picture */
  name: string
  path: string
  act?: (page: Page) => Promise<void>
  /** the narrowest window in which it is gone through by keyboard; false: in none */
  keys?: number | false
  status?: number
}

/** @param origin where the paths are */
export async function look(page: Page, origin: string, list: readonly Shown[]): Promise<void> {
  const all: string[] = []
  for (const { name, path, act, keys = 360, status = 200 } of list)
    for (const [scheme, width] of [
      ['light', 1440],
      ['dark', 1440],
      ['light', 360],
    ] as const) {
      await page.setViewportSize({ width, height: width === 360 ? 740 : 900 })
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      const answer = await page.goto(origin + path, { waitUntil: 'load' })
      expect(answer?.status(), path).to.equal(status)
      await act?.(page)
      if (shots) await page.screenshot({ path: join(shots, `${name}-${width}${scheme === 'dark' ? '-dark' : ''}.png`) })
      const byKeyboard = scheme === 'light' && keys !== false && width >= keys
      const faults = [...(await faultsOf(page)), ...(byKeyboard ? await keyboardFaults(page) : [])]
      all.push(...faults.map((fault) => `${name} ${scheme} ${width}: ${fault}`))
    }
  expect(all, all.join('\n')).to.deep.equal([])
}
