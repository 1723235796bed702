/** Threads of RFC 5256 from rows alone: shapes, and rows that were made to hurt. */
import { expect } from 'chai'
import type { ThreadNode } from '#mailserver/imap/threading/node.ts'
import { threadBySubject } from '#mailserver/imap/threading/orderedsubject.ts'
import { threadByReferences } from '#mailserver/imap/threading/references.ts'
import { type ThreadRow, threadKeyLength } from '#mailserver/store/port.ts'

const key = (id: number) => String(id).padStart(threadKeyLength, '0')
const row = (uid: number, references: number[] = [], more: Partial<ThreadRow> = {}): ThreadRow => ({
  uid,
  subject: `S${uid}`,
  reply: references.length > 0,
  sent: uid,
  messageKey: key(uid),
  referenceKeys: references.map(key).join(''),
  ...more,
})
let turns = 0
const turn = async () => {
  turns++
}
/** "1(2(3))(4)" without recursion in deep cases: only for small ones */
const shape = (nodes: readonly ThreadNode[]): string =>
  nodes.map(({ row: r, children }) => `(${r?.uid ?? ''}${shape(children)})`).join('')

/** Every message once, whatever the threads look like. */
function uidsOf(nodes: readonly ThreadNode[]): { uids: number[]; depth: number } {
  const uids: number[] = []
  let depth = 0
  const open = nodes.map((node) => ({ node, level: 1 }))
  for (let next = open.pop(); next; next = open.pop()) {
    if (next.node.row) uids.push(next.node.row.uid)
    depth = Math.max(depth, next.level)
    for (const node of next.node.children) open.push({ node, level: next.level + 1 })
  }
  return { uids: uids.sort((a, b) => a - b), depth }
}

describe('IMAP: THREAD=REFERENCES', () => {
  const cases: [what: string, rows: ThreadRow[], want: string][] = [
    ['nothing', [], ''],
    ['single ones, by date', [row(1, [], { sent: 9 }), row(2), row(3)], '(2)(3)(1)'],
    ['a chain', [row(1), row(2, [1]), row(3, [1, 2])], '(1(2(3)))'],
    ['siblings by date', [row(1), row(2, [1], { sent: 9 }), row(3, [1])], '(1(3)(2))'],
    ['answers before what they answer', [row(3, [2]), row(2, [1]), row(1)], '(1(2(3)))'],
    ['a missing parent of one', [row(2, [1])], '(2)'],
    ['a missing parent of two', [row(2, [1]), row(3, [1])], '((2)(3))'],
    ['missing ones in between', [row(1), row(5, [1, 2, 3, 4])], '(1(5))'],
    ['itself', [row(1, [1])], '(1)'],
    ['a circle of two', [row(1, [2]), row(2, [1])], '(2(1))'],
    ['no Message-ID', [row(1, [], { messageKey: '' }), row(2, [], { messageKey: '' })], '(1)(2)'],
    ['one Message-ID twice', [row(1), row(2, [], { messageKey: key(1) }), row(3, [1])], '(1(3))(2)'],
    ['one subject, both first', [row(1, [], { subject: 'X' }), row(2, [], { subject: 'X' })], '((1)(2))'],
    ['one subject, answered', [row(1, [], { subject: 'X' }), row(2, [], { subject: 'X', reply: true })], '(1(2))'],
    ['no subject joins nothing', [row(1, [], { subject: '' }), row(2, [], { subject: '' })], '(1)(2)'],
  ]
  for (const [what, rows, want] of cases)
    it(what, async () => expect(shape(await threadByReferences(rows, turn))).to.equal(want))

  const n = 100_000
  const numbers = Array.from({ length: n }, (_, i) => i + 1)
  const hostile: [what: string, rows: () => ThreadRow[], deep: boolean][] = [
    ['a chain of a hundred thousand', () => numbers.map((i) => row(i, i > 1 ? [i - 1] : [])), true],
    ['the same, newest first', () => numbers.map((i) => row(i, i < n ? [i + 1] : [])), true],
    ['one circle of all', () => numbers.map((i) => row(i, [(i % n) + 1])), true],
    ['all answer one', () => numbers.map((i) => row(i, [n + 1])), false],
    ['all of one subject', () => numbers.map((i) => row(i, [], { subject: 'X', reply: i % 2 === 0 })), false],
    ['all answer anything', () => numbers.map((i) => row(i, [((i * 7919) % n) + 1, ((i * 104_729) % n) + 1])), false],
    [
      'each names its parents the other way round',
      () => numbers.map((i) => row(i, [((i + 1) % n) + 1, (i % n) + 1, ((i * 31) % n) + 1])),
      false,
    ],
    [
      '500 ids in each of 4,000, all different',
      () =>
        numbers.slice(0, 4000).map((i) =>
          row(
            i,
            Array.from({ length: 500 }, (_, k) => 1_000_000 + i * 500 + k),
          ),
        ),
      false,
    ],
    [
      '500 ids in each of 4,000, in any order',
      () =>
        numbers.slice(0, 4000).map((i) =>
          row(
            i,
            Array.from({ length: 500 }, (_, k) => (i * 7919 + k * 104_729) % 4001),
          ),
        ),
      false,
    ],
  ]
  for (const [what, make, deep] of hostile)
    it(`keeps every message and its time: ${what}`, async () => {
      const rows = make()
      const from = performance.now()
      turns = 0
      const { uids, depth } = uidsOf(await threadByReferences(rows, turn))
      expect(performance.now() - from).to.be.below(15_000) // quadratic: hours
      expect(turns, 'others got their turn').to.be.above(rows.length / 1000)
      expect(uids).to.deep.equal(rows.map((each) => each.uid))
      if (deep) expect(depth).to.be.above(n - 2)
    })
})

describe('IMAP: THREAD=ORDEREDSUBJECT', () => {
  it('one thread for a subject, the earliest on top, threads by their first', async () => {
    const rows = [
      row(1, [], { subject: 'B', sent: 5 }),
      row(2, [], { subject: 'A', sent: 7 }),
      row(3, [], { subject: 'B', sent: 9 }),
      row(4, [], { subject: 'B', sent: 1 }),
    ]
    expect(shape(await threadBySubject(rows, turn))).to.equal('(4(1)(3))(2)')
  })
})
