/**
 * Office files of before 2007 and Outlook letters: streams in a compound file ([MS-CFB], read by the package cfb). What the streams
 * hold is read by position with every position checked; a stream that lies leads to `broken`, never out of its octets.
 */
import { find, read } from 'cfb'
import { guessLegacy, type Legacy } from '#kit/vi/legacy.ts'
import type { Text } from '../text.ts'
import { Unreadable } from '../unreadable.ts'
import { excelText } from './excel.ts'
import { powerPointText } from './powerpoint.ts'
import { wordText } from './word.ts'

export const isCompound = (octets: Buffer): boolean =>
  octets.length > 512 && octets.readUInt32LE(0) === 0xe011cfd0 && octets.readUInt32LE(4) === 0xe11ab1a1

/** @throws Unreadable, Enough */
export function compoundText(octets: Buffer, out: Text): void {
  let file: ReturnType<typeof read>
  try {
    file = read(octets, { type: 'buffer' })
  } catch (err) {
    throw new Unreadable('broken', `not a compound file: ${(err as Error).message}`)
  }
  const stream = (name: string): Buffer | undefined => {
    const entry = find(file, name)
    return entry?.content && entry.content.length > 0 ? Buffer.from(entry.content as Uint8Array) : undefined
  }
  if (stream('EncryptedPackage')) throw new Unreadable('locked', 'an encrypted package')
  const word = stream('WordDocument')
  const book = stream('Workbook') ?? stream('Book')
  const slides = stream('PowerPoint Document')
  if (word) bounded(() => wordText(word, (n) => stream(`${n}Table`), out))
  else if (book) bounded(() => excelText(book, out))
  else if (slides) bounded(() => powerPointText(slides, out))
  else letterText(stream, out)
}

/** An Outlook letter ([MS-OXMSG]): its subject and its text. */
function letterText(stream: (name: string) => Buffer | undefined, out: Text): void {
  const letter = ['0037', '1000'].map((id) => stream(`__substg1.0_${id}001F`)?.toString('utf16le') ?? '')
  if (letter.join('') === '') throw new Unreadable('none', 'a compound file without a stream that holds text')
  for (const text of letter) out.add(`${text}\n`)
}

/** Reading behind a stream's end is the stream's fault. */
function bounded(work: () => void): void {
  try {
    work()
  } catch (err) {
    if (err instanceof RangeError) throw new Unreadable('broken', err.message)
    throw err
  }
}

/** Fonts are named in UTF-16 or Latin-1 somewhere in the stream; which of the old encodings, if any. */
export function hintIn(stream: Buffer): Legacy | undefined {
  for (const [name, legacy] of [
    ['.Vn', 'tcvn3'],
    ['VNI-', 'vni'],
  ] as const)
    if (stream.includes(Buffer.from(name, 'utf16le')) || stream.includes(Buffer.from(name, 'latin1'))) return legacy
  return undefined
}

/** Paragraph by paragraph: a document may have been begun in one encoding and ended in another. */
export function addParagraphs(text: string, hint: Legacy | undefined, out: Text): void {
  for (const p of text.split('\n')) out.add(`${guessLegacy(p, hint)}\n`)
}
