import { expect } from 'chai'
import { fold } from '#kit/vi/fold.ts'
import type { Mailbox } from '#mailserver/store/port.ts'
import { type Bench, noPrefix } from '../contract.ts'
import { text, withFile } from '../messages.ts'

const at = Date.UTC(2026, 10, 23)

/** The same numbers in every run (mulberry32), so that what fails once fails again. */
export function numbers(seed: number): (below: number) => number {
  let a = seed
  return (below) => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

export function randomContract(b: Bench): void {
  describe('at random', () => {
    it('is whole after hundreds of jobs of all kinds at once', async () => {
      const random = numbers(20261123)
      const pick = <T>(of: readonly T[]): T => of[random(of.length)]!
      const uidsOf = (m: Mailbox) => [...b.store.read.uids(m.id)].filter(() => random(3) === 0)
      const folders = () => [1, 2].flatMap((a) => b.store.read.mailboxes(a))
      let n = 0
      const job = (): Promise<unknown> => {
        const from = pick(folders())
        const to = pick(folders())
        n++
        switch (random(12)) {
          case 0:
          case 1:
          case 2:
            return b.store.write('deliver', {
              raw: random(4)
                ? text(`Thư ${random(40)}`, 'x'.repeat(random(2000)))
                : withFile(`Tệp ${n}`, 60_000 + random(3) * 20_000),
              recipients: [1, 2]
                .slice(random(2))
                .map((account) => ({ account, mailbox: 'INBOX', prefix: Buffer.from(`X-To: ${account}\r\n`) })),
              handover: `h${random(200)}`,
              at: at + n,
            })
          case 3:
            return b.store.write('append', {
              mailbox: to.id,
              raw: text(`Nháp ${random(20)}`, 'y'),
              flags: ['\\Draft'],
              internalDate: at,
            })
          case 4:
          case 5:
            return b.store.write('storeFlags', {
              mailbox: from.id,
              uids: uidsOf(from),
              change: {
                op: pick(['add', 'remove', 'set'] as const),
                flags: [pick(['\\Seen', '\\Deleted', '$K', '\\Flagged'])],
              },
            })
          case 6:
          case 7:
            return b.store.write('copy', { from: from.id, uids: uidsOf(from), to: to.id, move: random(2) === 0 })
          case 8:
            return b.store.write('expunge', {
              mailbox: from.id,
              ...(random(2) ? { uids: uidsOf(from), force: true } : {}),
              ...(random(3) ? { keep: { by: 'a@b.vn', at: at + n } } : {}),
            })
          case 9: {
            const account = pick([1, 2])
            const deleted = b.store.read.deletedMailbox(account)
            const uids = deleted ? uidsOf(deleted) : []
            return b.store.write('restoreDeleted', { account, uids, at, ...(random(2) ? { to: to.id } : {}) })
          }
          case 10:
            return b.store.write('purgeDeleted', { before: at + random(n), most: 1 + random(20) })
          default:
            return random(2)
              ? b.store.write('createMailbox', { account: pick([1, 2]), path: `Thư mục ${random(4)}` })
              : b.store.write('deleteMailbox', {
                  account: pick([1, 2]),
                  path: `Thư mục ${random(4)}`,
                  ...(random(2) ? { keep: { by: 'a@b.vn', at: at + n } } : {}),
                })
        }
      }
      const highest = new Map<number, [uidNext: number, modseq: number]>()
      for (let round = 0; round < 20; round++) {
        await Promise.all(Array.from({ length: 25 }, job))
        for (const f of folders()) {
          const [uidNext, modseq] = highest.get(f.id) ?? [0, 0]
          expect(f.uidNext).to.be.at.least(uidNext)
          expect(f.highestModseq).to.be.at.least(modseq)
          highest.set(f.id, [f.uidNext, f.highestModseq])
          const there = new Set(b.store.read.uids(f.id))
          expect(b.store.read.vanished(f.id, 0).filter((uid) => there.has(uid))).to.deep.equal([])
          expect(there.size + b.store.read.vanished(f.id, 0).length).to.equal(f.uidNext - 1)
        }
      }
      expect(await b.store.audit()).to.deep.equal([])
      await b.reopen()
    }).timeout(60_000)

    it('finds by index exactly what a look at every text finds', async () => {
      const random = numbers(7)
      const words =
        'giấy phép bản tin xuất-bản 15/QĐ-UBND hòa Đặng budget_2026 a.b@c.vn "trích" (số) 100% đồng_ý ký.số ơn ưu'.split(
          ' ',
        )
      const bodies = Array.from(
        { length: 60 },
        (_, i) =>
          Array.from({ length: 3 + random(12) }, () => words[random(words.length)]).join(random(5) ? ' ' : '') +
          (i % 7 ? '' : ' Ωμέγα'),
      )
      for (const [i, body] of bodies.entries())
        await b.store.write('deliver', {
          raw: text(`${i}`, body),
          recipients: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix }],
          at,
        })
      const folded = bodies.map(fold)
      const inbox = b.inbox(1).id
      for (let i = 0; i < 400; i++) {
        const from = folded[random(folded.length)]!
        const start = random(from.length)
        const needle = random(10) ? from.slice(start, start + 1 + random(14)) : `${words[random(words.length)]}x`
        const expected = folded.flatMap((t, n) => (t.includes(fold(needle)) ? [n + 1] : []))
        expect(b.store.read.search(inbox, { key: 'body', value: fold(needle) }), JSON.stringify(needle)).to.deep.equal(
          expected,
        )
      }
    }).timeout(60_000)
  })

  describe('odd messages', () => {
    const odd: [what: string, raw: Buffer][] = [
      ['nothing at all', Buffer.alloc(0)],
      ['one octet', Buffer.from('\n')],
      ['no header', Buffer.from('\r\nchỉ có thân')],
      ['NULs and broken UTF-8', Buffer.from([0, 1, 2, 13, 10, 13, 10, 0xff, 0xfe, 0, 0xc3, 0x28, 0xed, 0xa0, 0x80])],
      ['bare LFs', Buffer.from('Subject: a\nTo: b\n\nthân\n')],
      ['a header of 2 MB', Buffer.from(`Subject: ${'ă'.repeat(1_000_000)}\r\n\r\nx`)],
      [
        '2,000 parts',
        Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nphần\r\n'.repeat(2000)}--b--\r\n`),
      ],
      [
        '200 levels',
        Buffer.from(
          Array.from({ length: 200 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`)
            .concat('x')
            .join(''),
        ),
      ],
      ['3 MB on one line', Buffer.from(`Subject: dài\r\n\r\n${'x'.repeat(3_000_000)}`)],
      [
        'random octets',
        Buffer.from(
          Array.from(
            { length: 200_000 },
            (
              (r) => () =>
                r(256)
            )(numbers(3)),
          ),
        ),
      ],
    ]
    for (const [what, raw] of odd)
      it(`keeps ${what} octet for octet`, async () => {
        await b.store.write('deliver', {
          raw,
          recipients: [{ account: 1, mailbox: 'INBOX', prefix: Buffer.from('A: b\r\n') }],
          at,
        })
        const [row] = b.rows(b.inbox(1))
        expect(b.octets(row!.message).equals(Buffer.concat([Buffer.from('A: b\r\n'), raw]))).to.equal(true)
        expect(b.store.read.structure(row!.message).bodyEnd).to.be.at.most(row!.size)
        expect(b.store.read.search(b.inbox(1).id, { key: 'text', value: 'không có ở đâu' })).to.deep.equal([])
      })
  })
}
