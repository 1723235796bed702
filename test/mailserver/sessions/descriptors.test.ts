import { expect } from 'chai'
import { descriptorLimit, placesFor, reserve } from '#mailserver/sessions/descriptors.ts'
import { maxConnections } from '#mailserver/sessions/limits.ts'

const line = (soft: string) =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             96365                96365                processes \nMax open files            ${soft.padEnd(20)} 524288               files     \n`

describe('connections that the file descriptors allow', () => {
  const cases: [what: string, limits: string, places: number][] = [
    ['many', line('1048576'), maxConnections],
    ['without end', line('unlimited'), maxConnections],
    ['just enough', line(String(maxConnections + reserve)), maxConnections],
    ['one too few', line(String(maxConnections + reserve - 1)), maxConnections - 1],
    ['what shells give', line('4096'), 4096 - reserve],
    ['fewer than are set aside', line('1024'), 512],
    ['none to speak of', line('1'), 1],
    ['a system that does not say', 'Max processes 1 1 processes\n', maxConnections],
  ]
  for (const [what, limits, places] of cases)
    it(what, () => expect(placesFor(descriptorLimit(limits))).to.equal(places))

  it('reads those of this process', () => {
    expect(descriptorLimit()).to.be.greaterThan(0)
  })
})
