import { expect } from 'chai'
import { WordSet } from '#mailserver/store/sqlite/search/wordset.ts'

const unknown = (set: WordSet, text: string): string[] => {
  const found = new Set<string>()
  set.unknownOf(text, found)
  return [...found]
}

describe('store: set of words', () => {
  const texts = [
    '',
    'so 15/qd-ubnd ngay 3.4.2026',
    ' dau cach, cuoi cach ',
    'đường 道路 ŧ12 e\u0301 x\u200by',
    'ɐ𝒳𝒴z 😀 a😀b \ud835 x\udcb3y \ud835',
    'ngay ngay ngay',
    '\ue000x ½ ² ٣',
  ]
  for (const text of texts)
    it(`parts words as the tokenizer does: ${JSON.stringify(text)}`, () => {
      expect(unknown(new WordSet(), text)).to.deep.equal([...new Set(text.match(/[\p{L}\p{N}\p{Co}]+/gu))])
    })

  it('knows what was added, and nothing else, also when it has grown', () => {
    const set = new WordSet()
    const words = Array.from({ length: 5000 }, (_, i) => (i * 7919).toString(36))
    for (const word of [...words, ...words.slice(0, 10)]) set.add(word)
    expect(set.size).to.equal(new Set(words).size)
    expect(unknown(set, words.join(' '))).to.deep.equal([])
    expect(unknown(set, `${words[1]}x x${words[1]} ${words[1]} đ`)).to.deep.equal([`${words[1]}x`, `x${words[1]}`, 'đ'])
  })
})
