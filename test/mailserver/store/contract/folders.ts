import { expect } from 'chai'
import { type Bench, noPrefix } from '../contract.ts'
import { text } from '../messages.ts'

const at = Date.UTC(2026, 10, 23)

export function folderContract(b: Bench): void {
  const put = (account: number, path = 'INBOX') =>
    b.store.write('deliver', {
      raw: text('Thư', `gửi ${account}`),
      recipients: [{ account, mailbox: path, prefix: noPrefix }],
      at,
    })

  describe('folders', () => {
    it('opens an account with its special folders, once', async () => {
      await b.store.write('openAccount', { account: 1, kind: 'person' })
      expect(b.store.read.mailboxes(1).map((m) => [m.path, m.specialUse])).to.deep.equal([
        ['Archive', '\\Archive'],
        ['Drafts', '\\Drafts'],
        ['INBOX', undefined],
        ['Junk', '\\Junk'],
        ['Sent', '\\Sent'],
        ['Trash', '\\Trash'],
      ])
    })

    it('creates, renames with what is below, and deletes', async () => {
      const made = await b.store.write('createMailbox', { account: 1, path: 'Dự án' })
      expect(made).to.have.nested.property('mailbox.path', 'Dự án')
      await b.store.write('createMailbox', { account: 1, path: 'Dự án/2026' })
      expect(await b.store.write('createMailbox', { account: 1, path: 'Dự án'.normalize('NFD') })).to.deep.equal({
        refused: 'exists',
      })
      await put(1, 'Dự án/2026')
      const before = b.mailbox(1, 'Dự án/2026')
      expect(await b.store.write('renameMailbox', { account: 1, from: 'Dự án', to: 'Cũ' })).to.deep.equal({ ok: true })
      expect(b.mailbox(1, 'Cũ/2026')).to.deep.equal({ ...before, path: 'Cũ/2026' })
      expect(b.store.read.mailbox(1, 'Dự án')).to.equal(undefined)
      expect(await b.store.write('deleteMailbox', { account: 1, path: 'Cũ/2026' })).to.deep.equal({ ok: true })
      expect(b.store.read.mailbox(1, 'Cũ/2026')).to.equal(undefined)
      expect(b.store.read.usage(1)).to.deep.equal({ octets: 0, messages: 0 })
      expect(await b.store.write('deleteMailbox', { account: 1, path: 'Cũ/2026' })).to.deep.equal({
        refused: 'missing',
      })
    })

    it('gives a folder that is made again another UIDVALIDITY', async () => {
      await b.store.write('createMailbox', { account: 1, path: 'Tạm' })
      const first = b.mailbox(1, 'Tạm').uidValidity
      await b.store.write('deleteMailbox', { account: 1, path: 'Tạm' })
      await b.store.write('createMailbox', { account: 1, path: 'Tạm' })
      expect(b.mailbox(1, 'Tạm').uidValidity).to.be.greaterThan(first)
    })

    it('empties INBOX when it is renamed, and keeps it', async () => {
      await put(1)
      await put(1)
      expect(await b.store.write('renameMailbox', { account: 1, from: 'inbox', to: 'Năm ngoái' })).to.deep.equal({
        ok: true,
      })
      expect(b.inbox(1)).to.include({ messages: 0, uidNext: 3 })
      expect(b.mailbox(1, 'Năm ngoái').messages).to.equal(2)
    })

    it('refuses to delete special folders, and to take a name twice', async () => {
      for (const path of ['INBOX', 'Inbox', 'Sent', 'Trash'])
        expect(await b.store.write('deleteMailbox', { account: 1, path })).to.deep.equal({ refused: 'special' })
      expect(await b.store.write('renameMailbox', { account: 1, from: 'Sent', to: 'Junk' })).to.deep.equal({
        refused: 'exists',
      })
      expect(await b.store.write('renameMailbox', { account: 1, from: 'Không có', to: 'X' })).to.deep.equal({
        refused: 'missing',
      })
    })

    it('refuses names that are none', async () => {
      for (const path of [
        '',
        '/',
        'a//b',
        '/a',
        'a/',
        'a\u0000b',
        'a\nb',
        'a*',
        'x'.repeat(2000),
        `${'a/'.repeat(50)}a`,
      ]) {
        const said = await b.store.write('createMailbox', { account: 1, path }).catch((e: Error) => e.message)
        expect(said, JSON.stringify(path.slice(0, 20))).to.match(/not a mailbox name/)
        expect(b.store.read.mailbox(1, path)).to.equal(undefined)
      }
    })

    it('remembers subscriptions', async () => {
      const { id } = b.mailbox(1, 'Junk')
      await b.store.write('subscribe', { mailbox: id, subscribed: false })
      expect(b.mailbox(1, 'Junk').subscribed).to.equal(false)
    })
  })

  describe('copy and move', () => {
    it('copies flags, date and octets under new UIDs', async () => {
      await put(1)
      await put(1)
      await b.store.write('storeFlags', {
        mailbox: b.inbox(1).id,
        uids: [2],
        change: { op: 'set', flags: ['\\Flagged', 'k1'] },
      })
      const archive = b.mailbox(1, 'Archive')
      expect(
        await b.store.write('copy', { from: b.inbox(1).id, uids: [2, 1, 2, 9], to: archive.id, move: false }),
      ).to.deep.equal({
        uidValidity: archive.uidValidity,
        pairs: [
          [1, 1],
          [2, 2],
        ],
        modseq: 0,
      })
      const [, copied] = b.rows(archive)
      const [, original] = b.rows(b.inbox(1))
      expect(copied).to.deep.include({
        flags: ['\\Flagged', 'k1'],
        internalDate: at,
        content: original!.content,
        size: original!.size,
      })
      expect(b.octets(copied!.message).equals(b.octets(original!.message))).to.equal(true)
    })

    it('moves between accounts, and both searches follow', async () => {
      await put(1)
      const moved = await b.store.write('copy', {
        from: b.inbox(1).id,
        uids: [1],
        to: b.inbox(2).id,
        move: true,
        quota: 10_000,
      })
      expect(moved).to.deep.include({ pairs: [[1, 1]] })
      expect(b.store.read.usage(1).messages).to.equal(0)
      expect(b.store.read.usage(2).messages).to.equal(1)
      expect(b.store.read.vanished(b.inbox(1).id, 0)).to.deep.equal([1])
      expect(b.store.read.search(b.inbox(2).id, { key: 'body', value: 'gửi 1' })).to.deep.equal([1])
    })

    it('refuses a copy beyond the quota whole', async () => {
      await put(1)
      await put(1)
      const { size } = b.inbox(1)
      const job = { from: b.inbox(1).id, uids: [1, 2], to: b.mailbox(1, 'Archive').id }
      expect(await b.store.write('copy', { ...job, move: false, quota: size * 2 - 1 })).to.deep.equal({
        refused: 'over-quota',
      })
      expect(b.mailbox(1, 'Archive').messages).to.equal(0)
      expect(await b.store.write('copy', { ...job, move: true, quota: 1 })).to.have.property('pairs')
    })

    it('says gone when a folder is not there', async () => {
      expect(await b.store.write('copy', { from: b.inbox(1).id, uids: [1], to: 99_999, move: false })).to.deep.equal({
        refused: 'gone',
      })
      expect(
        await b.store.write('append', { mailbox: 99_999, raw: text('x', 'y'), flags: [], internalDate: at }),
      ).to.deep.equal({ refused: 'gone' })
    })
  })
}
