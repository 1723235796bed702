import { expect } from 'chai'
import type { SearchKey } from '#mailserver/store/port.ts'
import { until } from '#test/until.ts'
import { type Bench, noPrefix } from '../contract.ts'
import { text } from '../messages.ts'

const at = Date.UTC(2026, 10, 23)
const mails: [subject: string, body: string][] = [
  ['Cấp giấy phép xuất bản bản tin', 'Kính gửi Sở, đề nghị cấp giấy phép.'],
  ['Báo cáo quý III', 'Đính kèm báo cáo của phòng Đặng.'],
  ['Hoà giải cơ sở', 'Thủy lợi và hòa bình.'],
  ['Meeting notes', 'Discuss budget_2026 (v1.2) & "hợp đồng"; straße'],
  ['Re: bàn giao', 'bán hàng, bạn bè, ban hành'],
]

export function searchContract(b: Bench): void {
  const fill = async () => {
    for (const [i, [subject, body]] of mails.entries())
      await b.store.write('deliver', {
        raw: text(subject, body, 'X-Mã: 12\r\n'),
        recipients: [{ account: 1, mailbox: 'INBOX', prefix: Buffer.from(`Return-Path: <nguoi${i}@example.com>\r\n`) }],
        at: at + i * 1000,
      })
    // the same words in another account must not be found in this one
    await b.store.write('deliver', {
      raw: text('Của người khác', 'giấy phép'),
      recipients: [{ account: 2, mailbox: 'INBOX', prefix: noPrefix }],
      at,
    })
  }
  const find = (key: SearchKey) => b.store.read.search(b.inbox(1).id, key)
  const body = (value: string) => find({ key: 'body', value })
  const anywhere = (value: string) => find({ key: 'text', value })

  for (const indexed of [false, true])
    describe(`search${indexed ? ', when all is indexed' : ''}`, () => {
      beforeEach(async () => {
        await fill()
        if (indexed) await until('the index', () => b.store.read.indexBacklog() === 0)
      })

      it('finds parts of words, without marks and with', () => {
        expect(anywhere('giay phep')).to.deep.equal([1])
        expect(anywhere('iay phe')).to.deep.equal([1])
        expect(anywhere('ấy phé')).to.deep.equal([1])
        expect(anywhere('GIẤY PHÉP'.normalize('NFD'))).to.deep.equal([1])
        expect(anywhere('giấy phếp')).to.deep.equal([])
        expect(body('dang')).to.deep.equal([2])
        expect(body('đặng')).to.deep.equal([2])
        expect(body('ặn')).to.deep.equal([2])
        expect(body('ban hang')).to.deep.equal([5])
        expect(body('bàn hàng')).to.deep.equal([])
      })

      it('takes both tone placements for the same', () => {
        expect(find({ key: 'header', name: 'Subject', value: 'hòa giải' })).to.deep.equal([3])
        expect(body('thuỷ')).to.deep.equal([3])
        expect(body('hoà bình')).to.deep.equal([3])
      })

      it('finds signs, letters of other languages, and nothing that is not there', () => {
        expect(body('budget_2026 (v1.')).to.deep.equal([4])
        expect(body('udget_20')).to.deep.equal([4])
        expect(body('"hop dong"; stra')).to.deep.equal([4])
        expect(body('straße')).to.deep.equal([4])
        expect(body('raß')).to.deep.equal([4])
        expect(body('budget 2026')).to.deep.equal([])
        expect(body('%')).to.deep.equal([])
        expect(body('a" OR "b')).to.deep.equal([])
        expect(body('')).to.deep.equal([1, 2, 3, 4, 5])
      })

      it('reads header fields, those of the prefix too', () => {
        expect(find({ key: 'header', name: 'return-path', value: 'NGUOI3@' })).to.deep.equal([4])
        expect(anywhere('guoi2@exam')).to.deep.equal([3])
        expect(find({ key: 'header', name: 'subject', value: 'nguoi' })).to.deep.equal([])
        expect(find({ key: 'header', name: 'In-Reply-To', value: '' })).to.deep.equal([])
        expect(find({ key: 'header', name: 'From', value: '' })).to.have.length(5)
        expect(find({ key: 'header', name: 'subject', value: 'bao cao' })).to.deep.equal([2])
      })

      it('joins everything with and, or, not', async () => {
        await b.store.write('storeFlags', {
          mailbox: b.inbox(1).id,
          uids: [1, 2],
          change: { op: 'add', flags: ['\\Seen', '$Xong'] },
        })
        const seen: SearchKey = { key: 'flag', flag: '\\seen' }
        const has = (value: string): SearchKey => ({ key: 'text', value })
        expect(find({ key: 'not', of: seen })).to.deep.equal([3, 4, 5])
        expect(find({ key: 'flag', flag: '$xong' })).to.deep.equal([1, 2])
        expect(find({ key: 'and', of: [seen, has('bao cao')] })).to.deep.equal([2])
        expect(find({ key: 'or', of: [has('giay phep'), has('budget')] })).to.deep.equal([1, 4])
        expect(find({ key: 'or', of: [seen, has('budget')] })).to.deep.equal([1, 2, 4])
        expect(find({ key: 'not', of: { key: 'or', of: [seen, has('budget')] } })).to.deep.equal([3, 5])
        expect(find({ key: 'and', of: [] })).to.have.length(5)
      })

      it('knows sizes, dates, UIDs and MODSEQs', () => {
        const rows = b.rows(b.inbox(1))
        const median = rows.map((r) => r.size).toSorted((x, y) => x - y)[2]!
        const uids = (test: (r: (typeof rows)[number]) => boolean) => rows.filter(test).map((r) => r.uid)
        expect(find({ key: 'larger', octets: median })).to.deep.equal(uids((r) => r.size > median))
        expect(find({ key: 'smaller', octets: median })).to.deep.equal(uids((r) => r.size < median))
        expect(find({ key: 'internal', from: at + 1000, to: at + 3000 })).to.deep.equal([2, 3])
        const sent = Date.UTC(2026, 10, 23, 1)
        expect(find({ key: 'sent', from: sent, to: sent + 1 })).to.have.length(5)
        expect(find({ key: 'sent', to: sent })).to.deep.equal([])
        expect(find({ key: 'modseq', since: rows[3]!.modseq })).to.deep.equal([4, 5])
        expect(
          find({
            key: 'uid',
            ranges: [
              [4, 9],
              [2, 1],
              [5, 5],
            ],
          }),
        ).to.deep.equal([1, 2, 4, 5])
        const many = Array.from({ length: 5000 }, (_, i): [number, number] => [i * 2 + 1, i * 2 + 1])
        expect(find({ key: 'uid', ranges: many })).to.deep.equal([1, 3, 5])
        expect(find({ key: 'not', of: { key: 'uid', ranges: many } })).to.deep.equal([2, 4])
      })

      it('goes on after a UID, at most so many', () => {
        expect(b.store.read.search(b.inbox(1).id, { key: 'all' }, { after: 1, limit: 2 })).to.deep.equal([2, 3])
        expect(b.store.read.search(b.inbox(1).id, { key: 'text', value: 'haiduong' }, { after: 3 })).to.deep.equal([
          4, 5,
        ])
        expect([...b.store.read.searchSlices(b.inbox(1).id, { key: 'all' })].flat()).to.deep.equal([1, 2, 3, 4, 5])
      })

      it('forgets what is gone and follows copies', async () => {
        const archive = b.mailbox(1, 'Archive').id
        await b.store.write('copy', { from: b.inbox(1).id, uids: [1], to: archive, move: false })
        await b.store.write('expunge', { mailbox: b.inbox(1).id, uids: [1], force: true })
        expect(anywhere('giay phep')).to.deep.equal([])
        expect(b.store.read.search(archive, { key: 'text', value: 'giay phep' })).to.deep.equal([1])
      })

      it('refuses a key that is nested without end', () => {
        let key: SearchKey = { key: 'all' }
        for (let i = 0; i < 5000; i++) key = { key: 'not', of: key }
        expect(() => find(key)).to.throw(RangeError)
      })

      it('takes hundreds of keys and refuses thousands', () => {
        const many = (n: number): SearchKey => ({
          key: 'or',
          of: Array.from({ length: n }, () => ({ key: 'flag', flag: '$x' })),
        })
        expect(find(many(450))).to.deep.equal([])
        expect(() => find(many(5000))).to.throw(RangeError)
        const texts = (n: number): SearchKey => ({
          key: 'and',
          of: Array.from({ length: n }, (_, i) => ({ key: 'not', of: { key: 'text', value: `?${i}!` } })),
        })
        expect(find(texts(100))).to.deep.equal([1, 2, 3, 4, 5])
        expect(() => find(texts(101))).to.throw(RangeError)
        const sets = Array.from({ length: 40 }, (_, i) => ({
          key: 'not' as const,
          of: {
            key: 'uid' as const,
            ranges: [[i + 4, i + 4] as [number, number], [1_000 + 2 * i, 1_000 + 2 * i] as [number, number]],
          },
        }))
        expect(find({ key: 'and', of: [...sets, { key: 'flag', flag: '$x' }] })).to.deep.equal([])
        expect(find({ key: 'and', of: [...sets, { key: 'or', of: [...sets, { key: 'all' }] }] })).to.deep.equal([
          1, 2, 3,
        ])
      })

      it('finds long phrases: marks count at their beginning, words that come again are words', async () => {
        const phrase = `Căn cứ ${Array.from({ length: 60 }, (_, i) => `điểm ${i} khoản ${i}`).join(', ')} của Nghị định`
        await b.store.write('deliver', {
          raw: text('Dài', `Kính gửi Sở. ${phrase} ban hành; ban hành và ban hành ban bố.`),
          recipients: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix }],
          at: at + 10_000,
        })
        expect(body(phrase)).to.deep.equal([6])
        expect(body(phrase.slice(3, -5))).to.deep.equal([6])
        expect(body(phrase.replace('điểm 3 ', 'điêm 3 '))).to.deep.equal([])
        expect(body(phrase.replace('Nghị định', 'Nghị đinh').replace('khoản 59', 'khoan 59'))).to.deep.equal([6])
        expect(body(phrase.replace('khoản 59', 'khoản 58'))).to.deep.equal([])
        expect(body('ban hành và ban hành ban bố')).to.deep.equal([6])
        expect(body('ban hanh va ban hanh ban bo.')).to.deep.equal([6])
        expect(body('ban hành và ban bố')).to.deep.equal([])
      })
    })
}
