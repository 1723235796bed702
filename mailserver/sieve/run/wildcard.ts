/**
 * :matches (RFC 5228 §2.7.1): * is any run, shortest first (RFC 5229 §3.2), ? one character, a backslash makes the next one plain.
 * Each literal run is looked for once from where the last one ended, so there is no backtracking but that of the last run.
 */
type Piece = { star: true } | { chars: readonly (string | null)[] }

function pieces(pattern: string): Piece[] {
  const found: Piece[] = []
  let chars: (string | null)[] = []
  const flush = () => {
    if (chars.length > 0) found.push({ chars })
    chars = []
  }
  const all = [...pattern]
  for (let i = 0; i < all.length; i++) {
    const c = all[i]!
    if (c === '*') {
      flush()
      found.push({ star: true })
    } else if (c === '?') chars.push(null)
    else if (c === '\\' && i + 1 < all.length) chars.push(all[++i]!)
    else chars.push(c)
  }
  flush()
  return found
}

/**
 * @param form the form in which the comparator compares
 * @returns the match variables: the whole text, then what each wildcard took
 */
export function wildcard(text: string, pattern: string, form: (text: string) => string): string[] | undefined {
  const whole = form(text)
  // one code unit a character, before folding and after: no need to take a long text apart
  const plain = whole.length === text.length && !/[\ud800-\udfff]/.test(text)
  const value = plain ? text : [...text]
  const folded = plain ? whole : [...text].map(form)
  const cut = (from: number, to?: number): string => {
    const piece = value.slice(from, to)
    return typeof piece === 'string' ? piece : piece.join('')
  }
  const parts = pieces(pattern)
  const last = parts.length - 1
  const taken: string[] = [text]
  let at = 0
  let star = -1
  for (let p = 0; p <= last; p++) {
    const part = parts[p]!
    if ('star' in part) {
      // two stars in a row: the first takes nothing
      if (star >= 0) taken.push('')
      star = at
      continue
    }
    const want = part.chars.map((c) => (c === null ? null : form(c)))
    const literal = plain && !want.includes(null) ? want.join('') : undefined
    const fits = (from: number) =>
      want.every((c, i) => (c === null ? from + i < folded.length : folded[from + i] === c))
    let found = at
    if (star < 0) {
      if (!fits(at)) return undefined
    } else if (p === last) {
      found = folded.length - want.length
      if (found < at || !fits(found)) return undefined
    } else {
      if (literal !== undefined) found = whole.indexOf(literal, at)
      else while (found + want.length <= folded.length && !fits(found)) found++
      if (found < 0 || found + want.length > folded.length) return undefined
    }
    if (star >= 0) taken.push(cut(star, found))
    star = -1
    part.chars.forEach((c, i) => {
      if (c === null) taken.push(value[found + i]!)
    })
    at = found + want.length
  }
  if (star >= 0) {
    taken.push(cut(star))
    return taken
  }
  return at === folded.length ? taken : undefined
}
