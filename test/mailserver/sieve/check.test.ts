import { expect } from 'chai'
import { checkScript } from '#mailserver/sieve/check/check.ts'
import { extensions } from '#mailserver/sieve/check/extensions.ts'
import { MAX_SCRIPT_OCTETS } from '#mailserver/sieve/limits.ts'
import { tellFault } from '#mailserver/sieve/parse/fault.ts'

const faults = (script: string | Uint8Array): string[] => {
  const checked = checkScript(script)
  return 'faults' in checked ? checked.faults.map((f) => `${f.line}:${f.column} ${f.en}`) : []
}

describe('Sieve: what is wrong with a script, by line and column', () => {
  for (const [script, wanted] of [
    ['keep', '1:5 ";" is missing after keep'],
    ['keep;\n  foo;', '2:3 there is no command "foo"'],
    ['if true {\n keep;\n', '1:9 the block that { opens here is not closed'],
    ['if header :is "a" {}', '1:4 header takes 2 values, 1 given'],
    ['if header :is :contains "a" "b" {}', '1:15 :contains and :is exclude each other'],
    ['if header "a" 5 {}', '1:15 header: expected a string or a list of strings here'],
    ['if header "a b" "c" {}', '1:11 "a b" is no name of a header field'],
    ['if address "subject" "c" {}', '1:12 the field subject does not hold addresses'],
    ['fileinto "x";', '1:1 fileinto needs require "fileinto" at the top'],
    ['require "fileinto"; fileinto :copy "x";', '1:30 :copy needs require "copy" at the top'],
    ['require "nonsense";', '1:9 the extension "nonsense" is not supported here'],
    ['keep; require "fileinto";', '1:7 require must stand at the top of the script'],
    ['else { keep; }', '1:1 else must follow the block of an if'],
    ['if keep {}', '1:4 keep is a command, not a test'],
    ['true;', '1:1 true is a test, not a command'],
    ['if size 5 {}', '1:4 size takes 0 values, 1 given'],
    ['if size :over 5X {}', '1:15 not a number (1, 2K, 3M, 4G)'],
    ['if size :over 99999999999999999999 {}', '1:15 not a number (1, 2K, 3M, 4G)'],
    ['redirect "nobody";', '1:10 "nobody" is not one mail address'],
    ['redirect "a@b.example, c@d.example";', '1:10 "a@b.example, c@d.example" is not one mail address'],
    ['redirect ["a@b.example"];', '1:10 redirect: expected a string here'],
    ['keep; "', '1:7 the string is not closed'],
    ['/* open', '1:1 the comment is not closed by */'],
    ['redirect text:\na@b.example\n', '1:10 no line with a single "." ends text:'],
    ['require ["regex"]; if header :regex "a" "(b" {}', '1:41 not a regular expression: missing closing ): `(b`'],
    [
      'require ["regex"]; if header :regex "a" "(?=b)" {}',
      '1:41 not a regular expression: "(?" is not part of extended regular expressions',
    ],
    ['if header :comparator "i;none" "a" "b" {}', '1:11 there is no comparator "i;none"'],
    [
      'require ["relational"]; if header :count "xx" "a" "1" {}',
      '1:35 :count takes one of "gt" "ge" "lt" "le" "eq" "ne"',
    ],
    ['require ["variables"]; set "a b" "c";', '1:28 "a b" is no name of a variable'],
    ['require ["variables"]; set "env.x" "c";', '1:28 "env.x" is no name of a variable'],
    ['require ["fileinto"]; fileinto "a//b";', '1:32 "a//b" is no name of a mailbox'],
    ['require ["encoded-character"]; redirect "${unicode:d800}@b.example";', '1:41 d800 is no Unicode character'],
    ['if anyof true, false {}', '1:14 ";" is missing after if'],
    ['keep;\0', '1:6 unexpected character "\\u0000"'],
  ] as const)
    it(JSON.stringify(script), () => {
      expect(faults(script)[0]).to.equal(wanted)
    })

  it('speaks both languages on one line', () => {
    const checked = checkScript('keep;\nfoo;')
    expect('faults' in checked && tellFault(checked.faults[0]!)).to.equal(
      'dòng 2, cột 1: không có lệnh "foo" / line 2, column 1: there is no command "foo"',
    )
  })

  it('finds several, and at most twenty', () => {
    expect(faults('foo; bar;')).to.have.length(2)
    expect(faults('foo;'.repeat(1000))).to.have.length(20)
  })

  it('takes every extension that it announces', () => {
    expect(faults(`require [${extensions.map((e) => `"${e}"`).join(',')}];`)).to.deep.equal([])
  })

  it('lets ihave guard what is unknown', () => {
    expect(faults('require "ihave"; if ihave "future" { future :x "y"; } else { keep; }')).to.deep.equal([])
    expect(faults('require "ihave"; if ihave "fileinto" { fileinto "x"; }')).to.deep.equal([])
    expect(faults('require "ihave"; if not ihave "future" { nothing; }')[0]).to.contain('no command')
  })
})

describe('Sieve: hostile scripts', () => {
  it('malformed UTF-8 has a place', () => {
    expect(
      faults(Buffer.concat([Buffer.from('keep;\n# ab'), Buffer.from([0xff]), Buffer.from('\nkeep;')])),
    ).to.deep.equal(['2:5 the script is not UTF-8'])
  })
  it('too long, too deep, too many', () => {
    expect(faults('#'.repeat(MAX_SCRIPT_OCTETS + 1))[0]).to.contain('longer than')
    expect(faults(`${'if true {'.repeat(1000)}`)[0]).to.contain('levels deep')
    expect(faults(`if ${'not '.repeat(10_000)} true {}`)[0]).to.contain('levels deep')
    expect(faults(`if ${'anyof('.repeat(10_000)}`)[0]).to.contain('levels deep')
    expect(faults(`if header [${'"a",'.repeat(5000)}"a"] "b" {}`)[0]).to.contain('at most')
  })
  it('random octets and cut scripts never throw', () => {
    const words = [
      'if',
      'header',
      ':is',
      '"a"',
      '[',
      ']',
      '{',
      '}',
      '(',
      ')',
      ';',
      ',',
      'text:\n',
      '.',
      '\n',
      '${',
      '\\',
      '"',
      '/*',
      '*/',
      '1K',
      'not',
      'require',
      '"fileinto"',
      'é',
    ]
    let seed = 7
    const next = () => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed
    }
    for (let i = 0; i < 3000; i++) {
      const script = Array.from({ length: 1 + (next() % 30) }, () => words[next() % words.length]).join(
        next() % 2 ? ' ' : '',
      )
      const checked = checkScript(script)
      if ('faults' in checked) for (const f of checked.faults) expect(f.line).to.be.at.least(1)
    }
  })
  it('is linear in its size', () => {
    const started = performance.now()
    checkScript(`require "variables"; ${'set "a" "${a}${a}";\n'.repeat(6000)}`)
    checkScript('"'.repeat(120_000))
    checkScript('${hex:'.repeat(20_000))
    expect(performance.now() - started).to.be.below(15_000)
  })
})
