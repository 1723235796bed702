import { expect } from 'chai'
import { type Filed, MessageGone } from '#mailserver/store/port.ts'
import { type Bench, noPrefix } from '../contract.ts'
import { text, withFile } from '../messages.ts'

const DAY = 24 * 3600 * 1000
const at = Date.UTC(2026, 10, 23)

export function deliveryContract(b: Bench): void {
  describe('deliveries', () => {
    it('keeps octets as they came, with the prefix of each recipient', async () => {
      const raw = withFile('Tờ trình', 300_000)
      const prefixes = ['Return-Path: <a@b.vn>\r\n', 'Return-Path: <c@d.vn>\r\nX-Spam: no\r\n'].map((p) =>
        Buffer.from(p),
      )
      const { results } = await b.store.write('deliver', {
        raw,
        recipients: [
          { account: 1, mailbox: 'INBOX', prefix: prefixes[0]! },
          { account: 2, mailbox: 'Junk', prefix: prefixes[1]!, flags: ['\\Flagged', '$Junk'] },
        ],
        at,
      })
      expect(results.map((r) => r.ok && r.uid)).to.deep.equal([1, 1])
      const [one] = b.rows(b.inbox(1))
      const [two] = b.rows(b.mailbox(2, 'Junk'))
      expect(b.octets(one!.message).equals(Buffer.concat([prefixes[0]!, raw]))).to.equal(true)
      expect(b.octets(two!.message).equals(Buffer.concat([prefixes[1]!, raw]))).to.equal(true)
      expect(one!.content).to.equal(two!.content)
      expect(two!.flags).to.deep.equal(['\\Flagged', '$Junk'])
      expect(one!.size).to.equal(prefixes[0]!.length + raw.length)
      expect(one!.internalDate).to.equal(at)
      expect(b.inbox(1)).to.include({ messages: 1, unseen: 1, uidNext: 2, size: one!.size })
    })

    it('files as a script wants it, all in one, and a repeated hand-over repeats nothing of it', async () => {
      const send = (name: string, more: Partial<Filed['sends'][number]>): Filed['sends'][number] => ({
        raw: text(name, 'x'),
        from: 'a@b.vn',
        local: [],
        outside: ['x@ngoai.vn'],
        messageId: name,
        smtputf8: false,
        eightBit: false,
        ...more,
      })
      const filed: Filed = {
        copies: [
          { mailbox: 'Mới/Sâu', flags: ['viec'], create: true },
          { mailbox: 'Không có', flags: [], create: false, edited: { raw: text('sửa', 'x') } },
        ],
        sends: [
          send('đi', { once: { key: 'k', until: at + DAY } }),
          send('đến', { outside: [], local: [{ account: 2, mailbox: 'INBOX', prefix: noPrefix }] }),
        ],
        remember: [{ key: 'seen', until: at + DAY, renew: false }],
      }
      const job = (when: number, handover: string) => ({
        raw: text('thư', 'x'),
        recipients: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix, filed }],
        at: when,
        handover,
      })
      await b.store.write('deliver', job(at, 'one'))
      const again = await b.store.write('deliver', job(at + 1, 'one'))
      expect(again.results[0]).to.include({ ok: true, duplicate: true })
      expect(b.rows(b.mailbox(1, 'Mới/Sâu')).map((r) => r.flags)).to.deep.equal([['viec']])
      const [edited] = b.rows(b.inbox(1))
      expect(b.octets(edited!.message).equals(text('sửa', 'x'))).to.equal(true)
      expect(b.rows(b.inbox(2))).to.have.length(1)
      expect(b.store.read.queue({ limit: 9 }).map((q) => q.messageId)).to.deep.equal(['đi'])
      expect(b.store.read.remembers(1, 'seen', at + 5)).to.equal(true)
      expect(b.store.read.remembers(2, 'seen', at + 5)).to.equal(false)
      // another letter: what was sent once is not sent again until its time is over
      await b.store.write('deliver', job(at + 2, 'two'))
      expect(b.store.read.queue({ limit: 9 })).to.have.length(1)
      await b.store.write('deliver', job(at + 2 * DAY, 'three'))
      expect(b.store.read.queue({ limit: 9 })).to.have.length(2)
      expect(await b.store.audit()).to.deep.equal([])
    })

    it('over quota nothing of it happens; what nobody could take is kept by its owner', async () => {
      const full = { account: 2, mailbox: 'INBOX', prefix: noPrefix, quota: 1 }
      const send: Filed['sends'][number] = {
        raw: text('chuyển', 'x'),
        from: '',
        local: [full],
        outside: [],
        messageId: 'm',
        smtputf8: false,
        eightBit: false,
        orKeep: true,
      }
      const copies = [{ mailbox: 'INBOX', flags: [], create: false }]
      const one = await b.store.write('deliver', {
        raw: text('thư', 'x'),
        recipients: [
          {
            account: 1,
            mailbox: 'INBOX',
            prefix: noPrefix,
            quota: 1,
            filed: { copies, sends: [{ ...send, outside: ['x@y.vn'] }], remember: [] },
          },
        ],
        at,
      })
      expect(one.results).to.deep.equal([{ ok: false, why: 'over-quota' }])
      expect(b.store.read.queue({ limit: 9 })).to.deep.equal([])
      await b.store.write('deliver', {
        raw: text('thư', 'x'),
        recipients: [
          { account: 1, mailbox: 'INBOX', prefix: noPrefix, filed: { copies: [], sends: [send], remember: [] } },
        ],
        at,
      })
      expect(b.rows(b.inbox(1))).to.have.length(1)
      expect(b.rows(b.inbox(2))).to.have.length(0)
      expect(await b.store.audit()).to.deep.equal([])
    })

    it('writes the next piece over the last one only when told that it is needed no more', async () => {
      const raw = withFile('Bản quét lớn', 900_000)
      await b.store.write('deliver', {
        raw,
        recipients: [{ account: 1, mailbox: 'INBOX', prefix: Buffer.alloc(0) }],
        at,
      })
      const { message } = b.rows(b.inbox(1))[0]!
      expect(Buffer.concat([...b.store.read.octets(message)]).equals(raw)).to.equal(true)
      for (const free of [true, false]) {
        const copies: Buffer[] = []
        const kept: Uint8Array[] = []
        const pieces = b.store.read.octets(message)
        for (let next = pieces.next(); !next.done; next = pieces.next(free)) {
          copies.push(Buffer.from(next.value))
          kept.push(next.value)
        }
        expect(Buffer.concat(copies).equals(raw)).to.equal(true)
        expect(Buffer.concat(kept).equals(raw)).to.equal(!free)
      }
    })

    it('gives any stretch of the octets, in pieces of at most 128 KB', async () => {
      const raw = withFile('Bản quét', 200_000)
      const prefix = Buffer.from('Delivered-To: x@y.vn\r\n')
      await b.store.write('deliver', { raw, recipients: [{ account: 1, mailbox: 'INBOX', prefix }], at })
      const whole = Buffer.concat([prefix, raw])
      const { message } = b.rows(b.inbox(1))[0]!
      for (const [from, to] of [
        [0, 5],
        [10, 40],
        [20, 22],
        [300, 300],
        [500, 200_000],
        [whole.length - 3, whole.length + 9],
      ] as const) {
        const pieces = [...b.store.read.octets(message, from, to)]
        expect(Math.max(0, ...pieces.map((p) => p.length))).to.be.at.most(131_072)
        expect(Buffer.concat(pieces).equals(whole.subarray(from, to)), `${from}-${to}`).to.equal(true)
      }
    })

    it('says where the parts are, counted from the first octet of the prefix', async () => {
      const raw = withFile('Có tệp', 100_000)
      const prefix = Buffer.from('Return-Path: <>\r\n')
      await b.store.write('deliver', { raw, recipients: [{ account: 1, mailbox: 'INBOX', prefix }], at })
      const { message } = b.rows(b.inbox(1))[0]!
      const structure = b.store.read.structure(message)
      const { envelope, bodyStructure, body } = b.store.read.texts(message)
      const file = structure.children[1]!
      const part = Buffer.concat([...b.store.read.octets(message, file.bodyStart, file.bodyEnd)])
      expect(Buffer.from(part.toString(), 'base64').length).to.equal(100_000)
      expect(structure.headerStart).to.equal(0)
      expect(envelope).to.match(/^\(.*\)$/s)
      expect(bodyStructure.toLowerCase()).to.include('"pdf"')
      expect(body.length).to.be.lessThan(bodyStructure.length)
    })

    it('is the same delivery for three days, for each recipient on its own', async () => {
      const raw = text('Một lần', 'nội dung')
      const to = (account: number, quota?: number) => ({
        account,
        mailbox: 'INBOX',
        prefix: noPrefix,
        ...(quota === undefined ? {} : { quota }),
      })
      const first = await b.store.write('deliver', { raw, recipients: [to(1), to(2, 10)], handover: 'h', at })
      expect(first.results).to.deep.equal([
        { ok: true, mailbox: b.inbox(1).id, uid: 1, duplicate: false },
        { ok: false, why: 'over-quota' },
      ])
      const again = await b.store.write('deliver', { raw, recipients: [to(1), to(2)], handover: 'h', at: at + 2 * DAY })
      expect(again.results.map((r) => r.ok && r.duplicate)).to.deep.equal([true, false])
      const later = await b.store.write('deliver', { raw, recipients: [to(1)], handover: 'h', at: at + 4 * DAY })
      expect(later.results).to.deep.equal([{ ok: true, mailbox: b.inbox(1).id, uid: 2, duplicate: false }])
      expect(b.inbox(1).messages).to.equal(2)
      expect(b.inbox(2).messages).to.equal(1)
    })

    it('keeps nothing of a message that nobody could take', async () => {
      const raw = withFile('Đầy', 150_000)
      const { results } = await b.store.write('deliver', {
        raw,
        recipients: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix, quota: 1000 }],
        at,
      })
      expect(results).to.deep.equal([{ ok: false, why: 'over-quota' }])
      expect(b.store.read.totals()).to.deep.equal({ messages: 0, octets: 0 })
    })

    it('delivers official mail to a full mailbox, and frees room when mail goes', async () => {
      const raw = text('Công văn', 'x'.repeat(1000))
      const quota = raw.length + 10
      const put = async (q?: number) =>
        (
          await b.store.write('deliver', {
            raw,
            recipients: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix, ...(q ? { quota: q } : {}) }],
            at,
          })
        ).results[0]!.ok
      expect(await put(quota)).to.equal(true)
      expect(await put(quota)).to.equal(false)
      expect(await put()).to.equal(true)
      expect(b.store.read.usage(1)).to.deep.equal({ octets: 2 * raw.length, messages: 2 })
      await b.store.write('expunge', { mailbox: b.inbox(1).id, force: true })
      expect(await put(quota)).to.equal(true)
      expect(b.store.read.usage(1)).to.deep.equal({ octets: raw.length, messages: 1 })
    })

    it('keeps a large part once, whatever carries it, until the last message with it goes', async () => {
      const sizes = () => b.store.read.totals()
      const one = withFile('Chuyển lần một', 400_000)
      const two = withFile('Fwd: Chuyển lần hai', 400_000)
      for (const raw of [one, two])
        await b.store.write('append', { mailbox: b.inbox(1).id, raw, flags: [], internalDate: at })
      expect(sizes()).to.deep.equal({ messages: 2, octets: one.length + two.length })
      await b.store.write('expunge', { mailbox: b.inbox(1).id, uids: [1], force: true })
      const [left] = b.rows(b.inbox(1))
      expect(b.octets(left!.message).equals(two)).to.equal(true)
      const stream = b.store.read.octets(left!.message)
      await b.store.write('expunge', { mailbox: b.inbox(1).id, force: true })
      expect(() => b.store.read.structure(left!.message)).to.throw(MessageGone)
      expect(() => [...stream]).to.throw(MessageGone)
    })

    it('takes octets again that were deleted between the look and the write', async () => {
      const raw = withFile('Đua', 200_000)
      const inbox = b.inbox(1).id
      await b.store.write('append', { mailbox: inbox, raw, flags: [], internalDate: at })
      // asked in one breath: the second sees the content that the first removes
      const [, appended] = await Promise.all([
        b.store.write('expunge', { mailbox: inbox, force: true }),
        b.store.write('append', { mailbox: inbox, raw, flags: [], internalDate: at }),
      ])
      expect(appended).to.deep.include({ uid: 2 })
      expect(b.octets(b.rows(b.inbox(1))[0]!.message).equals(raw)).to.equal(true)
    })

    it('tells of new messages after the commit, in the order of their UIDs', async () => {
      await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          b.store.write('deliver', {
            raw: text(`Thư ${i}`, 'x'),
            recipients: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix }],
            at,
          }),
        ),
      )
      const told = b.changes().filter((c) => c.kind === 'exists')
      const uids = told.map((c) => c.uid)
      expect(uids).to.deep.equal(uids.toSorted((x, y) => x - y))
      expect(uids[0]).to.equal(1)
      expect([...b.store.read.uids(b.inbox(1).id)]).to.deep.equal(Array.from({ length: 50 }, (_, i) => i + 1))
    })

    it('lets one bad job among many fail alone', async () => {
      const good = () =>
        b.store.write('deliver', {
          raw: text('Tốt', 'x'),
          recipients: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix }],
          at,
        })
      const bad = () =>
        b.store.write('deliver', {
          raw: text('Lỗi', 'x'),
          recipients: [
            { account: 1, mailbox: 'INBOX', prefix: noPrefix },
            { account: 99, mailbox: 'INBOX', prefix: noPrefix },
          ],
          at,
        })
      const results = await Promise.allSettled([good(), good(), bad(), good(), bad(), good()])
      expect(results.map((r) => r.status)).to.deep.equal([
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
        'rejected',
        'fulfilled',
      ])
      expect(b.inbox(1).messages).to.equal(4)
    })

    it('is the same after it was closed and opened', async () => {
      const raw = withFile('Bền', 100_000)
      await b.store.write('append', { mailbox: b.inbox(1).id, raw, flags: ['\\Seen'], internalDate: at })
      const before = b.store.read.mailboxes(1)
      await b.reopen()
      expect(b.store.read.mailboxes(1)).to.deep.equal(before)
      expect(b.octets(b.rows(b.inbox(1))[0]!.message).equals(raw)).to.equal(true)
    })
  })
}
