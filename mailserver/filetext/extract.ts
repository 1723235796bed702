/**
 * The text of a file. What it is, is told by its octets; its name and type decide only between kinds that octets cannot tell
 * apart. Runs in a process of its own (`reader.ts`), which may be killed at any time.
 */
import { compoundText, isCompound } from './formats/compound.ts'
import { isOffice, officeText } from './formats/office.ts'
import { isOpenDocument, openDocumentText } from './formats/opendocument.ts'
import { isPdf, pdfText } from './formats/pdf.ts'
import { htmlFileText, looksText, plainText } from './formats/plain.ts'
import { isRtf, rtfText } from './formats/rtf.ts'
import { readXml } from './formats/xml.ts'
import { MAX_FILE_OCTETS, MAX_OFFICE_ENTRIES, MAX_ZIP_ENTRIES, MAX_ZIP_NESTING } from './limits.ts'
import { Enough, Text } from './text.ts'
import { type FileState, Unreadable } from './unreadable.ts'
import { Budget, isZip, readDirectory, readEntry } from './zip.ts'

export type FileIn = { octets: Buffer; name: string; charset?: string }

/** Never throws: what cannot be read is said by `state`, and `text` holds what was read until then. */
export async function extract(file: FileIn): Promise<{ state: FileState; text: string; why?: string }> {
  const out = new Text()
  let state: FileState = 'read'
  let why: string | undefined
  try {
    if (file.octets.length > MAX_FILE_OCTETS) throw new Unreadable('too-large', `${file.octets.length} octets`)
    await one(file, new Budget(), 0, out)
  } catch (err) {
    state = err instanceof Enough ? 'cut' : err instanceof Unreadable ? err.state : 'broken'
    why = (err as Error).message
  }
  return { state, text: tidy(String(out)), ...(why === undefined ? {} : { why }) }
}

async function one({ octets, name, charset }: FileIn, budget: Budget, nesting: number, out: Text): Promise<void> {
  if (isPdf(octets)) return pdfText(octets, out)
  if (isRtf(octets)) return rtfText(octets, out)
  if (isCompound(octets)) return compoundText(octets, out)
  if (isZip(octets)) return zipped(octets, budget, nesting, out)
  if (
    /\.(?:html?|mht|mhtml)$/i.test(name) ||
    /^\s*(?:<!doctype html|<html)/i.test(octets.subarray(0, 200).toString('latin1'))
  )
    return out.add(htmlFileText(octets, charset))
  if (/^\s*<\?xml/.test(octets.subarray(0, 100).toString('latin1'))) return xmlText(octets, out)
  if (looksText(octets)) return out.add(plainText(octets, charset))
  throw new Unreadable('none', 'not a kind of file that holds text')
}

async function zipped(octets: Buffer, budget: Budget, nesting: number, out: Text): Promise<void> {
  const { entries } = readDirectory(octets, MAX_OFFICE_ENTRIES)
  if (isOffice(entries)) return officeText(octets, entries, budget, out)
  if (isOpenDocument(entries)) return openDocumentText(octets, entries, budget, out)
  if (nesting >= MAX_ZIP_NESTING) throw new Unreadable('too-large', 'archives within archives')
  let failed: Unreadable | undefined
  for (const entry of entries.slice(0, MAX_ZIP_ENTRIES)) {
    if (entry.name.endsWith('/')) continue
    out.add(`${entry.name}\n`)
    try {
      await one({ octets: readEntry(octets, entry, budget), name: entry.name }, budget, nesting + 1, out)
      out.add('\n')
    } catch (err) {
      if (!(err instanceof Unreadable)) throw err
      // one entry that cannot be read does not hide the others; that it was so is kept
      if (err.state !== 'none') failed ??= err
      if (budget.left <= 0) break
    }
  }
  if (entries.length > MAX_ZIP_ENTRIES) throw new Enough('entries beyond the limit')
  if (failed) throw failed
}

function xmlText(octets: Buffer, out: Text): void {
  readXml(octets, { text: (t) => out.add(t), close: () => out.add(' ') })
}

/** What search and snippets need: NFC, no controls, one space or line break where there are many. */
function tidy(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/[\0-\x08\x0e-\x1f\x7f]/g, '')
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n[ \n]*/g, '\n')
    .trim()
}
