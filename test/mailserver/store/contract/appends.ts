import { expect } from 'chai'
import type { Bench } from '../contract.ts'
import { text, withFile } from '../messages.ts'

const at = Date.UTC(2026, 10, 23)
const fresh = (raw: Uint8Array, flags: string[] = []) => ({ raw, flags, internalDate: at })

export function appendContract(b: Bench): void {
  describe('appends of several', () => {
    it('all come in their order, and are told of once', async () => {
      const inbox = b.inbox(1)
      const done = await b.store.write('appendAll', {
        mailbox: inbox.id,
        messages: [fresh(text('một', 'x'), ['\\Seen']), fresh(withFile('hai', 200_000)), fresh(text('một', 'x'))],
      })
      expect(done).to.deep.equal({ uids: [1, 2, 3], uidValidity: inbox.uidValidity })
      expect(b.rows(b.inbox(1)).map((r) => r.flags)).to.deep.equal([['\\Seen'], [], []])
      expect(b.changes().filter((c) => c.kind === 'exists')).to.have.length(1)
    })

    it('none comes when together they are too large', async () => {
      const size = text('a', 'x').length
      const done = await b.store.write('appendAll', {
        mailbox: b.inbox(1).id,
        messages: [fresh(text('a', 'x')), fresh(text('b', 'x')), fresh(withFile('tệp', 100_000))],
        quota: 2 * size + 1000,
      })
      expect(done).to.deep.equal({ refused: 'over-quota' })
      expect(b.inbox(1)).to.include({ messages: 0, uidNext: 1 })
      expect(b.changes()).to.deep.equal([])
    })

    it('replaces a message of any mailbox, in one step for everybody', async () => {
      const drafts = b.mailbox(1, 'Drafts')
      await b.store.write('append', { mailbox: drafts.id, ...fresh(withFile('cũ', 100_000)) })
      b.changes()
      const quota = b.store.read.usage(1).octets
      const done = await b.store.write('appendAll', {
        mailbox: b.inbox(1).id,
        messages: [fresh(text('mới', 'x'))],
        replaces: { mailbox: drafts.id, uid: 1 },
        quota,
      })
      expect(done).to.have.property('uids').that.deep.equals([1])
      expect(b.mailbox(1, 'Drafts').messages).to.equal(0)
      expect(b.store.read.vanished(drafts.id, drafts.highestModseq)).to.deep.equal([1])
      expect(b.changes().map((c) => c.kind)).to.have.members(['exists', 'vanished'])
    })

    it('what is beyond a limit is told as a RangeError, and nothing is added', async () => {
      const keywords = Array.from({ length: 200 }, (_, i) => `k${i}`)
      const failed = await b.store
        .write('appendAll', {
          mailbox: b.inbox(1).id,
          messages: [fresh(text('a', 'x')), fresh(text('b', 'x'), keywords)],
        })
        .then(
          () => undefined,
          (error: unknown) => error,
        )
      expect(failed).to.be.an.instanceOf(RangeError)
      expect(b.inbox(1)).to.include({ messages: 0, uidNext: 1 })
    })

    it('adds nothing when the message to replace is gone, or may not go', async () => {
      const inbox = b.inbox(1)
      const messages = [fresh(text('x', 'x'))]
      const gone = await b.store.write('appendAll', {
        mailbox: inbox.id,
        messages,
        replaces: { mailbox: inbox.id, uid: 7 },
      })
      expect(gone).to.deep.equal({ refused: 'replaced-gone' })
      const nowhere = await b.store.write('appendAll', { mailbox: 999_999, messages })
      expect(nowhere).to.deep.equal({ refused: 'gone' })
      const register = await b.store.write('appendAll', { mailbox: b.inbox(3).id, messages })
      expect(register).to.deep.equal({ refused: 'append-only' })
      expect(b.inbox(1).messages).to.equal(0)
    })
  })
}
