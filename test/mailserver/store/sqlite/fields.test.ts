import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { fold } from '#kit/vi/fold.ts'
import { openStoreHost } from '#mailserver/store/open.ts'
import type { SearchKey, StoreHost } from '#mailserver/store/port.ts'

const at = Date.UTC(2026, 0, 1)
/** More than are read between two pauses. */
const LETTERS = 1300
const words = [
  'Công văn',
  'công vân',
  'CÔNG VĂN',
  'Giấy phép',
  'giây phép',
  'Hoà giải',
  'hòa bình',
  'Thông báo',
  'straße',
  '書',
]

describe('store: search of common fields', () => {
  let dir: string
  let store: StoreHost
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'congso-fields-'))
    store = await openStoreHost({ dir })
    await store.write('openAccount', { account: 1, kind: 'person' })
    await add(0, LETTERS)
  })
  after(async () => {
    expect(await store.audit()).to.deep.equal([])
    await store[Symbol.asyncDispose]()
    rmSync(dir, { recursive: true, force: true })
  })

  const box = () => store.read.mailbox(1, 'INBOX')!.id
  const subjectOf = (i: number) =>
    `${i % 3 ? '' : 'Re:  '}${words[i % words.length]} số ${i}/${words[(i * 7 + 1) % words.length]}`
  const toOf = (i: number) =>
    i % 400 === 7
      ? Array.from({ length: 150 }, (_, n) => `Người ${i} thứ ${n} <n${n}@x.vn>`).join(',\r\n ')
      : `Phòng ${i % 9} <p${i % 9}@x.vn>`
  const letterOf = (i: number) =>
    Buffer.from(
      [
        `Subject: ${subjectOf(i)}`,
        `From: ${i % 2 ? 'Đặng Ánh' : '"Dang, Anh"'} <a${i % 5}@x.vn>`,
        `To: ${toOf(i)}`,
        ...(i % 4 ? [] : [`CC: cc${i % 8}@x.vn`, 'cc: again@x.vn']),
        'X-Subject: giấu',
        '',
        `thư ${i}`,
      ].join('\r\n'),
    )
  async function add(from: number, to: number): Promise<void> {
    for (let n = from; n < to; n += 100)
      await store.write('appendAll', {
        mailbox: box(),
        messages: Array.from({ length: Math.min(100, to - n) }, (_, k) => ({
          raw: letterOf(n + k),
          flags: (n + k) % 10 ? [] : ['\\Seen'],
          internalDate: at,
        })),
      })
  }
  const find = (key: SearchKey) => store.read.search(box(), key)
  const header = (name: string, value: string): SearchKey => ({ key: 'header', name, value })
  const uids = (test: (i: number) => boolean, count = LETTERS) =>
    Array.from({ length: count }, (_, i) => i).flatMap((i) => (test(i) ? [i + 1] : []))
  const folded = Array.from({ length: LETTERS }, (_, i) => fold(subjectOf(i)))

  const cases: [what: string, key: SearchKey, wanted: (i: number) => boolean][] = [
    ['a part of a word without marks', header('Subject', 'ong va'), (i) => folded[i]!.includes('ong va')],
    ['words with marks, in capitals', header('SUBJECT', 'CÔNG VĂN'), (i) => /công văn/i.test(subjectOf(i))],
    ['the same decomposed', header('subject', 'công văn'.normalize('NFD')), (i) => /công văn/i.test(subjectOf(i))],
    ['the other place of a tone', header('subject', 'hòa giải'), (i) => subjectOf(i).includes('Hoà giải')],
    ['a number there is once', header('subject', ' 1234/'), (i) => i === 1234],
    ['over a line break of spaces', header('subject', 're: cong'), (i) => folded[i]!.includes('re: cong')],
    ['letters of other scripts', header('subject', '書'), (i) => subjectOf(i).includes('書')],
    ['a letter that has no capital', header('subject', 'STRAßE'), (i) => subjectOf(i).includes('straße')],
    ['nothing', header('subject', 'không có đâu'), () => false],
    ['nothing over the edge of two values', header('subject', `0/${'cong van'}re`), () => false],
    ['any value', header('cc', ''), (i) => i % 4 === 0],
    ['the second of two fields', header('Cc', 'again@'), (i) => i % 4 === 0],
    ['a sender without marks', header('from', 'dang'), () => true],
    ['a sender with marks', header('from', 'đặng ánh'), (i) => i % 2 === 1],
    ['one of many recipients', header('to', 'n149@'), (i) => i % 400 === 7],
    ['a field with a longer name', header('x-subject', 'giấu'), () => true],
    [
      'one or the other',
      { key: 'or', of: [header('subject', '1234'), header('from', 'a3@')] },
      (i) => i % 5 === 3 || i === 1234,
    ],
    [
      'this and that',
      { key: 'and', of: [header('subject', 'công vân'), header('to', 'phòng 3'), { key: 'flag', flag: '\\Seen' }] },
      (i) => /công vân/i.test(subjectOf(i)) && i % 9 === 3 && i % 400 !== 7 && i % 10 === 0,
    ],
    ['not this', { key: 'not', of: header('subject', 'cong') }, (i) => !folded[i]!.includes('cong')],
    [
      'this and a word of the text',
      { key: 'and', of: [header('subject', 'thong bao'), { key: 'text', value: 'thư 17' }] },
      (i) => folded[i]!.includes('thong bao') && `${i}`.startsWith('17'),
    ],
  ]
  for (const [what, key, wanted] of cases)
    it(`finds ${what}`, () => {
      const list = uids(wanted)
      expect(list.length > 0).to.equal(!what.startsWith('nothing'))
      expect(find(key)).to.deep.equal(list)
    })

  it('goes on after a UID', () => {
    const key = header('subject', 'giay')
    expect(store.read.search(box(), key, { after: 700, limit: 3 })).to.deep.equal(
      find(key)
        .filter((uid) => uid > 700)
        .slice(0, 3),
    )
  })

  it('sees at once what came, went and was moved since it was last asked', async () => {
    await store.write('createMailbox', { account: 1, path: 'Khác' })
    const other = store.read.mailbox(1, 'Khác')!.id
    const key = header('subject', 'giấy phép')
    const inOther = () => store.read.search(other, key)
    const before = find(key)
    expect(inOther()).to.deep.equal([])
    const [gone, moved] = before as [number, number]
    await store.write('expunge', { mailbox: box(), uids: [gone], force: true })
    await store.write('copy', { from: box(), uids: [moved], to: other, move: true })
    const raw = Buffer.from('Subject: =?utf-8?Q?Gi=E1=BA=A5y_ph=C3=A9p?= mới\r\n\r\nx')
    const { uid } = (await store.write('append', { mailbox: box(), raw, flags: [], internalDate: at })) as {
      uid: number
    }
    expect(find(key)).to.deep.equal([...before.slice(2), uid])
    expect(inOther()).to.deep.equal([1])
  })

  it('finds the same while contents of an earlier version have no fields listed', async () => {
    const all = () => cases.map(([, key]) => find(key))
    const before = all()
    await store[Symbol.asyncDispose]()
    using db = new DatabaseSync(join(dir, 'cell.sqlite'))
    db.exec(
      "update listing set field_lines = null where content % 3 > 0; insert into meta values ('without fields', 0)",
    )
    store = await openStoreHost({ dir })
    expect(all()).to.deep.equal(before)
  })

  it('finds the same in a large mailbox, by the index first', async () => {
    await add(LETTERS, 5200)
    const wanted = uids((i) => i >= LETTERS && subjectOf(i).includes('4321'), 5200)
    for (const value of ['4321', 'công văn', '4321']) {
      const late = store.read.search(box(), header('subject', value), { after: LETTERS + 10 })
      if (value === '4321') expect(late).to.have.length(wanted.length)
      else expect(late.length).to.be.greaterThan(500)
    }
  })
})
