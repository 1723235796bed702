/**
 * Which line of a reply its author wrote first. Mail programs mark what they quote in their own ways; each rule here
 * comes from a fixture in test/fixtures/replies/. Works on folded text (no marks, lower case), so NFD and typing habits do not matter.
 */
import { fold } from '#kit/vi/fold.ts'

/** A reply whose author writes more than this above the verb is a letter, not a command. */
const MAX_LINES = 400
/** A line longer than this is no verb; the reason for a return may be some sentences. */
const MAX_LINE = 4000
/** Lines that programs put above a quotation have some 200 characters, with names and addresses; what is longer is not looked at to its end. */
const MAX_MARK = 1000
/** Programs that wrap hard do so between 65 and 80 columns. */
const WRAP_FROM = 65

/** The first line that is the author's own, or '' when there is none. Hard-wrapped lines of one paragraph are joined. */
export function firstLine(text: string): string {
  const lines = text
    .normalize('NFC')
    .replaceAll(/[\u200b-\u200d\u2060\ufeff\u00ad]/g, '')
    .replaceAll(/[\u00a0\u202f\u2007]/g, ' ')
    .split(/\r\n|\r|\n|\u2028/, MAX_LINES)
  for (let i = 0; i < lines.length; ) {
    const line = lines[i]!.trim()
    if (line === '' || isQuoted(line) || isGreetingOfPhone(line)) {
      i++
      continue
    }
    if (endsText(lines, i)) return ''
    const attribution = attributionLines(lines, i)
    if (attribution > 0) {
      i += attribution
      while (i < lines.length && lines[i]!.trim() === '') i++
      if (i < lines.length && !isQuoted(lines[i]!.trim())) return '' // quoted without marks: all the rest is
      continue
    }
    return unwrapped(lines, i).slice(0, MAX_LINE)
  }
  return ''
}

function isQuoted(line: string): boolean {
  return line.startsWith('>') || line.startsWith('|')
}

/** "Gửi từ iPhone của tôi" and the like, which programs put under or over the text. */
function isGreetingOfPhone(line: string): boolean {
  const f = fold(line)
  return (
    /^(da gui tu|duoc gui tu|gui tu|sent from|sent via|get outlook for|tai outlook|tai ve outlook|lay outlook|nhan outlook)\b/.test(
      f,
    ) && f.length < 120
  )
}

/** Signature, or the head of a quotation that goes on to the end. */
function endsText(lines: readonly string[], i: number): boolean {
  const raw = lines[i]!
  if (/^--\s*$/.test(raw)) return true // RFC 3676 §4.3, and programs that lose the space
  const f = plain(raw)
  if (
    /^-{2,}.*(original message|thu goc|tin nhan goc|thu da chuyen tiep|forwarded message|thong diep goc|message transferred).*-{2,}$/.test(
      f,
    )
  )
    return true
  if (/^(_{10,}|-{10,})$/.test(raw.trim())) return true
  if (/^(begin forwarded message|bat dau thu da chuyen tiep|bat dau tin nhan duoc chuyen tiep)\b/.test(f)) return true
  if (!/^(from|tu|nguoi gui)\s*:/.test(f)) return false
  const next = lines.slice(i + 1, i + 7).map(plain)
  return next.some((l) =>
    /^(sent|date|to|subject|da gui|ngay gui|ngay|den|toi|nguoi nhan|gui luc|chu de|tieu de)\s*:/.test(l),
  )
}

/** Without the asterisks that stand for bold letters in text made from HTML. */
function plain(line: string): string {
  return fold(line.slice(0, MAX_MARK).replaceAll('*', ''))
}

/**
 * How many lines the attribution above a quotation takes ("Vào … đã viết:", "On … wrote:"), 0 when there is none here.
 * Programs wrap it over as many as four.
 */
function attributionLines(lines: readonly string[], i: number): number {
  let joined = ''
  for (let n = 1; n <= 4 && i + n <= lines.length; n++) {
    const line = plain(lines[i + n - 1]!)
    if (line === '') return 0
    joined = `${joined} ${line}`.trim()
    if (isAttribution(joined)) return n
  }
  return 0
}

function isAttribution(f: string): boolean {
  if (!/\d/.test(f) && !f.includes('@') && !f.includes('<')) return /^(vao|on) .*(da viet|wrote)\s*:$/.test(f)
  return (
    /^(vao|ngay|luc|on|vao luc|le|am) .*(da viet|viet|wrote|writes|a ecrit|schrieb)\s*:$/.test(f) ||
    /(da viet|wrote|viet)( vao)?( luc| ngay)? [\d/: ,.apm]+:$/.test(f) ||
    /^[^:]{0,120}<[^>]+@[^>]+> ?(da viet|viet|wrote)\s*:$/.test(f)
  )
}

/** Joins what a program wrapped: the next word would not have fitted. */
function unwrapped(lines: readonly string[], start: number): string {
  let whole = lines[start]!.trim()
  let last = lines[start]!.trimEnd()
  for (let i = start + 1; i < lines.length; i++) {
    const next = lines[i]!
    const word = /^\S+/.exec(next)?.[0]
    if (word === undefined || isQuoted(next) || last.length + 1 + word.length <= WRAP_FROM) break
    if (last.length > 90 || endsText(lines, i) || attributionLines(lines, i) > 0 || isGreetingOfPhone(next)) break
    whole += ` ${next.trim()}`
    last = next.trimEnd()
    if (whole.length > MAX_LINE) break
  }
  return whole
}
