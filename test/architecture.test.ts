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
  'smtp-server': [/^mailserver\/(edge|submission|lmtp|outbound\/sink)\//],
  mailauth: [/^mailserver\/(seal|edge\/policy)\//, /^mailserver\/outbound\/routes\.ts$/, /^kit\/message\/seal\.ts$/],
  'mx-connect': [/^mailserver\/outbound\//],
  'dns-packet': [/^mailserver\/outbound\/dane\//],
  'acme-client': [/^mailserver\/tls\/acme\.ts$/],
  '@simplewebauthn/server': [/^mailserver\/accounts\/webauthn\.ts$/],
  ldapts: [/^mailserver\/accounts\/ldap\.ts$/],
  bcryptjs: [/^mailserver\/accounts\/foreignhash\.ts$/],
  unixcrypt: [/^mailserver\/accounts\/foreignhash\.ts$/],
  re2js: [/^mailserver\/sieve\/run\/regex\.ts$/],
  // what opens strangers' files runs in the file reader's process, nowhere else
  unpdf: [/^mailserver\/filetext\/formats\//],
  cfb: [/^mailserver\/filetext\/formats\//],
  htmlparser2: [/^mailserver\/filetext\/formats\//],
  libmime: [/^kit\/message\//],
  'sanitize-html': [/^kit\/message\/htmltext\.ts$/, /^webmail\/read\/html\.ts$/],
  pdfmake: [/^kit\/pdf\//],
  busboy: [/^kit\/web\//],
  ejs: [/^kit\/web\//],
  qrcode: [/^kit\/web\//],
  bowser: [/^kit\/web\/useragent\.ts$/],
  pino: [/^kit\/log\.ts$/],
  commander: [/^congso\.ts$/, /^mailserver\/admin\/commands\//, /^workflow\/commands\.ts$/],
}

/** part → its folders that hold code (what each is for: docs/architecture.md); a new one is a decision, not a drawer */
const drawers: Record<Part, readonly string[]> = {
  mailserver:
    'accounts admin autoconfig backup control edge filetext imap lists lmtp managesieve metrics mime outbound pop3 seal sessions sharing sieve spam store submission tls upkeep'.split(
      ' ',
    ),
  webmail: 'compose deleted filters list read search share usage'.split(' '),
  workflow: 'pages projection verify worker'.split(' '),
  portal: 'catalogue form lodging lookup projection store'.split(' '),
  acts: ['dossier'],
  kit: 'act directory mail message pdf process store vi web'.split(' '),
  config: [],
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
const packageOf = (target: string) => /^(@[^/]+\/)?[^/]+/.exec(target)![0]
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

  it('every folder of a part is one that the house knows', () => {
    const found = files.filter((f) => partOf(f) !== undefined && f.split('/').length > 2)
    for (const part of parts) {
      const folders = new Set(found.filter((f) => partOf(f) === part).map((f) => f.split('/')[1]))
      expect([...folders].sort(), part).to.deep.equal(drawers[part])
    }
  })

  it('every package that programs use is declared, and has its doorway here or is one that all may use', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    const used = new Set(
      imports.filter((i) => inTree(i) === undefined && !/^node:/.test(i.target)).map((i) => packageOf(i.target)),
    )
    const everywhere = ['express'] // routes are in every part that has pages
    expect([...used].filter((name) => dependencies[name] === undefined)).to.deep.equal([])
    expect([...used].filter((name) => doorways[name] === undefined && !everywhere.includes(name))).to.deep.equal([])
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
