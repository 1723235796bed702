import { expect } from 'chai'
import { Connections } from '#mailserver/edge/policy/connections.ts'
import { Room } from '#mailserver/edge/policy/room.ts'
import { verdictOf } from '#mailserver/edge/policy/verdict.ts'

describe('room for hand-overs', () => {
  it('lets in what fits, in the order of coming, and gives back', async () => {
    const room = new Room({ octets: 400 })
    const one = await room.enter(50) // 200
    const two = await room.enter(50)
    const order: number[] = []
    const three = room.enter(90).then((held) => {
      order.push(3)
      return held
    })
    const four = room.enter(1).then((held) => {
      order.push(4)
      return held
    }) // would fit, but came later
    one[Symbol.dispose]()
    two[Symbol.dispose]()
    const held = [await three, await four]
    expect(order).to.deep.equal([3, 4])
    for (const h of held) h[Symbol.dispose]()
    ;(await room.enter(100))[Symbol.dispose]()
  })
  it('takes the largest message alone, and sends away who waits too long', async () => {
    const room = new Room({ octets: 400, patienceMs: 20 })
    using _all = await room.enter(10_000)
    const late = await room.enter(1).then(
      () => undefined,
      (err: Error) => err.message,
    )
    expect(late).to.match(/no room/)
  })
})

describe('connections', () => {
  it('are counted by address and in all', () => {
    const c = new Connections({ perAddress: 2, inAll: 3 })
    expect([c.enter('a'), c.enter('a'), c.enter('a')]).to.deep.equal([true, true, false])
    c.leave('a')
    expect(c.enter('b')).to.equal(true)
    expect(c.enter('c')).to.equal(false)
    for (const ip of ['a', 'a', 'b', 'c', 'c', 'unknown']) c.leave(ip)
    expect(c.enter('a')).to.equal(true)
  })
})

describe('verdicts', () => {
  const cases: [what: string, scan: Parameters<typeof verdictOf>[0], want: { spam: boolean; header: string }][] = [
    ['not scanned', undefined, { spam: false, header: 'not scanned' }],
    ['skipped', { score: 1 }, { spam: false, header: 'not scanned' }],
    [
      'ham',
      { action: 'no action', score: -0.8, required_score: 15, symbols: {} },
      { spam: false, header: 'No, score=-0.80 required=15.00' },
    ],
    [
      'greylisted elsewhere',
      { action: 'greylist', score: 5, required_score: 15 },
      { spam: false, header: 'No, score=5.00 required=15.00' },
    ],
    [
      'spam',
      { action: 'add header', score: 7, required_score: 15, symbols: { A_B: 1, 'x\r\nBcc: y': 2 } },
      { spam: true, header: 'Yes, score=7.00 required=15.00\r\n\ttests=A_B' },
    ],
    ['nonsense', { action: 'add header', score: 'x' }, { spam: true, header: 'Yes, score=? required=?' }],
  ]
  for (const [what, scan, want] of cases) it(what, () => expect(verdictOf(scan)).to.deep.equal(want))
})
