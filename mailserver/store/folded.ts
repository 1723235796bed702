import { fold } from '#kit/vi/fold.ts'
import { foldLines } from './sqlite/folding.ts'
import { indexedLength } from './sqlite/search/bounded.ts'
import { indexedHeader } from './sqlite/search/opaque.ts'

/** Header and text of a message as search compares them, and how much of each the full-text index gets (null: all). */
export function foldedTexts({ header, text }: { header: string; text: string }) {
  const foldedHeader = foldLines(header)
  const foldedText = fold(text)
  const told = indexedHeader(foldedHeader)
  return {
    text,
    foldedHeader,
    foldedText,
    indexedHeader: indexedLength(told) ?? null,
    indexedText: indexedLength(foldedText) ?? null,
  }
}
