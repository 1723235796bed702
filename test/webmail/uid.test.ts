import { expect } from 'chai'
import { readUid } from '#webmail/uid.ts'

describe('webmail: a UID in an address', () => {
  const cases: [given: unknown, want: number | undefined][] = [
    ['1', 1],
    ['4294967295', 4294967295],
    ['4294967296', undefined],
    ['0', undefined],
    ['-1', undefined],
    ['01', undefined],
    ['1e3', undefined],
    ['1e999', undefined],
    ['0x1', undefined],
    [' 1', undefined],
    ['1:*', undefined],
    ['NaN', undefined],
    ['', undefined],
    [['1', '2'], undefined],
    [undefined, undefined],
  ]
  for (const [given, want] of cases) it(`${JSON.stringify(given)}`, () => expect(readUid(given)).to.equal(want))
})
