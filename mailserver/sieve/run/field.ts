/** Header fields that we write: ASCII on the wire (RFC 2047), folded below 76 characters, never more than one field. */
import { encodedWords } from '#mailserver/mime/encodedwords.ts'

/** @returns "Name: value" CRLF-ended */
export function encodedField(name: string, value: string): string {
  const clean = value.replaceAll(/\p{Cc}+/gu, ' ').trim()
  return `${name}: ${encodedText(clean)}\r\n`
}

export function encodedText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes('=?')) return folded(text)
  return encodedWords(text).join('\r\n ')
}

/** At spaces; a word that is too long stays whole (RFC 5322 §2.1.1 allows 998). */
function folded(text: string): string {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/ +/)) {
    if (line !== '' && line.length + word.length > 70) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  return lines.flatMap((l) => l.match(/.{1,900}/g) ?? ['']).join('\r\n ')
}
