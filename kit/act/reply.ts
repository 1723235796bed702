/**
 * What the first line of a reply asks for. The whole line must be one verb, or a verb, a colon and what it takes;
 * marks, case and spacing do not matter. Anything else is not understood, and then nothing may happen.
 */
import type { Field, ReplyVerb } from '#kit/act/act.ts'
import type { LocalDate } from '#kit/directory/calls.ts'
import { readDate } from '#kit/vi/dates.ts'
import { fold } from '#kit/vi/fold.ts'

// The longest argument is an opinion of 4,000 characters; a line beyond this is no answer.
const MAX_LINE = 8_000

type Replied = { kind: string; fields: readonly Field[]; reply?: ReplyVerb }

/** @returns the act and its data as typed (texts, for `checkFields`), or undefined when no verb matches wholly */
export function readReplyLine<A extends Replied>(
  acts: readonly A[],
  line: string,
  today: LocalDate,
): { act: A; data: Record<string, string> } | undefined {
  if (line.length > MAX_LINE) return undefined
  const text = line.normalize('NFC').replaceAll(/\s+/g, ' ').trim()
  const colon = text.search(/[:：]/)
  const head = fold((colon < 0 ? text : text.slice(0, colon)).replace(/[.!]+$/, ''))
  const argument = colon < 0 ? '' : text.slice(colon + 1).trim()
  for (const act of acts) {
    const verb = act.reply
    if (!verb || ![verb.word, ...(verb.also ?? [])].some((word) => fold(word) === head)) continue
    if (verb.takes.length === 0) return argument === '' ? { act, data: {} } : undefined
    return { act, data: cutAtLabels(act.fields, verb, argument, today) }
  }
  return undefined
}

/** Lines for the letter: what may be answered. */
export function examples(acts: readonly Replied[]): string[] {
  return acts.flatMap((a) => (a.reply ? [a.reply.example] : []))
}

/** "Phòng A HẠN 30/11 Ý KIẾN xem kỹ" → {to, due, instruction}, cut where the labels stand, in their order. */
function cutAtLabels(
  fields: readonly Field[],
  verb: ReplyVerb,
  argument: string,
  today: LocalDate,
): Record<string, string> {
  const data: Record<string, string> = {}
  const put = (name: string, value: string): void => {
    const kind = fields.find((f) => f.name === name)?.kind
    const clean = kind === 'text' ? value.trim() : value.trim().replace(/[\s,;.]+$/, '')
    if (clean !== '') data[name] = kind === 'date' ? withYear(clean, today) : clean
  }
  let rest = argument
  let current: string | undefined
  for (const { field, label } of verb.takes) {
    if (label === undefined) {
      current = field
      continue
    }
    const isDate = fields.find((f) => f.name === field)?.kind === 'date'
    const at = findLabel(rest, label, isDate)
    if (!at) continue
    if (current) put(current, rest.slice(0, at.from))
    rest = rest.slice(at.to)
    current = field
  }
  if (current) put(current, rest)
  return data
}

/**
 * Where a label stands as a word of its own. Written in capitals it always counts; in small letters only before a
 * date, since "hạn" and "ý kiến" are also ordinary words of an instruction.
 */
function findLabel(text: string, label: string, beforeDate: boolean): { from: number; to: number } | undefined {
  const folded = [...text].map(foldOne).join('')
  const wanted = fold(label)
  for (let from = folded.indexOf(wanted); from >= 0; from = folded.indexOf(wanted, from + 1)) {
    const end = from + wanted.length
    const alone = /^$|[\s,;]/.test(folded.slice(from - 1, from)) && /^$|[\s:：]/.test(folded.slice(end, end + 1))
    if (!alone) continue
    const asWritten = text.slice(from, end)
    const capitals = asWritten === asWritten.toLocaleUpperCase('vi')
    if (capitals || (beforeDate && /^[\s:：]*\d/.test(text.slice(end))))
      return { from, to: end + (/^\s*[:：]/.exec(text.slice(end))?.[0].length ?? 0) }
  }
  return undefined
}

/** One character folded to exactly one, so that positions stay those of the text. */
function foldOne(c: string): string {
  const folded = c === ' ' ? ' ' : fold(c)
  return folded.length === c.length ? folded : c
}

/** "30/11" is the next thirtieth of November; everything else stays as typed, for the check to judge. */
function withYear(typed: string, today: LocalDate): string {
  const m = /^(\d{1,2})[/.-](\d{1,2})$/.exec(typed)
  if (!m) return typed
  const year = Number(today.slice(0, 4))
  const thisYear = readDate(`${m[1]}/${m[2]}/${year}`)
  if (thisYear !== undefined && thisYear >= today) return thisYear
  return readDate(`${m[1]}/${m[2]}/${year + 1}`) ?? typed
}
