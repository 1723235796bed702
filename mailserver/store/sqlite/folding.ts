import { fold } from '#kit/vi/fold.ts'

/** Folded line by line: a header search must see where a field begins. */
export const foldLines = (lines: string): string => lines.split('\n').map(fold).join('\n')
