/** Text parts of mail as real programs write them: charsets that lie, format=flowed, quotes. Pure. */

/** Above this a text is shown cut, with the whole as a download: a browser lays out megabytes badly. */
const longestShown = 512 * 1024

/**
 * Octets of a text part, transfer encoding already undone → Unicode (NFC). An unknown or missing charset is tried as UTF-8,
 * then read as windows-1258, the usual one of older Vietnamese programs, whose marks are combining.
 */
export function decodeText(octets: Uint8Array, charset: string | undefined): string {
  const label = (charset ?? '').toLowerCase()
  const bytes = octets.subarray(0, longestShown)
  if (label !== '' && label !== 'us-ascii' && label !== 'unknown-8bit') {
    try {
      return new TextDecoder(label).decode(bytes).normalize('NFC')
    } catch {
      // a charset that nobody knows: guessed below like a missing one
    }
  }
  try {
    return new TextDecoder('utf-8', { fatal: octets.length <= longestShown }).decode(bytes).normalize('NFC')
  } catch {
    return new TextDecoder('windows-1258').decode(bytes).normalize('NFC')
  }
}

/** RFC 3676 §4: lines that end in a space flow into the next of the same quote depth; "-- " does not. */
export function unflow(text: string, delSp: boolean): string {
  const out: string[] = []
  let open: { depth: number } | undefined
  for (const line of text.split(/\r?\n/)) {
    const depth = /^>*/.exec(line)![0].length
    let body = line.slice(depth)
    if (body.startsWith(' ')) body = body.slice(1) // space-stuffing, §4.4
    const signature = body === '-- '
    const flows = body.endsWith(' ') && !signature
    const kept = flows && delSp ? body.slice(0, -1) : body
    if (open && open.depth === depth && !signature) out[out.length - 1] += kept
    else out.push(depth > 0 ? `${'>'.repeat(depth)} ${kept}` : kept)
    open = flows ? { depth } : undefined
  }
  return out.join('\n')
}

export type Block = { quoted: boolean; text: string }

/** Runs of quoted and own lines: quotes are folded away on the page. */
export function blocks(text: string): Block[] {
  const out: Block[] = []
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    const quoted = line.startsWith('>')
    const last = out.at(-1)
    if (last && last.quoted === quoted) last.text += `\n${line}`
    else out.push({ quoted, text: line })
  }
  return out.map((b) => ({ ...b, text: b.text.replaceAll(/\n{3,}/g, '\n\n') })).filter((b) => b.text.trim() !== '')
}

export type Piece = { text: string; href?: string }

/** Cuts a text at web addresses. Linear: the expression has no nested repetition. */
export function linked(text: string): Piece[] {
  const out: Piece[] = []
  let at = 0
  for (const m of text.matchAll(/https?:\/\/[^\s<>"']{1,2000}/g)) {
    const href = m[0].replace(/[.,;:!?)\]]{1,10}$/, '')
    if (m.index > at) out.push({ text: text.slice(at, m.index) })
    out.push({ text: href, href })
    at = m.index + href.length
  }
  if (at < text.length) out.push({ text: text.slice(at) })
  return out
}

/** A quoted answer, as Vietnamese mail programs begin it. */
export function quote(given: { who: string; when: string; text: string }): string {
  const lines = given.text.replaceAll('\r\n', '\n').trimEnd().split('\n')
  return `\n\nVào ${given.when}, ${given.who} đã viết:\n${lines.map((l) => (l.startsWith('>') ? `>${l}` : `> ${l}`)).join('\n')}\n`
}
