import { expect } from 'chai'
import { FairQueue } from '#mailserver/store/sqlite/fairqueue.ts'

describe('store: fair queue', () => {
  const one = () => 1
  const never = () => false
  const names = (taken: { item: string }[]) => taken.map((t) => t.item).join(' ')

  it('lets accounts take turns and keeps the order of each', () => {
    const q = new FairQueue<string>()
    for (const item of ['a1', 'a2', 'a3', 'a4']) q.add('a', item)
    q.add('b', 'b1')
    q.add('c', 'c1')
    expect(names(q.take(4, one, never))).to.equal('a1 b1 c1 a2')
    expect(names(q.take(4, one, never))).to.equal('a3 a4')
    expect(q.size).to.equal(0)
    expect(q.take(4, one, never)).to.deep.equal([])
  })

  it('serves first who was not served, and always at least one', () => {
    const q = new FairQueue<string>()
    for (const item of ['a1', 'a2']) q.add('a', item)
    for (const item of ['b1', 'b2']) q.add('b', item)
    expect(names(q.take(1, () => 1000, never))).to.equal('a1')
    expect(names(q.take(1, () => 1000, never))).to.equal('b1')
    expect(names(q.take(1, () => 1000, never))).to.equal('a2')
  })

  it('lets nothing overtake a job that is not finished', () => {
    const q = new FairQueue<string>()
    const long = (item: string) => item.startsWith('long')
    for (const item of ['long', 'a2']) q.add('a', item)
    q.add('b', 'b1')
    const [first, second] = q.take(10, one, long)
    expect([first!.item, second!.item]).to.deep.equal(['long', 'b1'])
    q.putBack('a', 'long again')
    expect(names(q.take(10, one, long))).to.equal('long again')
    expect(names(q.take(10, one, long))).to.equal('a2')
  })
})
