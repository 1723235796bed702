import { fold } from '#kit/vi/fold.ts'

/** Grows when `fold` changes; texts folded by an earlier one are folded again in the background. */
export const FOLDING = 1

/** Folded line by line: a header search must see where a field begins. */
export const foldLines = (lines: string): string => lines.split('\n').map(fold).join('\n')
