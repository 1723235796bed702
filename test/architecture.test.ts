import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect } from 'chai'

/**
 * The rules of the house, held against every import in the tree (docs/architecture.md):
 * which folder may import which, which package has which doorway, and no import in a circle between parts.
 */
const root = resolve(import.meta.dirname, '..')
const parts = ['mailserver', 'webmail', 'workflow', 'portal', 'acts', 'kit', 'config'] as const
type Part = (typeof parts)[number]

/** part → parts it may import besides itself; the root files (congso, processes, suite, desk) join everything */
const mayImport: Record<Part, readonly Part[]> = {
  kit: [],
  acts: ['kit'],
  config: ['kit'],
  mailserver: ['kit', 'config'],
  webmail: ['kit', 'config'],
  workflow: ['kit', 'config', 'acts'],
  portal: ['kit', 'config', 'acts'],
}

/** package → path prefixes (regular expressions on the file's path) that may import it */
const doorways: Record<string, readonly RegExp[]> = {
  imapflow: [/^kit\/mail\//],
  nodemailer: [/^kit\/mail\//],
  mailparser: [/^kit\/message\//],
  'node:sqlite': [
    /^(kit\/store|[a-z]+\/store|[a-z]+\/[a-z]+\/store|[a-z]+\/[a-z]+\/[a-z]+\/store|[a-z]+\/projection)\//,
  ],
  'smtp-server': [/^mailserver\/(submission|lmtp|outbound\/sink)\//],
  haraka: [/^mailserver\/edge\//],
}

type Import = { file: string; target: string; typeOnly: boolean }

const files = globSync('**/*.{ts,js,mjs}', {
  cwd: root,
  exclude: (p) => /(^|\/)(node_modules|data|\.git)(\/|$)/.test(String(p)),
})
  .map(String)
  .filter((f) => !f.startsWith('test/') && !f.startsWith('bench/') && !f.startsWith('setup/'))

/** Comments and strings hold words like "import"; a statement begins a line, which is what these look for. */
const statement =
  /^(?:import|export)\b(?<typed>\s+type\b)?[^'"`;]*?\bfrom\s*['"](?<static>[^'"]+)['"]|^import\s*['"](?<bare>[^'"]+)['"]|\bimport\(\s*['"](?<dynamic>[^'"]+)['"]\s*\)/gm

const imports: Import[] = files.flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(statement)].map((m) => ({
    file,
    target: (m.groups?.['static'] ?? m.groups?.['bare'] ?? m.groups?.['dynamic'])!,
    typeOnly: m.groups?.['typed'] !== undefined,
  })),
)

/** The file inside the tree that an import means, or undefined for a package. */
function inTree({ file, target }: Import): string | undefined {
  if (target.startsWith('#')) return target.slice(1)
  if (target.startsWith('.')) return relative(root, resolve(root, dirname(file), target))
  return undefined
}
const partOf = (file: string) => parts.find((p) => file.startsWith(`${p}/`))

describe('architecture', () => {
  it('reads the tree that it judges', () => {
    expect(files).to.include('kit/refusal.ts')
    expect(imports.length).to.be.greaterThan(100)
  })

  for (const part of parts)
    it(`${part} imports only ${mayImport[part].join(', ') || 'packages'}`, () => {
      const wrong = imports
        .filter((i) => partOf(i.file) === part)
        .filter((i) => {
          const target = inTree(i)
          if (target === undefined) return false
          const to = partOf(target)
          return to !== part && !(to && mayImport[part].includes(to))
        })
      expect(wrong.map((i) => `${i.file} imports ${i.target}`)).to.deep.equal([])
    })

  it('packages with one doorway are imported only there', () => {
    const wrong = imports.filter((i) => {
      const name = Object.keys(doorways).find((d) => i.target === d || i.target.startsWith(`${d}/`))
      return name !== undefined && !i.typeOnly && !doorways[name]!.some((re) => re.test(i.file))
    })
    expect(wrong.map((i) => `${i.file} imports ${i.target}`)).to.deep.equal([])
  })

  it('only settings, log level and crash points read the environment', () => {
    const allowed = ['congso.ts', 'suite.ts', 'kit/log.ts', 'kit/process/crash.ts']
    const wrong = files.filter(
      (f) =>
        !allowed.includes(f) &&
        /\bprocess\.env\b/.test(readFileSync(join(root, f), 'utf8').replaceAll(/^\s*(\*|\/\/|\/\*).*$/gm, '')),
    )
    expect(wrong).to.deep.equal([])
  })

  it('no file is named for what it might hold', () => {
    expect(files.filter((f) => /(^|\/)(utils?|helpers?|misc|common|tools?)(\.|\/)/.test(f))).to.deep.equal([])
  })

  it('acts are pure: no clock, randomness, store or network', () => {
    const impure = /\b(Date\.now|new Date\(\s*\)|Math\.random|randomUUID|randomBytes|fetch\(|Temporal\.Now|node:)/
    expect(
      files.filter((f) => f.startsWith('acts/') && impure.test(readFileSync(join(root, f), 'utf8'))),
    ).to.deep.equal([])
  })
})
