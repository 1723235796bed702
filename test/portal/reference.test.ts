import { expect } from 'chai'
import { alphabet, hashSecret, newReference, newSecret, readCode, readReference } from '#portal/reference.ts'

describe('portal/reference', () => {
  it('reads what it made, however it is typed', () => {
    for (let n = 0; n < 200; n++) {
      const made = newReference()
      expect(made).to.match(/^[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]$/)
      expect(made).to.not.match(/[01IOU]/)
      for (const typed of [
        made,
        made.toLowerCase(),
        made.replaceAll('-', ''),
        ` ${made.replaceAll('-', ' ')} `,
        made.replaceAll('-', '–'),
      ])
        expect(readReference(typed), typed).to.equal(made)
    }
  })
  it('finds every wrong sign and every exchange of neighbours', () => {
    const made = newReference().replaceAll('-', '')
    for (let at = 0; at < made.length; at++) {
      for (const sign of alphabet)
        if (sign !== made[at]) expect(readReference(made.slice(0, at) + sign + made.slice(at + 1))).to.equal(undefined)
      if (at > 0 && at < made.length - 1 && made[at] !== made[at - 1])
        expect(readReference(made.slice(0, at - 1) + made[at] + made[at - 1] + made.slice(at + 1))).to.equal(undefined)
    }
  })
  for (const typed of [
    '',
    'K7M2',
    'O0O0-1I1I-U',
    'K7M2-Q9PX-4\r\nX',
    '\u0000',
    'Ｋ７Ｍ２-Ｑ９ＰＸ-４',
    'A'.repeat(1e5),
    "'; drop table--",
  ])
    it(`refuses ${JSON.stringify(typed.slice(0, 20))}`, () => expect(readReference(typed)).to.equal(undefined))
  it('hashes a secret the same however it is typed', () => {
    const secret = newSecret()
    expect(secret).to.match(/^[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}$/)
    expect(hashSecret(secret)).to.match(/^[0-9a-f]{64}$/)
    expect(hashSecret(secret.toLowerCase().replaceAll('-', ' '))).to.equal(hashSecret(secret))
    expect(hashSecret('AAAA')).to.equal(undefined)
  })
  it('reads a mã hồ sơ', () => {
    expect(readCode(' 000.00.15.h23-261122-0007 ')).to.equal('000.00.15.H23-261122-0007')
    for (const typed of ['000.00.15.H23', '000.00.15.H23-261122-7', '../../etc', 'A-261122-0007;'])
      expect(readCode(typed), typed).to.equal(undefined)
  })
})
