import { expect } from 'chai'
import type { Bench } from '../contract.ts'
import { noPrefix } from '../contract.ts'

const letter = (subject: string, id: string, more = '', body = 'Nội dung') =>
  Buffer.from(
    `From: Đỗ Đức <duc@a.vn>\r\nTo: An <an@b.vn>, x@y\r\nSubject: ${subject}\r\nMessage-ID: <${id}@a.vn>\r\n${more}\r\n${body}\r\n`,
  )
const at = Date.UTC(2026, 10, 23)
const later = at + 3_600_000

/** What SORT, THREAD, THREADID, PREVIEW and SAVEDATE are answered from. */
export function listingContract(b: Bench): void {
  describe('listings', () => {
    const put = async (raw: Buffer, account = 1) => {
      const { results } = await b.store.write('deliver', {
        raw,
        recipients: [{ account, mailbox: 'INBOX', prefix: noPrefix }],
        at,
      })
      const [result] = results
      if (!result?.ok) throw new Error('not delivered')
      return result.uid
    }
    const threads = (account = 1) => b.rows(b.inbox(account)).map((row) => b.store.read.listing(row.content).thread)

    it('gives the columns asked for, of the messages asked for', async () => {
      await put(letter('Re: [ds] Bao cao', 'a', 'Date: Mon, 23 Nov 2026 08:00:00 +0700\r\nCc: "C" <cc@c.vn>\r\n'))
      await put(letter('', 'b'))
      const inbox = b.inbox(1).id
      expect(b.store.read.sortRows(inbox, [2, 1, 99], ['size', 'subject', 'from', 'to', 'cc', 'sent'])).to.deep.equal([
        {
          uid: 1,
          subject: 'BAO CAO',
          from: 'DUC',
          to: 'AN',
          cc: 'CC',
          sent: Date.UTC(2026, 10, 23, 1),
          size: b.rows(b.inbox(1))[0]!.size,
        },
        { uid: 2, subject: '', from: 'DUC', to: 'AN', cc: '', sent: at, size: b.rows(b.inbox(1))[1]!.size },
      ])
      expect(b.store.read.sortRows(inbox, [1], ['fromName', 'toName', 'arrived'])).to.deep.equal([
        { uid: 1, fromName: 'DO DUC\0ĐỖ ĐỨC'.normalize('NFKD'), toName: 'AN', arrived: at },
      ])
      expect(b.store.read.sortRows(inbox, [], ['size'])).to.deep.equal([])
    })

    it('keeps what threads are made of', async () => {
      await put(letter('Re: X', 'b', 'References: <a@a.vn> <"q"@a.vn>\r\nIn-Reply-To: <other@a.vn>\r\n'))
      await put(letter('X', 'q'))
      const [answer, asked] = b.store.read.threadRows(b.inbox(1).id, [1, 2])
      expect(answer).to.include({ uid: 1, subject: 'X', reply: true, sent: at })
      expect(answer!.referenceKeys).to.have.length(16)
      expect(answer!.referenceKeys.slice(8)).to.equal(asked!.messageKey)
    })

    it('THREADID: by References in any order of arrival, and for ever the same', async () => {
      await put(letter('Trả lời', 'b', 'References: <a@a.vn>\r\n'))
      await put(letter('Khác', 'z'))
      await put(letter('Gốc', 'a'))
      await put(letter('Trả lời nữa', 'c', 'In-Reply-To: <b@a.vn>\r\n'))
      const [answer, other, root, second] = threads()
      expect([root, second]).to.deep.equal([answer, answer])
      expect(other).not.to.equal(answer)
      // one that names both threads joins the nearer, and neither changes
      await put(letter('Cả hai', 'd', 'References: <z@a.vn> <b@a.vn>\r\n'))
      expect(threads()).to.deep.equal([answer, other, answer, answer, answer])
      // the same octets in another account are the same message (RFC 8474 §5.1): they cannot have two threads
      await put(letter('Gốc', 'a'), 2)
      expect(threads(2)).to.deep.equal([answer])
    })

    it('THREADID outlives messages as long as one names them, and no longer', async () => {
      const inbox = b.inbox(1).id
      await put(letter('Gốc', 'a'))
      await put(letter('Trả lời', 'b', 'References: <a@a.vn>\r\n'))
      const [thread] = threads()
      await b.store.write('expunge', { mailbox: inbox, uids: [1], force: true })
      await put(letter('Trả lời nữa', 'c', 'References: <a@a.vn>\r\n'))
      expect(threads()).to.deep.equal([thread, thread])
      await b.store.write('expunge', { mailbox: inbox, force: true })
      await put(letter('Sau đó', 'd', 'References: <a@a.vn>\r\n'))
      expect(threads()[0]).not.to.equal(thread)
      expect(b.store.read.search(inbox, { key: 'thread', id: threads()[0]! })).to.deep.equal([4])
      expect(b.store.read.search(inbox, { key: 'thread', id: thread! })).to.deep.equal([])
      expect(b.store.read.search(inbox, { key: 'content', id: b.rows(b.inbox(1))[0]!.content })).to.deep.equal([4])
    })

    it('keeps a bounded part of ten thousand references', async () => {
      const bomb = Array.from({ length: 10_000 }, (_, i) => `<${i}@bomb>`).join('\r\n ')
      await put(letter('Bom', 'a', `References: ${bomb}\r\n`))
      await put(letter('Bom nữa', 'b', `References: <9999@bomb>\r\n`))
      expect(b.store.read.threadRows(b.inbox(1).id, [1])[0]!.referenceKeys).to.have.length(500 * 8)
      expect(new Set(threads()).size).to.equal(1)
    })

    it('SAVEDATE is when it came into this mailbox', async () => {
      const inbox = b.inbox(1)
      await put(letter('A', 'a'))
      await b.store.write('append', { mailbox: inbox.id, raw: letter('B', 'b'), flags: [], internalDate: 1000, at })
      await b.store.write('copy', { from: inbox.id, uids: [2], to: inbox.id, move: true, at: later })
      const rows = b.rows(inbox)
      expect(rows.map((row) => [row.uid, row.internalDate, row.savedAt])).to.deep.equal([
        [1, at, at],
        [3, 1000, later],
      ])
      expect(b.store.read.search(inbox.id, { key: 'saved', from: later })).to.deep.equal([3])
      expect(b.store.read.search(inbox.id, { key: 'saved', to: later })).to.deep.equal([1])
    })

    it('vanished UIDs as ranges, unless they are too many', async () => {
      const inbox = b.inbox(1)
      for (let i = 0; i < 6; i++) await put(letter(`${i}`, `${i}`))
      const before = b.inbox(1).highestModseq
      await b.store.write('expunge', { mailbox: inbox.id, uids: [1, 2, 4], force: true })
      await b.store.write('expunge', { mailbox: inbox.id, uids: [3], force: true })
      expect(b.store.read.vanishedRanges(inbox.id, before, 3)).to.deep.equal([
        [1, 2],
        [4, 4],
        [3, 3],
      ])
      expect(b.store.read.vanishedRanges(inbox.id, before + 1, 3)).to.deep.equal([[3, 3]])
      expect(b.store.read.vanishedRanges(inbox.id, before, 2)).to.equal(undefined)
    })
  })
}
