import { expect } from 'chai'
import { maxAclEntries } from '#mailserver/store/port.ts'
import { type Bench, noPrefix } from '../contract.ts'
import { text } from '../messages.ts'

const at = Date.UTC(2026, 10, 23)
const an = 'an@x.vn'

export function aclContract(b: Bench): void {
  const set = (mailbox: number, identifier: string, rights: string, more: object = {}) =>
    b.store.write('setAcl', {
      mailbox,
      identifier,
      negative: false,
      change: { op: 'set', rights },
      by: 'chu@x.vn',
      at,
      ...more,
    })
  const rights = (mailbox: number) => b.store.read.acl(mailbox).map((e) => [e.identifier, e.rights])

  describe('rights', () => {
    it('are set, added to, taken from, and gone when none is left', async () => {
      const { id } = b.inbox(1)
      const change = (op: 'set' | 'add' | 'remove', letters: string) =>
        set(id, an, '', { change: { op, rights: letters } })
      await change('add', 'lr')
      await change('add', 'rs')
      await change('remove', 'l')
      expect(rights(id)).to.deep.equal([[an, 'rs']])
      await change('remove', 'rswx')
      expect(rights(id)).to.deep.equal([])
      expect(await change('remove', 'x')).to.deep.equal({ ok: true })
      expect(b.store.read.aclHistory(1, 10).map((e) => e.rights)).to.deep.equal(['', 'rs', 'lrs', 'lr'])
      expect(b.store.read.aclHistory(1, 2)).to.have.length(2)
      expect(b.store.read.aclHistory(2, 10)).to.deep.equal([])
    })

    it('keep dates that are in force, and build on nothing that is not', async () => {
      const { id } = b.inbox(1)
      await set(id, an, 'lr', { dates: { from: at, to: at + 10 } })
      await set(id, an, '', { change: { op: 'add', rights: 's' }, at: at + 5 })
      expect(b.store.read.acl(id)[0]).to.deep.include({ rights: 'lrs', from: at, to: at + 10 })
      await set(id, an, '', { change: { op: 'add', rights: 'w' }, at: at + 10 })
      expect(b.store.read.acl(id)[0]).to.deep.equal({
        mailbox: id,
        identifier: an,
        negative: false,
        rights: 'w',
        by: 'chu@x.vn',
        at: at + 10,
      })
    })

    it('are found by who is named, negative ones first, in every account, and survive a restart', async () => {
      await set(b.inbox(1).id, an, 'lr')
      await set(b.inbox(2).id, 'nhom@x.vn', 'l')
      await set(b.mailbox(2, 'Sent').id, an, 'r', { negative: true })
      await set(b.inbox(2).id, 'khac@x.vn', 'l')
      await b.reopen()
      const found = b.store.read.aclNaming([an, 'nhom@x.vn', 'ai@x.vn'])
      expect(found.map((f) => [f.mailbox.account, f.mailbox.path, f.entry.identifier, f.entry.negative])).to.deep.equal(
        [
          [2, 'Sent', an, true],
          [1, 'INBOX', an, false],
          [2, 'INBOX', 'nhom@x.vn', false],
        ],
      )
      expect(b.store.read.aclNaming([])).to.deep.equal([])
    })

    it('follow a rename, go down to what is created below, and die with the mailbox', async () => {
      await b.store.write('createMailbox', { account: 1, path: 'A' })
      await set(b.mailbox(1, 'A').id, an, 'lr', { dates: { to: at * 2 } })
      await b.store.write('renameMailbox', { account: 1, from: 'A', to: 'B' })
      await b.store.write('createMailbox', { account: 1, path: 'B/c/d' })
      const below = b.mailbox(1, 'B/c/d').id
      expect(b.store.read.acl(below)[0]).to.deep.include({ rights: 'lr', to: at * 2 })
      await b.store.write('deleteMailbox', { account: 1, path: 'B/c/d' })
      expect(b.store.read.acl(below)).to.deep.equal([])
      expect(b.store.read.aclNaming([an]).map((f) => f.mailbox.path)).to.deep.equal(['B'])
      expect(await set(below, an, 'lr')).to.deep.equal({ refused: 'gone' })
      expect(b.store.read.aclHistory(1, 1)[0]).to.deep.include({ path: 'B/c/d', rights: '' })
    })

    it('end at a number of entries', async () => {
      const { id } = b.inbox(1)
      for (let n = 0; n < maxAclEntries; n++) await set(id, `p${n}@x.vn`, 'l')
      expect(await set(id, an, 'l')).to.deep.equal({ refused: 'limit' })
      expect(await set(id, 'p3@x.vn', 'lr')).to.deep.equal({ ok: true })
    })

    it('a change of flags keeps those that it may not touch, and a copy leaves them behind', async () => {
      await b.store.write('deliver', {
        raw: text('Thư', 'một'),
        recipients: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix, flags: ['\\Seen', '\\Flagged', 'xong'] }],
        at,
      })
      const inbox = b.inbox(1)
      const flags = () => b.rows(b.inbox(1))[0]!.flags
      const store = (names: string[], keep: string[]) =>
        b.store.write('storeFlags', { mailbox: inbox.id, uids: [1], change: { op: 'set', flags: names, keep } })
      await store(['\\Deleted', '\\Answered'], ['\\seen', '*'])
      expect(flags()).to.deep.equal(['\\Seen', '\\Flagged', '\\Deleted', 'xong'])
      await store([], ['\\Deleted'])
      expect(flags()).to.deep.equal(['\\Deleted'])
      expect(b.inbox(1).unseen).to.equal(1)
      await store(['\\Seen', '\\Draft', 'a'], [])
      await b.store.write('copy', {
        from: inbox.id,
        uids: [1],
        to: b.mailbox(1, 'Archive').id,
        move: true,
        drop: ['\\Seen', '*'],
      })
      expect(b.rows(b.mailbox(1, 'Archive'))[0]!.flags).to.deep.equal([])
      expect(b.mailbox(1, 'Archive').unseen).to.equal(1)
    })
  })
}
