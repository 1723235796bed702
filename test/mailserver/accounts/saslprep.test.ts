/** SASLprep: its tables against those of Python's stringprep, the examples of the RFC, and what Vietnamese keyboards give. */
import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import { checkNewPassword, hashPassword, verifyPassword } from '#mailserver/accounts/password.ts'
import { saslPrepared } from '#mailserver/accounts/saslprep.ts'
import { fromLeft, fromRight, isIn, prohibited, unassigned } from '#mailserver/accounts/stringprep.ts'
import { installed } from '#test/programs.ts'

const lastPoint = 0x10ffff

describe('SASLprep (RFC 4013)', () => {
  it("knows every code point as Python's stringprep does", function () {
    if (!installed('python3')) return this.skip()
    const script = `
import stringprep as s, sys
kinds = [s.in_table_a1, s.in_table_d1, s.in_table_d2, lambda c: any(t(c) for t in (s.in_table_c12, s.in_table_c21_c22, s.in_table_c3, s.in_table_c4, s.in_table_c5, s.in_table_c6, s.in_table_c7, s.in_table_c8, s.in_table_c9))]
sys.stdout.write(''.join(chr(48 + sum(1 << i for i, t in enumerate(kinds) if t(chr(c)))) for c in range(0x110000)))
`
    const theirs = execFileSync('python3', ['-c', script], { maxBuffer: 2 * lastPoint }).toString()
    const tables = [unassigned, fromRight, fromLeft, prohibited]
    const wrong: string[] = []
    for (let point = 0; point <= lastPoint; point++) {
      const ours = tables.reduce((bits, table, i) => bits + (isIn(table, point) ? 1 << i : 0), 0)
      if (ours !== theirs.charCodeAt(point) - 48) wrong.push(point.toString(16))
    }
    expect(wrong).to.deep.equal([])
  })

  const cases: [what: string, given: string, stored: string | undefined, asked?: string | undefined][] = [
    ['ASCII', 'user', 'user'],
    ['case is kept', 'USER', 'USER'],
    ['a soft hyphen is nothing', 'I\u00adX', 'IX'],
    ['a compatibility character', '\u00aa', 'a'],
    ['the Roman nine', '\u2168', 'IX'],
    ['a control character', '\u0007', undefined],
    ['digits behind a letter from the right', '\u06271', undefined],
    ['letters from the right', '\u0627\u0628', '\u0627\u0628'],
    ['digits between letters from the right', '\u06271\u0628', '\u06271\u0628'],
    ['both ways', '\u0627a\u0628', undefined],
    ['a space that is none of ASCII', 'a\u00a0b\u3000c\u200bd', 'a b c d'],
    ['Vietnamese as macOS and iOS have it', 'Mật khẩu của Đức'.normalize('NFD'), 'Mật khẩu của Đức'.normalize('NFC')],
    ['private use', 'a\ue000', undefined],
    ['half a character', 'a\ud83d', undefined],
    ['newer than Unicode 3.2', 'a\u{1f600}', undefined, 'a\u{1f600}'],
    ['nothing', '', ''],
    ['nothing but what is mapped to nothing', '\u00ad', ''],
  ]
  for (const [what, given, stored, asked = stored] of cases)
    it(what, () => {
      expect(saslPrepared(given, { unassigned: 'refused' }), 'stored').to.equal(stored)
      expect(saslPrepared(given, { unassigned: 'allowed' }), 'asked').to.equal(asked)
    })

  it('decides what may become a password, and what may be one', async () => {
    for (const refused of ['mật khẩu\t2026', 'vui vẻ \u{1f600} 2026', 'riêng \ue000 2026'])
      expect(() => checkNewPassword(refused), refused)
        .to.throw()
        .with.property('status', 422)
    checkNewPassword('Hoa phượng đỏ 2026'.normalize('NFD'))
    const stored = await hashPassword('Hoa phượng đỏ 2026')
    expect(await verifyPassword('Hoa phượng đỏ 2026'.normalize('NFD'), stored)).to.equal(true)
    expect(await verifyPassword('Hoa phượng đỏ\u0007', await hashPassword('Hoa phượng đỏ\u0007'))).to.equal(false)
  })
})
