/** No regular expression of the suite takes long on a text made to make it take long (ReDoS). */
import { createContext, Script } from 'node:vm'
import { expect } from 'chai'
import { attacks } from './attacks.ts'
import { bounded, composed } from './bounded.ts'
import { attributes, codeOf, expressions, literals, patterns } from './expressions.ts'

/** Characters of a text that nobody has bounded: a line of 64 KB, about what any field or form value may have. */
const usualLength = 64 * 1024
/**
 * Milliseconds for such a text. One pass takes under one; what backtracks over each pair of characters takes seconds. Room for
 * machines that do something else meanwhile: what is too slow is tried once more.
 */
const allowedMs = 150

const context = createContext({ pattern: '', flags: '', text: '' })
const attempt = new Script('new RegExp(pattern, flags).test(text)')
/** @returns milliseconds, or `allowedMs` when it was stopped */
function time(pattern: string, flags: string, text: string): number {
  Object.assign(context, { pattern, flags, text })
  const began = performance.now()
  try {
    attempt.runInContext(context, { timeout: allowedMs })
  } catch (err) {
    if ((err as { code?: string }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw err
    return allowedMs
  }
  return performance.now() - began
}

describe('regular expressions', () => {
  const { written, made } = expressions()

  it('are found', () => {
    expect(written.length).to.be.above(300)
    for (const ending of ['.ts', '.js', '.ejs'])
      expect(
        written.some(({ file }) => file.endsWith(ending)),
        `some in ${ending}`,
      ).to.equal(true)
    expect(
      written.some(({ file }) => file.startsWith('config/')),
      'some in the configuration',
    ).to.equal(true)
  })

  it('are found wherever they may stand', () => {
    const view = '<input pattern="(a+)+"><% if (/^b\\/+$/.test(x)) { %><%= x.split(/c,/i).length / 2 %><% } %>'
    expect(literals(codeOf('x.ejs', view))).to.deep.include.members([
      { source: '^b\\/+$', flags: '' },
      { source: 'c,', flags: 'i' },
    ])
    expect(attributes(view)).to.deep.equal(['^(?:(a+)+)$'])
    expect(patterns({ form: [{ fields: [{ name: 'x', pattern: 'd+' }] }], pattern: ['no'] })).to.deep.equal(['d+'])
  })

  it('notices those that are slow', () => {
    for (const slow of ['(a+)+$', '\\s+$', '^(a|aa)+$', '^\\d+\\d+\\d+x'])
      expect(Math.max(...attacks(slow, '', usualLength).map((text) => time(slow, '', text))), slow).to.equal(allowedMs)
  })

  it('take no more than a pass over hostile text', function () {
    this.timeout(300_000)
    const seen = new Set<string>()
    const slow: string[] = []
    for (const { file, source, flags } of written) {
      const key = `${file} /${source}/`
      if (seen.has(key)) continue
      seen.add(key)
      const length = bounded.find((one) => one.file === file && one.source === source)?.length ?? usualLength
      for (const text of attacks(source, flags, length))
        if (time(source, flags, text) >= allowedMs && time(source, flags, text) >= allowedMs) {
          slow.push(`${key} on ${length} characters, ${JSON.stringify(text.slice(0, 40))}…`)
          break
        }
    }
    expect(slow).to.deep.equal([])
    const gone = bounded.filter((one) => !seen.has(`${one.file} /${one.source}/`))
    expect(gone, 'bounds of expressions that are no more').to.deep.equal([])
  })

  it('that are put together stand where somebody has looked at them', () => {
    expect(made.sort()).to.deep.equal(Object.keys(composed).sort())
  })
})
