import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { until } from '#test/until.ts'
import type { Bench, Engine } from '../contract.ts'
import { text } from '../messages.ts'

const at = Date.UTC(2026, 10, 23)
const keep = { by: 'ha.tran@haiduong.gov.vn', at }

export function deletedContract(b: Bench, engine: Engine): void {
  const put = (subject: string, path = 'INBOX', account = 1) =>
    b.store.write('deliver', {
      raw: text(subject, `thân của ${subject}`),
      recipients: [{ account, mailbox: path, prefix: Buffer.from('Delivered-To: x@y.vn\r\n') }],
      at,
    })
  const expunge = (path: string, more: object = {}) =>
    b.store.write('expunge', { mailbox: b.mailbox(1, path).id, force: true, keep, ...more })
  const deleted = (account = 1) => {
    const mailbox = b.store.read.deletedMailbox(account)
    return mailbox ? b.store.read.deleted(mailbox.id, [...b.store.read.uids(mailbox.id)]) : []
  }
  const uids = () => deleted().map((d) => d.uid)
  const restore = (more: object = {}) => b.store.write('restoreDeleted', { account: 1, uids: uids(), at, ...more })

  describe('deleted messages', () => {
    it('are in no mailbox and no counter, and known with who deleted them and where they lay', async () => {
      await put('Công văn đến')
      b.changes()
      expect(await expunge('INBOX')).to.deep.include({ uids: [1] })
      expect(deleted()).to.deep.equal([{ uid: 1, path: 'INBOX', by: keep.by, at }])
      expect(b.store.read.usage(1)).to.deep.equal({ octets: 0, messages: 0 })
      expect(b.store.read.mailboxes(1).map((m) => m.path)).to.not.include('')
      expect(b.inbox(1)).to.include({ messages: 0, unseen: 0, size: 0 })
      expect(b.store.read.vanished(b.inbox(1).id, 0)).to.deep.equal([1])
      expect(b.changes().map((c) => c.kind)).to.deep.equal(['vanished'])
      const { id } = b.store.read.deletedMailbox(1)!
      expect(b.store.read.mailboxById(id)).to.equal(undefined)
      expect(await b.store.write('expunge', { mailbox: id, force: true })).to.deep.include({ uids: [] })
      expect(b.store.read.search(id, { key: 'header', name: 'subject', value: 'cong van' })).to.deep.equal([1])
    })

    it('come back as they were, under a new UID', async () => {
      await put('Thư')
      const inbox = b.inbox(1)
      await b.store.write('storeFlags', {
        mailbox: inbox.id,
        uids: [1],
        change: { op: 'set', flags: ['\\Seen', '\\Flagged', '\\Deleted', '$K'] },
      })
      const [before] = b.rows(inbox)
      const octets = b.octets(before!.message)
      await expunge('INBOX', { force: false })
      b.changes()
      expect(await restore({ at: at + 1 })).to.deep.equal({ messages: 1, mailboxes: [inbox.id] })
      const [row] = b.rows(inbox)
      expect(row).to.deep.include({ uid: 2, flags: ['\\Seen', '\\Flagged', '$K'], savedAt: at + 1 })
      expect(row).to.include({ internalDate: before!.internalDate, content: before!.content, size: before!.size })
      expect(b.octets(row!.message).equals(octets)).to.equal(true)
      expect(b.changes()).to.deep.include({
        account: 1,
        mailbox: inbox.id,
        kind: 'exists',
        uid: 2,
        modseq: row!.modseq,
      })
      expect(b.store.read.usage(1)).to.deep.equal({ octets: row!.size, messages: 1 })
      expect(deleted()).to.deep.equal([])
      expect(await restore({ uids: [1] })).to.deep.equal({ messages: 0, mailboxes: [] })
    })

    it('of a deleted folder bring it back; of a renamed one go where it is now; of Trash and Junk go to INBOX', async () => {
      for (const path of ['Dự án', 'Dự án/2026']) await b.store.write('createMailbox', { account: 1, path })
      await put('một', 'Dự án/2026')
      await put('hai', 'Trash')
      await put('ba', 'Junk')
      await b.store.write('createMailbox', { account: 1, path: 'Tên cũ' })
      await put('bốn', 'Tên cũ')
      for (const path of ['Trash', 'Junk', 'Tên cũ']) await expunge(path)
      expect(await b.store.write('deleteMailbox', { account: 1, path: 'Dự án/2026', keep })).to.deep.equal({ ok: true })
      await b.store.write('renameMailbox', { account: 1, from: 'Tên cũ', to: 'Tên mới' })
      await until('the folder is emptied', () => deleted().length === 4)
      expect(new Set(deleted().map((d) => d.path))).to.deep.equal(new Set(['Trash', 'Junk', 'Tên cũ', 'Dự án/2026']))
      expect(await restore()).to.deep.include({ messages: 4 })
      expect(b.mailbox(1, 'Dự án/2026').messages).to.equal(1)
      expect(b.mailbox(1, 'Tên mới').messages).to.equal(1)
      expect(b.inbox(1).messages).to.equal(2)
    })

    it('go into a folder that is named, and into none that is a record or another account’s', async () => {
      await put('một')
      await expunge('INBOX')
      expect(await restore({ to: b.inbox(2).id })).to.deep.equal({ refused: 'gone' })
      expect(await restore({ to: b.mailbox(1, 'Archive').id })).to.deep.include({ messages: 1 })
      expect(b.mailbox(1, 'Archive').messages).to.equal(1)
    })

    it('come back only where there is room', async () => {
      await put('một')
      const { size } = b.inbox(1)
      await expunge('INBOX')
      expect(await restore({ quota: size - 1 })).to.deep.equal({ refused: 'over-quota' })
      expect(await restore({ mostMessages: 0 })).to.deep.equal({ refused: 'over-quota' })
      expect(deleted()).to.have.length(1)
      expect(await restore({ quota: size, mostMessages: 1 })).to.deep.include({ messages: 1 })
    })

    it('are many, and come back all', async () => {
      const messages = Array.from({ length: 1200 }, (_, i) => ({ raw: text(`${i}`, 'x'), flags: [], internalDate: at }))
      await b.store.write('appendAll', { mailbox: b.inbox(1).id, messages })
      expect(await expunge('INBOX'))
        .to.have.property('uids')
        .with.length(1200)
      expect(b.store.read.deletedMailbox(1)!.messages).to.equal(1200)
      expect(await restore()).to.deep.include({ messages: 1200 })
      expect(b.inbox(1).messages).to.equal(1200)
    }).timeout(60_000)

    it('are not kept of drafts that programs replace, of registers, and where nobody asks for it', async () => {
      const drafts = b.mailbox(1, 'Drafts').id
      const draft = { raw: text('Nháp', 'x'), flags: ['\\Draft'], internalDate: at }
      await b.store.write('append', { mailbox: drafts, ...draft })
      await b.store.write('append', { mailbox: drafts, ...draft, flags: [] })
      await expunge('Drafts')
      expect(uids()).to.have.length(1)
      await put('sổ', 'INBOX', 3)
      await b.store.write('expunge', { mailbox: b.inbox(3).id, force: true, keep })
      expect(deleted(3)).to.deep.equal([])
      await put('thẳng')
      await b.store.write('expunge', { mailbox: b.inbox(1).id, force: true })
      expect(uids()).to.have.length(1)
      await b.store.write('createMailbox', { account: 1, path: 'Tạm' })
      await put('tạm', 'Tạm')
      const gone = b.mailbox(1, 'Tạm')
      await b.store.write('deleteMailbox', { account: 1, path: 'Tạm' })
      await until('the folder is emptied', () => b.rows(gone).length === 0)
      expect(uids()).to.have.length(1)
    })

    it('are purged by age, by choice, and the oldest of what is too much', async () => {
      for (const [i, name] of ['một', 'hai', 'ba', 'bốn'].entries()) {
        await put(name)
        await expunge('INBOX', { keep: { ...keep, at: at + i } })
      }
      expect(await b.store.write('purgeDeleted', { before: at + 1, most: 100 })).to.deep.include({ messages: 1 })
      expect(uids()).to.deep.equal([2, 3, 4])
      expect(await b.store.write('purgeDeleted', { account: 1, uids: [3, 9], most: 100 })).to.deep.include({
        messages: 1,
      })
      const { size } = b.store.read.deletedMailbox(1)!
      expect(b.store.read.deletedBeyond(size)).to.deep.equal([])
      expect(b.store.read.deletedBeyond(size - 1)).to.deep.equal([1])
      expect(await b.store.write('purgeDeleted', { account: 1, beyond: size - 1, most: 100 })).to.deep.include({
        messages: 1,
      })
      expect(uids()).to.deep.equal([4])
      expect(await b.store.write('purgeDeleted', { account: 2, beyond: 0, most: 100 })).to.deep.equal({
        messages: 0,
        octets: 0,
      })
      expect(await b.store.write('purgeDeleted', { before: at + 9, most: 100 })).to.deep.include({ messages: 1 })
      expect(b.store.read.deletedMailbox(1)).to.include({ messages: 0, size: 0 })
    })

    it('lie in one place exactly, whenever the process is killed', async () => {
      const all = 200
      for (let i = 0; i < all; i++) await put(`Thư ${i}`)
      const contents = () =>
        [b.inbox(1), b.store.read.deletedMailbox(1)]
          .flatMap((m) => (m ? b.rows(m).map((r) => r.content) : []))
          .sort((x, y) => x - y)
      const before = contents()
      expect(before).to.have.length(all)
      for (const rounds of [3, 17, 40]) {
        await b.store[Symbol.asyncDispose]()
        const child = spawn(process.execPath, [join(import.meta.dirname, 'deletes.ts'), engine.module, b.dir], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        let seen = 0
        createInterface({ input: child.stdout }).on('line', () => {
          if (++seen === rounds) child.kill('SIGKILL')
        })
        expect((await once(child, 'exit'))[1]).to.equal('SIGKILL')
        b.store = await engine.open(b.dir)
        expect(contents()).to.deep.equal(before)
        expect(await b.store.audit()).to.deep.equal([])
      }
    }).timeout(60_000)
  })
}
