/**
 * :regex is POSIX ERE, leftmost and longest. Patterns come from people and texts from strangers, so the engine is RE2: time
 * linear in the text, no backtracking. What ERE does not have (look-around, back references) is refused.
 */
import { RE2JS } from 're2js'
import { MAX_REGEX } from '../limits.ts'

export type Regex = { match(text: string): (string | undefined)[] | undefined }

const kept = new Map<string, Regex | { wrong: string }>()
/** Patterns of some hundred scripts; each is a few kilobytes. */
const MOST_KEPT = 500

export function compileRegex(pattern: string, ignoreCase: boolean): Regex | { wrong: string } {
  if (pattern.length > MAX_REGEX) return { wrong: `longer than ${MAX_REGEX} characters` }
  const key = `${ignoreCase ? 'i' : 's'}${pattern}`
  const known = kept.get(key)
  if (known) return known
  const made = compile(pattern, ignoreCase)
  if (kept.size >= MOST_KEPT) kept.clear()
  kept.set(key, made)
  return made
}

function compile(pattern: string, ignoreCase: boolean): Regex | { wrong: string } {
  if (/(?:^|[^\\])(?:\\\\)*\(\?/.test(pattern)) return { wrong: '"(?" is not part of extended regular expressions' }
  try {
    const compiled = RE2JS.compile(
      posix(pattern),
      RE2JS.LONGEST_MATCH | RE2JS.DOTALL | (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0),
    )
    return {
      match(text) {
        const m = compiled.matcher(text)
        if (!m.find()) return undefined
        return Array.from({ length: m.groupCount() + 1 }, (_, i) => m.group(i) ?? undefined)
      },
    }
  } catch (err) {
    return {
      wrong: (err as Error).message
        .replace(/^error parsing regexp: /, '')
        .replace('(?s)(?i)', '')
        .replace('(?s)', ''),
    }
  }
}

/** In a POSIX bracket a backslash is itself; RE2 wants it doubled. \< and \> of GNU stay refused by RE2. */
function posix(pattern: string): string {
  let out = ''
  let inBracket = false
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!
    if (!inBracket && c === '\\') {
      out += c + (pattern[++i] ?? '')
      continue
    }
    if (!inBracket && c === '[') {
      inBracket = true
      out += c
      if (pattern[i + 1] === '^') out += pattern[++i]
      if (pattern[i + 1] === ']') {
        out += '\\]'
        i++
      }
      continue
    }
    if (inBracket && c === '[' && pattern[i + 1] === ':') {
      const end = pattern.indexOf(':]', i + 2)
      if (end > 0) {
        out += pattern.slice(i, end + 2)
        i = end + 1
        continue
      }
    }
    if (inBracket && c === ']') inBracket = false
    out += inBracket && (c === '\\' || c === '[') ? `\\${c}` : c
  }
  return out
}
