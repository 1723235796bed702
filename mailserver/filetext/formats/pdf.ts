/**
 * Text of a PDF by pdf.js (package unpdf: one build, no canvas, no worker). Nothing of the file is run: no scripts, no fonts,
 * no evaluated programs. Pages are read one by one and forgotten.
 */
import { getDocumentProxy } from 'unpdf'
import { guessLegacy } from '#kit/vi/legacy.ts'
import { MAX_PAGES, PDF_MS } from '../limits.ts'
import type { Text } from '../text.ts'
import { Enough } from '../text.ts'
import { Unreadable } from '../unreadable.ts'

export const isPdf = (octets: Buffer): boolean => octets.subarray(0, 1024).includes('%PDF-')

/** @throws Unreadable, Enough */
export async function pdfText(octets: Buffer, out: Text): Promise<void> {
  const document = await getDocumentProxy(new Uint8Array(octets), {
    disableFontFace: true,
    useSystemFonts: false,
    enableXfa: false,
    verbosity: 0,
  }).catch((err: Error) => {
    throw new Unreadable(err.name === 'PasswordException' ? 'locked' : 'broken', err.message)
  })
  const end = performance.now() + PDF_MS
  try {
    for (let n = 1; n <= document.numPages; n++) {
      if (n > MAX_PAGES || performance.now() > end) throw new Enough('pages beyond the limit, or the time')
      await pageText(document, n, out)
    }
  } finally {
    await document.loadingTask.destroy().catch(() => undefined)
  }
}

/** A page that cannot be read is left out; the others may hold what is looked for. */
async function pageText(document: Awaited<ReturnType<typeof getDocumentProxy>>, n: number, out: Text): Promise<void> {
  let items: readonly object[]
  try {
    const page = await document.getPage(n)
    items = (await page.getTextContent()).items
    page.cleanup()
  } catch {
    return
  }
  const lines = items.map((i) => ('str' in i ? `${i.str}${'hasEOL' in i && i.hasEOL ? '\n' : ''}` : '')).join('')
  out.add(`${guessLegacy(lines)}\n`)
}
