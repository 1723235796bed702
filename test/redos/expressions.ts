/** Every regular expression that is written in the code of the suite, its views, its pages and its configuration, with where it stands. */
import { globSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { parse, type Token, tokenizer } from 'acorn'
import ejs from 'ejs'

export type Expression = { file: string; source: string; flags: string }

const root = join(import.meta.dirname, '../..')
/** What runs in the suite, or sets it up; tests and benches meet no stranger. */
const parts = ['mailserver', 'kit', 'portal', 'webmail', 'workflow', 'acts', 'config', 'setup']
const filesOf = (ending: string): string[] =>
  globSync([`*.${ending}`, ...parts.map((part) => `${part}/**/*.${ending}`)], { cwd: root })
    .filter((file) => !file.endsWith('.d.ts'))
    .sort()

export function expressions(): { written: Expression[]; made: string[] } {
  const written: Expression[] = []
  const made = new Set<string>()
  for (const ending of ['ts', 'js', 'mjs', 'ejs'])
    for (const file of filesOf(ending)) {
      const text = readFileSync(join(root, file), 'utf8')
      const code = codeOf(file, text)
      written.push(...literals(code).map((found) => ({ file, ...found })))
      if (ending === 'ejs') written.push(...attributes(text).map((source) => ({ file, source, flags: 'v' })))
      if (/new RegExp\(|[^.\w]RegExp\(/.test(code)) made.add(file)
    }
  for (const file of filesOf('json'))
    written.push(
      ...patterns(JSON.parse(readFileSync(join(root, file), 'utf8'))).map((source) => ({ file, source, flags: 'u' })),
    )
  return { written, made: [...made] }
}

/** The JavaScript that a file is, or becomes. */
export function codeOf(file: string, text: string): string {
  if (file.endsWith('.ts')) return stripTypeScriptTypes(text)
  if (!file.endsWith('.ejs')) return text
  const view = new ejs.Template(text, { compileDebug: false, _with: false })
  view.compile()
  return view.source
}

export function literals(code: string): Omit<Expression, 'file'>[] {
  const options = {
    ecmaVersion: 'latest',
    sourceType: 'module',
    allowHashBang: true,
    allowReturnOutsideFunction: true, // the body of a view
  } as const
  // the parser tells a division from an expression; the tokenizer alone does not always
  const tokens: Token[] = []
  try {
    parse(code, { ...options, onToken: tokens })
  } catch {
    tokens.push(...tokenizer(code, options)) // `using`, which the parser may not know yet
  }
  return tokens.flatMap((token) => {
    if (token.type.label !== 'regexp') return []
    const { pattern, flags } = (token as unknown as { value: { pattern: string; flags: string } }).value
    return [{ source: pattern, flags }]
  })
}

/** What a browser holds an input against: the whole value (HTML, "the pattern attribute"). */
export const attributes = (html: string): string[] =>
  [...html.matchAll(/\spattern="([^"]*)"/g)].map(([, pattern]) => `^(?:${pattern})$`)

/** Those of the fields of forms in configuration, wherever they stand. */
export function patterns(json: unknown): string[] {
  if (typeof json !== 'object' || json === null) return []
  return Object.entries(json).flatMap(([name, value]) =>
    name === 'pattern' && typeof value === 'string' ? [value] : patterns(value),
  )
}
