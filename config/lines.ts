/** Where in a JSON text a value stands, so that a mistake in the data is reported with its line. */
export type JsonPath = readonly (string | number)[]
export type LocatedJson = { value: unknown; lineOf(path: JsonPath): number }

// Our deepest data (agency → office → field) has 5 levels; more is a mistake, and bounds the recursion.
const MAX_DEPTH = 32

/**
 * @throws SyntaxError whose message begins with the line: "12: …"; also for a key given twice in one object
 */
export function parseJson(text: string): LocatedJson {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const at = /position (\d+)/.exec(String(cause))?.[1]
    const line = at === undefined ? text.split('\n').length : lineAt(text, Number(at))
    throw new SyntaxError(`${line}: ${(cause as Error).message}`, { cause })
  }
  const lines = new Map<string, number>()
  locate(text, lines)
  return {
    value,
    lineOf(path) {
      for (let n = path.length; n > 0; n--) {
        const line = lines.get(key(path.slice(0, n)))
        if (line !== undefined) return line
      }
      return 1
    },
  }
}

const key = (path: JsonPath): string => JSON.stringify(path)
const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length

/** Walks a text that JSON.parse accepted, noting the line of every value. */
function locate(text: string, lines: Map<string, number>): void {
  let at = 0
  let line = 1
  const path: (string | number)[] = []
  function space(): void {
    for (; at < text.length && ' \t\r\n'.includes(text[at]!); at++) if (text[at] === '\n') line++
  }
  function string(): string {
    const start = at
    for (at++; text[at] !== '"'; at++) if (text[at] === '\\') at++
    at++
    return JSON.parse(text.slice(start, at)) as string
  }
  function inside(close: '}' | ']', item: (n: number) => void): void {
    at++
    for (let n = 0; ; n++) {
      space()
      if (text[at] === ',') at++
      space()
      if (text[at] === close) {
        at++
        return
      }
      item(n)
    }
  }
  function value(): void {
    space()
    lines.set(key(path), line)
    if (path.length > MAX_DEPTH) throw new SyntaxError(`${line}: nested more than ${MAX_DEPTH} deep`)
    if (text[at] === '"') string()
    else if (text[at] === '[')
      inside(']', (n) => {
        path.push(n)
        value()
        path.pop()
      })
    else if (text[at] === '{') {
      const seen = new Set<string>()
      inside('}', () => {
        const name = string()
        if (seen.has(name)) throw new SyntaxError(`${line}: "${name}" is given twice`)
        seen.add(name)
        space()
        at++ // the colon
        path.push(name)
        value()
        path.pop()
      })
    } else while (at < text.length && !',]} \t\r\n'.includes(text[at]!)) at++
  }
  value()
}
