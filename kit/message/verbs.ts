import type { ReplyVerb } from '#kit/act/act.ts'
import { fold } from '#kit/vi/fold.ts'

export type Answer = { kind: string; fields: Record<string, string> }

/**
 * Reads a reply's first line as one of the verbs that its letter offered: the whole line must match. Marks, case and spacing
 * do not matter; what follows the colon fills the fields that the verb takes, as written (names and dates are for the act to check).
 *
 * @returns undefined when no verb matches, or one matches and something is left over
 */
export function readAnswer(line: string, verbs: readonly { kind: string; reply: ReplyVerb }[]): Answer | undefined {
  const { words, argument } = parted(line)
  const offered = verbs.flatMap(({ kind, reply }) =>
    [reply.word, ...(reply.also ?? [])].map((word) => ({ kind, reply, word })),
  )
  const found = offered.find((v) => foldedWord(v.word) === foldedWord(words))
  if (!found) return undefined
  const { kind, reply } = found
  if (reply.takes.length === 0) return argument === undefined || argument === '' ? { kind, fields: {} } : undefined
  return { kind, fields: argument === undefined ? {} : cutAtLabels(argument, reply.takes) }
}

/** "TRẢ LẠI: thiếu chữ ký" → its two sides. Quotation marks and asterisks (bold) around a line are not its text. */
function parted(line: string): { words: string; argument: string | undefined } {
  const text = line
    .normalize('NFC')
    .trim()
    .replace(/^[*_"'“”„«»‘’]+/, '')
    .replace(/(?<![*_"'“”„«»‘’])[*_"'“”„«»‘’]+$/, '')
  const colon = text.search(/[:：]/)
  if (colon < 0) return { words: text, argument: undefined }
  return { words: text.slice(0, colon), argument: text.slice(colon + 1).trim() }
}

function foldedWord(word: string): string {
  return fold(word.replaceAll('*', '')).replace(/(?<![\s.!,;])[\s.!,;]+$/, '')
}

/** Fields in order; a label begins its field. The last standing of a label counts: a reason may hold the word itself. */
function cutAtLabels(argument: string, takes: ReplyVerb['takes']): Record<string, string> {
  const fields: Record<string, string> = {}
  let rest = argument
  for (const { field, label } of takes.toReversed()) {
    if (label === undefined) {
      if (rest !== '') fields[field] = rest
      rest = ''
      continue
    }
    const at = lastLabel(rest, label)
    if (!at) continue
    const value = rest.slice(at.end).trim()
    if (value !== '') fields[field] = value
    rest = rest.slice(0, at.start).replace(/(?<![\s,;])[\s,;]+$/, '')
  }
  return fields
}

/** Where the label stands as a word of its own: spelled as given first, then in any spelling. */
function lastLabel(text: string, label: string): { start: number; end: number } | undefined {
  const wanted = label.normalize('NFC')
  let loose: { start: number; end: number } | undefined
  let strict: { start: number; end: number } | undefined
  for (const m of text.matchAll(/(?<=^|[\s,;])[\p{L}\p{M}]+(?:\s+[\p{L}\p{M}]+)*/gu)) {
    // every run of words: look at each beginning in it, with as many words as the label has
    const words = [...m[0].matchAll(/[\p{L}\p{M}]+/gu)].map((w) => ({
      from: m.index + w.index,
      to: m.index + w.index + w[0].length,
    }))
    const size = wanted.split(/\s+/).length
    for (let i = 0; i + size <= words.length; i++) {
      const start = words[i]!.from
      const stop = words[i + size - 1]!.to
      const given = text.slice(start, stop)
      const end = stop + (/^\s*[:：]/.exec(text.slice(stop))?.[0].length ?? 0)
      if (given === wanted) strict = { start, end }
      else if (fold(given) === fold(wanted)) loose = { start, end }
    }
  }
  return strict ?? loose
}
