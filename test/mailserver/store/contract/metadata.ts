import { expect } from 'chai'
import { until } from '#test/until.ts'
import type { Bench } from '../contract.ts'

export function metadataContract(b: Bench): void {
  describe('metadata', () => {
    const set = (mailbox: number, holder: number, entries: Record<string, string | null>, most = 10) =>
      b.store.write('setMetadata', {
        account: 1,
        mailbox,
        entries: Object.entries(entries).map(([entry, value]) => ({
          holder,
          entry,
          value: value === null ? null : Buffer.from(value),
        })),
        most,
        by: 'me',
      })
    const all = (mailbox: number, holder: number) =>
      b.store.read.metadata({ mailbox, holder }).map((e) => `${e.entry}=${Buffer.from(e.value).toString()}`)

    it('keeps entries apart by mailbox and holder; null removes; others are told', async () => {
      const inbox = b.inbox(1).id
      await set(inbox, 0, { '/shared/comment': 'chung', '/shared/b': '' })
      await set(inbox, 1, { '/private/comment': 'riêng' })
      await set(0, 1, { '/private/comment': 'máy chủ' })
      expect(all(inbox, 0)).to.deep.equal(['/shared/b=', '/shared/comment=chung'])
      expect(all(inbox, 1)).to.deep.equal(['/private/comment=riêng'])
      expect(all(inbox, 2)).to.deep.equal([])
      expect(all(0, 1)).to.deep.equal(['/private/comment=máy chủ'])
      expect(b.changes()[0]).to.deep.equal({
        account: 1,
        kind: 'metadata',
        of: { mailbox: inbox, holder: 0 },
        entries: ['/shared/comment', '/shared/b'],
        by: 'me',
      })
      await set(inbox, 0, { '/shared/comment': null, '/shared/none': null, '/shared/b': 'c' })
      expect(all(inbox, 0)).to.deep.equal(['/shared/b=c'])
      await b.reopen()
      expect(all(inbox, 0)).to.deep.equal(['/shared/b=c'])
    })

    it('all or none beyond the number allowed; what is there may still be changed', async () => {
      const inbox = b.inbox(1).id
      await set(inbox, 0, { '/a': '1', '/b': '2' }, 2)
      expect(await set(inbox, 0, { '/a': '9', '/c': '3' }, 2)).to.deep.equal({ refused: 'too-many' })
      expect(all(inbox, 0)).to.deep.equal(['/a=1', '/b=2'])
      await set(inbox, 0, { '/a': null, '/c': '3' }, 2)
      await set(inbox, 0, { '/c': '4' }, 1)
      expect(all(inbox, 0)).to.deep.equal(['/b=2', '/c=4'])
      expect(await set(999_999, 0, { '/a': '1' })).to.deep.equal({ refused: 'gone' })
    })

    it('they follow RENAME and die with the mailbox', async () => {
      await b.store.write('createMailbox', { account: 1, path: 'Cũ' })
      const { id } = b.mailbox(1, 'Cũ')
      await set(id, 0, { '/shared/comment': 'x' })
      await b.store.write('renameMailbox', { account: 1, from: 'Cũ', to: 'Mới' })
      expect(all(b.mailbox(1, 'Mới').id, 0)).to.deep.equal(['/shared/comment=x'])
      await b.store.write('deleteMailbox', { account: 1, path: 'Mới' })
      await until('its entries to be gone', () => all(id, 0).length === 0)
      await b.store.write('createMailbox', { account: 1, path: 'Mới' })
      expect(all(b.mailbox(1, 'Mới').id, 0)).to.deep.equal([])
    })

    it('folders are told by name: made, subscribed, renamed with what is below, deleted', async () => {
      await b.store.write('createMailbox', { account: 1, path: 'A' })
      await b.store.write('createMailbox', { account: 1, path: 'A/B' })
      const [a, below] = [b.mailbox(1, 'A').id, b.mailbox(1, 'A/B').id]
      await b.store.write('subscribe', { mailbox: a, subscribed: false })
      await b.store.write('renameMailbox', { account: 1, from: 'A', to: 'C' })
      await b.store.write('deleteMailbox', { account: 1, path: 'C/B' })
      expect(b.changes().flatMap((c) => (c.kind === 'folders' ? c.events : []))).to.deep.equal([
        { event: 'created', mailbox: a, path: 'A' },
        { event: 'created', mailbox: below, path: 'A/B' },
        { event: 'subscription', mailbox: a, path: 'A' },
        { event: 'renamed', mailbox: a, path: 'C', from: 'A' },
        { event: 'renamed', mailbox: below, path: 'C/B', from: 'A/B' },
        { event: 'deleted', mailbox: below, path: 'C/B' },
      ])
    })
  })
}
