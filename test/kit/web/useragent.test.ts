import { expect } from 'chai'
import { browserName } from '#kit/web/useragent.ts'

const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'
const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)'

describe('what a browser calls itself', () => {
  const cases: [what: string, text: string, words: string | undefined][] = [
    ['Firefox', `${windows.slice(0, -1)}; rv:128.0) Gecko/20100101 Firefox/128.0`, 'Firefox 128 trên Windows'],
    ['Chrome', `${windows} ${webkit} Chrome/126.0.0.0 Safari/537.36`, 'Chrome 126 trên Windows'],
    ['Edge', `${windows} ${webkit} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0`, 'Microsoft Edge 126 trên Windows'],
    [
      'an old Windows',
      `Mozilla/5.0 (Windows NT 6.1; Win64; x64) ${webkit} Chrome/109.0.0.0 Safari/537.36`,
      'Chrome 109 trên Windows 7',
    ],
    [
      'Cốc Cốc',
      `${windows} ${webkit} coc_coc_browser/110.0.0 Chrome/104.0.0.0 Safari/537.36`,
      'Cốc Cốc 110 trên Windows',
    ],
    [
      'Safari on a telephone',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
      'Safari 17 trên iOS',
    ],
    ['a mail program', 'Thunderbird 140.1', undefined],
    ['nothing', '', undefined],
    ['nothing that is known', 'Mozilla/5.0 (x)', undefined],
    ['markup', 'Mozilla/5.0 <script>alert(1)</script>', undefined],
    ['far too much', `Mozilla/5.0 ${'('.repeat(100_000)}`, undefined],
  ]
  for (const [what, text, words] of cases) it(what, () => expect(browserName(text)).to.equal(words))
})
