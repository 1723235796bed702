import { expect } from 'chai'
import { clock, formalDate, formalMoment, localDate, readDate, recent, shortDate, weekday } from '#kit/vi/dates.ts'
import { fold, foldedWords, matches } from '#kit/vi/fold.ts'
import { byName, collate, initials, parseName } from '#kit/vi/names.ts'
import { fromTcvn3, looksTcvn3 } from '#kit/vi/tcvn3.ts'
import { figures, inWords, money, moneyInWords, readNumber, size } from '#kit/vi/words.ts'

describe('kit/vi', () => {
  describe('fold', () => {
    const cases: [given: string, want: string][] = [
      ['Đường Lối', 'duong loi'],
      ['hòa hoà'.normalize('NFD'), 'hoa hoa'],
      ['HỎA TỐC', 'hoa toc'],
      ['  ưỡn   ẹo\t', 'uon eo'],
      ['', ''],
    ]
    for (const [given, want] of cases) it(JSON.stringify(given), () => expect(fold(given)).to.equal(want))
    it('parts numbers and signs of a document', () =>
      expect(foldedWords('15/QĐ-STTTT')).to.deep.equal(['15', 'qd', 'sttt' + 't']))
    const found: [query: string, text: string, want: 0 | 1 | 2][] = [
      ['ban tin', 'Cấp giấy phép xuất bản bản tin', 1],
      ['bản tin', 'Cấp giấy phép xuất bản bản tin', 2],
      ['giay xuat', 'Cấp giấy phép xuất bản bản tin', 1],
      ['bàn tin', 'Cấp giấy phép xuất bản bản tin', 1],
      ['mỏ đá', 'Cấp giấy phép xuất bản bản tin', 0],
      ['???', 'Cấp giấy phép', 0],
      ['', 'Cấp giấy phép', 2],
    ]
    for (const [query, text, want] of found)
      it(`finds "${query}": ${want}`, () => expect(matches(text, query)).to.equal(want))
  })

  describe('dates', () => {
    it('pads days below 10 and the months 1 and 2 only', () => {
      expect(formalDate('2026-01-05')).to.equal('ngày 05 tháng 01 năm 2026')
      expect(formalDate('2026-02-15')).to.equal('ngày 15 tháng 02 năm 2026')
      expect(formalDate('2026-03-09')).to.equal('ngày 09 tháng 3 năm 2026')
      expect(formalDate('2026-11-30')).to.equal('ngày 30 tháng 11 năm 2026')
    })
    it('counts days in Vietnam whatever the machine’s zone', () => {
      expect(localDate('2026-11-22T17:30:00Z')).to.equal('2026-11-23')
      expect(shortDate('2026-11-22T16:59:59Z')).to.equal('22/11/2026')
      expect(clock('2026-11-22T17:05:00Z')).to.equal('00:05')
      expect(formalMoment('2026-01-05T01:05:00Z')).to.equal('08 giờ 05 phút, ngày 05 tháng 01 năm 2026')
      expect(weekday('2026-11-22T17:30:00Z')).to.equal('Thứ Hai')
    })
    it('says today’s time, Hôm qua, then the date', () => {
      const now = '2026-11-23T03:00:00Z'
      expect(recent('2026-11-23T02:26:00Z', now)).to.equal('09:26')
      expect(recent('2026-11-22T02:26:00Z', now)).to.equal('Hôm qua')
      expect(recent('2026-11-12T02:26:00Z', now)).to.equal('12/11/2026')
    })
    const typed: [string, string | undefined][] = [
      ['5/1/2026', '2026-01-05'],
      ['05-01-2026', '2026-01-05'],
      [' 05.01.2026 ', '2026-01-05'],
      ['2026-01-05', '2026-01-05'],
      ['29/2/2027', undefined],
      ['31/04/2026', undefined],
      ['1/5/26', undefined],
      ['٠٥/٠١/٢٠٢٦', undefined],
      ['', undefined],
    ]
    for (const [given, want] of typed) it(`reads "${given}"`, () => expect(readDate(given)).to.equal(want))
  })

  describe('numbers', () => {
    const words: [number, string][] = [
      [0, 'không'],
      [5, 'năm'],
      [10, 'mười'],
      [15, 'mười lăm'],
      [21, 'hai mươi mốt'],
      [24, 'hai mươi bốn'],
      [55, 'năm mươi lăm'],
      [101, 'một trăm linh một'],
      [1005, 'một nghìn không trăm linh năm'],
      [50_000, 'năm mươi nghìn'],
      [1_000_000, 'một triệu'],
      [1_234_567, 'một triệu hai trăm ba mươi bốn nghìn năm trăm sáu mươi bảy'],
      [2_000_000_010, 'hai tỷ không trăm mười'],
    ]
    for (const [n, want] of words) it(String(n), () => expect(inWords(n)).to.equal(want))
    it('refuses what is not a whole number', () => {
      for (const n of [-1, 1.5, Number.NaN, 2 ** 60]) expect(() => inWords(n), String(n)).to.throw(RangeError)
    })
    it('writes money and figures', () => {
      expect(money(50_000)).to.equal('50.000 đồng')
      expect(moneyInWords(50_000)).to.equal('Năm mươi nghìn đồng')
      expect(figures(97.44, 1)).to.equal('97,4')
      expect(size(318_000)).to.equal('318 KB')
      expect(size(2_400_000)).to.equal('2,4 MB')
    })
    const typed: [string, number | undefined][] = [
      ['1.500', 1500],
      ['1500', 1500],
      ['19,5', 19.5],
      ['19.5', 19.5],
      ['1.234.567,8', 1_234_567.8],
      ['-3', -3],
      ['1e9', undefined],
      ['0x10', undefined],
      ['１２', undefined],
      ['12 trang', undefined],
      ['', undefined],
    ]
    for (const [given, want] of typed) it(`reads "${given}"`, () => expect(readNumber(given)).to.equal(want))
  })

  describe('names', () => {
    it('sorts by tên, then họ, then đệm', () => {
      const names = ['Lê Thị Hằng', 'Nguyễn Văn Ánh', 'Trần Thị Hà', 'Đỗ Văn Hà', 'Nguyễn Hữu An', 'Bùi Thị Đào']
      expect(names.toSorted(byName)).to.deep.equal([
        'Nguyễn Hữu An',
        'Nguyễn Văn Ánh',
        'Bùi Thị Đào',
        'Đỗ Văn Hà',
        'Trần Thị Hà',
        'Lê Thị Hằng',
      ])
    })
    it('orders tones and base letters as CLDR does', () =>
      expect(['ạ', 'á', 'ã', 'ả', 'à', 'a', 'â', 'ă', 'd', 'đ'].toSorted(collate)).to.deep.equal([
        ...['a', 'à', 'ả', 'ã', 'á', 'ạ', 'ă', 'â', 'd', 'đ'],
      ]))
    it('parts a name', () => {
      expect(parseName('Nguyễn Hoàng Thị Bích Ngọc')).to.deep.equal({
        ho: 'Nguyễn',
        dem: 'Hoàng Thị Bích',
        ten: 'Ngọc',
      })
      expect(parseName('Hà')).to.deep.equal({ ho: '', dem: '', ten: 'Hà' })
      expect(initials('Đỗ Thu Hương')).to.equal('ĐH')
    })
  })

  describe('TCVN3', () => {
    const cases: [string, string][] = [
      ['Qu¸ch §ång Th¾ng', 'Quách Đồng Thắng'],
      ['®iÒu', 'điều'],
      ['C©u', 'Câu'],
      ['tr\u00adêng', 'trường'],
      ['tr\u2212êng', 'trường'],
      ['Céng hßa x· héi chñ nghÜa ViÖt Nam', 'Cộng hòa xã hội chủ nghĩa Việt Nam'],
      ['plain', 'plain'],
    ]
    for (const [given, want] of cases) it(want, () => expect(fromTcvn3(given)).to.equal(want))
    it('makes capitals of a run in a capitals font', () =>
      expect(fromTcvn3('céng hßa', { capitals: true })).to.equal('CỘNG HÒA'))
    const guesses: [string, boolean][] = [
      ['Céng hßa x· héi chñ nghÜa ViÖt Nam', true],
      ['B¸o c¸o t×nh h×nh thùc hiÖn nhiÖm vô', true],
      ['Déjà vu à la crème brûlée', false],
      ['Größe für München', false],
      ['Señor Ibáñez, ¿qué tal?', false],
      ['© 2026 Company, price £5', false],
      ['Cộng hòa xã hội', false],
      ['plain ASCII', false],
    ]
    for (const [given, want] of guesses)
      it(`${want ? 'is' : 'is not'}: ${given}`, () => expect(looksTcvn3(given)).to.equal(want))
  })
})

describe('folding by the table', () => {
  /** What `fold` says in its own words, pass by pass. */
  const inPasses = (text: string) =>
    text
      .normalize('NFKD')
      .toLowerCase()
      .replaceAll(/[đðɖ]/g, 'd')
      .replaceAll('ς', 'σ')
      .replaceAll(/[\u0300-\u036f]/g, '')
      .replaceAll(/[\u02b9\u02bc]/g, "'")
      .replaceAll(/\s+/g, ' ')
      .trim()

  it('is the same as in passes, for every letter of the BMP and the marks of Latin beside others', () => {
    const letters = Array.from({ length: 0xd800 }, (_, c) => String.fromCharCode(c)).filter((c) =>
      /\p{L}|[\u0300-\u036f]/u.test(c),
    )
    for (const c of letters) {
      expect(fold(`ờ${c}đ ${c}`), c.charCodeAt(0).toString(16)).to.equal(inPasses(`ờ${c}đ ${c}`))
    }
  })

  it('keeps what needs two code units, and what only looks like its own marks', () => {
    expect(fold('Ảnh 😀 Đẹp')).to.equal('anh 😀 dep')
    expect(fold('Ð\ufffd\ufffe')).to.equal('d\ufffd\ufffe')
  })
})
