/** Every regular expression that is written in the code of the suite, with where it stands. */
import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { parse, type Token, tokenizer } from 'acorn'

export type Expression = { file: string; source: string; flags: string }

const root = join(import.meta.dirname, '../..')
/** Where outside input is met. */
const folders = ['mailserver', 'kit', 'portal', 'webmail', 'workflow', 'acts']

export function expressions(): { written: Expression[]; made: string[] } {
  const written: Expression[] = []
  const made = new Set<string>()
  for (const folder of folders)
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      if (!/\.(ts|js)$/.test(name) || name.endsWith('.d.ts')) continue
      const file = join(folder, name)
      const text = readFileSync(join(root, file), 'utf8')
      const code = name.endsWith('.ts') ? stripTypeScriptTypes(text) : text
      const options = { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true } as const
      // the parser tells a division from an expression; the tokenizer alone does not always
      const tokens: Token[] = []
      try {
        parse(code, { ...options, onToken: tokens })
      } catch {
        tokens.push(...tokenizer(code, options)) // `using`, which the parser may not know yet
      }
      for (const token of tokens) {
        const { value } = token as unknown as { value: unknown }
        if (token.type.label === 'regexp') {
          const { pattern, flags } = value as { pattern: string; flags: string }
          written.push({ file, source: pattern, flags })
        }
      }
      if (/new RegExp\(|[^.\w]RegExp\(/.test(code)) made.add(file)
    }
  return { written, made: [...made] }
}
