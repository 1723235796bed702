/**
 * mbox (RFC 4155, and mboxrd's ">From "): a message begins at a line "From … <date>" after an empty line. Status, X-Status and X-Keywords
 * become flags and are left out, as are the fields in which Dovecot keeps UIDs. One message at a time is in memory.
 */
import { createReadStream } from 'node:fs'
import { type FoundMessage, isKeyword, withCrlf } from './found.ts'

const fromLine =
  /^From .*(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +(\d{1,2}) +(\d\d:\d\d(?::\d\d)?)(?: +[A-Z]{3,5})?(?: +([+-]\d{4}))? +(\d{4})(?: +([+-]\d{4}))?/
const own = /^(status|x-status|x-keywords|x-uid|x-imap|x-imapbase|content-length):/i
const letters: Record<string, string> = { R: '\\Seen', A: '\\Answered', F: '\\Flagged', D: '\\Deleted', T: '\\Draft' }

/** @throws Error when the file cannot be read or is no mbox */
export async function* readMbox(file: string, folder: string, maxOctets: number): AsyncGenerator<FoundMessage> {
  let open: { lines: Buffer[]; octets: number; at: Date; number: number } | undefined
  let number = 0
  let afterEmpty = true
  const end = (): FoundMessage | undefined => {
    if (!open) return undefined
    const { lines, octets, at, number } = open
    open = undefined
    const where = `${file}, message ${number}`
    if (octets > maxOctets) return { skipped: `larger than ${maxOctets} octets`, where }
    const message = assemble(lines)
    return message && { folder, ...message, at, where }
  }
  for await (const line of linesOf(file, maxOctets)) {
    const begins = afterEmpty && line.subarray(0, 5).equals(from) ? fromLine.exec(line.toString('latin1')) : null
    afterEmpty = line.length <= 2 && line.toString('latin1').trim() === ''
    if (begins) {
      const done = end()
      if (done) yield done
      open = { lines: [], octets: 0, at: dateOf(begins), number: ++number }
    } else if (open) {
      open.octets += line.length
      if (open.octets <= maxOctets) open.lines.push(line)
      else open.lines = []
    } else if (!afterEmpty) throw new Error(`${file} is no mbox: it does not begin with a line "From …"`)
  }
  const last = end()
  if (last) yield last
}

const from = Buffer.from('From ')

/** Lines with their ends; what has none for `most` octets is cut there. */
async function* linesOf(file: string, most: number): AsyncGenerator<Buffer> {
  let rest: Buffer[] = []
  let held = 0
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let at = 0
    for (let lf = chunk.indexOf(10); lf !== -1; lf = chunk.indexOf(10, at)) {
      const piece = chunk.subarray(at, lf + 1)
      yield rest.length > 0 ? Buffer.concat([...rest, piece]) : piece
      rest = []
      held = 0
      at = lf + 1
    }
    if (at === chunk.length) continue
    rest.push(chunk.subarray(at))
    held += chunk.length - at
    if (held <= most) continue
    yield Buffer.concat(rest)
    rest = []
    held = 0
  }
  if (rest.length > 0) yield Buffer.concat(rest)
}

function assemble(lines: Buffer[]): { raw: Buffer; flags: string[] } | undefined {
  const flags = new Set<string>()
  const kept: Buffer[] = []
  let header = true
  let leaving = false
  // the empty line before the next "From " is the format's, not the message's
  if (lines.length > 1 && isEmpty(lines.at(-1)!)) lines.pop()
  for (const line of lines) {
    if (!header) {
      kept.push(/^>+From /.test(line.toString('latin1', 0, 80)) ? line.subarray(1) : line)
      continue
    }
    header = !isEmpty(line)
    const text = line.toString('latin1', 0, 2000)
    if (/^[ \t]/.test(text)) {
      if (!leaving) kept.push(line)
      continue
    }
    const field = own.exec(text)?.[1]?.toLowerCase()
    leaving = field !== undefined
    if (field === undefined) kept.push(line)
    const value = text.slice(text.indexOf(':') + 1).trim()
    if (field === 'status' || field === 'x-status')
      for (const letter of value) if (letters[letter]) flags.add(letters[letter])
    if (field === 'x-keywords') for (const word of value.split(/[\s,]+/)) if (isKeyword(word)) flags.add(word)
    // what c-client and Dovecot write first is no letter
    if (
      (field === 'x-imap' || field === 'x-imapbase') &&
      lines.some((l) => /^Subject: DON'T DELETE THIS MESSAGE/.test(l.toString('latin1', 0, 60)))
    )
      return undefined
  }
  const raw = withCrlf(Buffer.concat(kept))
  return raw.length > 0 ? { raw, flags: [...flags] } : undefined
}

const isEmpty = (line: Buffer): boolean => line.length <= 2 && (line[0] === 10 || line[0] === 13)

/** asctime of RFC 4155 is in UTC, unless a zone is said. */
function dateOf([, month, day, time, zone, year, zoneAfter]: RegExpExecArray): Date {
  const at = new Date(`${day} ${month} ${year} ${time} ${zone ?? zoneAfter ?? '+0000'}`)
  return Number.isNaN(at.getTime()) ? new Date(0) : at
}
