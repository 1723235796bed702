import { expect } from 'chai'
import type { FlagColumns } from '#mailserver/store/port.ts'
import { type Bench, noPrefix } from '../contract.ts'
import { text } from '../messages.ts'

const at = Date.UTC(2026, 10, 23)

export function flagContract(b: Bench): void {
  const fill = async (n: number, path = 'INBOX') => {
    for (let i = 0; i < n; i++)
      await b.store.write('deliver', {
        raw: text(`Thư ${i}`, `số ${i}`),
        recipients: [{ account: 1, mailbox: path, prefix: noPrefix }],
        at,
      })
    return b.mailbox(1, path).id
  }
  const flags = async (
    mailbox: number,
    uids: number[],
    op: 'add' | 'remove' | 'set',
    names: string[],
    unchangedSince?: number,
  ) => {
    const r = await b.store.write('storeFlags', {
      mailbox,
      uids,
      change: { op, flags: names },
      ...(unchangedSince === undefined ? {} : { unchangedSince }),
    })
    if ('refused' in r) throw new Error(r.refused)
    return r
  }

  describe('flags', () => {
    it('changes many at once as it changes them one by one,', async () => {
      const [inbox, junk] = [await fill(12), await fill(12, 'Junk')]
      const uids = Array.from({ length: 12 }, (_, i) => i + 1)
      for (const box of [inbox, junk]) {
        await flags(box, [2, 3, 7], 'add', ['\\Seen', 'Viec'])
        await flags(box, [3, 9], 'add', ['\\Flagged'])
      }
      for (const [op, names] of [
        ['add', ['\\Seen', '\\Flagged']],
        ['remove', ['\\flagged']],
        ['add', ['\\Deleted']],
        ['remove', ['\\Seen', '\\Draft']],
      ] as const) {
        const together = await flags(inbox, [...uids, 77], op, [...names])
        expect(together.changed.map((c) => c.uid)).to.deep.equal(uids)
        for (const uid of uids) await flags(junk, [uid], op, [...names])
        const now = (box: number) => b.store.read.rows(box, { ranges: [[1, 99]], limit: 99 }).map((r) => r.flags)
        expect(now(inbox)).to.deep.equal(now(junk))
        expect(b.store.read.mailboxById(inbox)!.unseen).to.equal(b.store.read.mailboxById(junk)!.unseen)
      }
      expect(b.store.read.firstUnseen(inbox)).to.equal(1)
      const { gave } = await flags(inbox, uids, 'add', ['\\Seen'])
      expect(gave.map((g) => ({ ...g, uids: [...g.uids] }))).to.deep.equal([
        { modseq: b.store.read.mailboxById(inbox)!.highestModseq, uids },
      ])
      expect((await flags(inbox, uids, 'add', ['\\Seen'])).gave).to.deep.equal([])
      expect(b.store.read.firstUnseen(inbox)).to.equal(undefined)
    })

    it('gives flags as columns: a range of them, and those that changed or came after a mod-sequence', async () => {
      const inbox = await fill(9)
      const { read } = b.store
      await flags(inbox, [2, 5], 'add', ['\\Seen', '\\Draft'])
      const since = read.highestModseq(inbox)!
      expect(since).to.equal(read.mailboxById(inbox)!.highestModseq)
      await flags(inbox, [7, 3], 'add', ['$Viec', 'Hai'])
      await flags(inbox, [5], 'remove', ['\\Seen'])
      const rowsOf = ({ uids, modseqs, system, keywords }: FlagColumns) =>
        Array.from(uids, (uid, i) => {
          const names = ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft'].filter(
            (_, bit) => system[i]! & (1 << bit),
          )
          return { uid, modseq: modseqs[i], flags: [...names, ...(keywords.get(uid) ?? '').split(' ').filter(Boolean)] }
        })
      const whole = b.rows(b.inbox(1)).map(({ uid, modseq, flags }) => ({ uid, modseq, flags }))
      expect(rowsOf(read.flagColumns(inbox, { from: 1, to: 2 ** 32 - 1, limit: 99 }))).to.deep.equal(whole)
      expect(rowsOf(read.flagColumns(inbox, { from: 3, to: 8, limit: 4 }))).to.deep.equal(whole.slice(2, 6))
      expect(rowsOf(read.flagColumns(inbox, { from: 50, to: 99, limit: 4 }))).to.deep.equal([])
      expect(rowsOf(read.flagColumnsSince(inbox, since, 3)!)).to.deep.equal([whole[2], whole[4], whole[6]])
      expect(read.flagColumnsSince(inbox, since, 2)).to.equal(undefined)
      expect(rowsOf(read.flagColumnsSince(inbox, since + 2, 2)!)).to.deep.equal([])
      expect(read.highestModseq(inbox + 99)).to.equal(undefined)
    })

    it('adds, removes and sets system flags and keywords', async () => {
      const inbox = await fill(2)
      await flags(inbox, [1, 2], 'add', ['\\Seen', '$Claimed'])
      await flags(inbox, [1], 'remove', ['\\SEEN', '$claimed'])
      const { changed } = await flags(inbox, [2], 'set', [
        '\\Answered',
        'Việc'.normalize('NFD').replaceAll(/[^A-Za-z]/g, ''),
      ])
      expect(changed[0]!.flags).to.deep.equal(['\\Answered', 'Viec'])
      expect(b.rows(b.inbox(1)).map((r) => r.flags)).to.deep.equal([[], ['\\Answered', 'Viec']])
      expect(b.inbox(1).unseen).to.equal(2)
    })

    it('counts what is unseen', async () => {
      const inbox = await fill(3)
      await flags(inbox, [1, 3], 'add', ['\\Seen'])
      expect(b.inbox(1).unseen).to.equal(1)
      await flags(inbox, [1, 2, 3], 'set', ['\\Seen'])
      expect(b.inbox(1).unseen).to.equal(0)
      await flags(inbox, [2], 'remove', ['\\Seen'])
      expect(b.inbox(1).unseen).to.equal(1)
    })

    it('raises MODSEQ with each change, and only then', async () => {
      const inbox = await fill(2)
      const before = b.inbox(1).highestModseq
      const { changed } = await flags(inbox, [1], 'add', ['\\Flagged'])
      expect(changed[0]!.modseq).to.equal(before + 1)
      const same = await flags(inbox, [1], 'add', ['\\Flagged'])
      expect(same.changed[0]!.modseq).to.equal(before + 1)
      expect(b.inbox(1).highestModseq).to.equal(before + 1)
      const rows = b.store.read.rows(inbox, { ranges: [[1, 99]], changedSince: before, limit: 10 })
      expect(rows.map((r) => r.uid)).to.deep.equal([1])
      expect(b.changes().filter((c) => c.kind === 'flags')).to.have.length(1)
    })

    it('lets one of two claims win', async () => {
      const inbox = await fill(1)
      const { modseq } = b.rows(b.inbox(1))[0]!
      const claims = await Promise.all([1, 2].map((n) => flags(inbox, [1, 7], 'add', [`$Claim${n}`], modseq)))
      expect(claims.map((c) => c.changed.length).toSorted()).to.deep.equal([0, 1])
      expect(claims.map((c) => c.modified).toSorted()).to.deep.equal([[], [1]])
    })

    it('tells of each change what the flags are now, in slices, of one run of UIDs as of many', async () => {
      const raw = text('Nhiều', 'x')
      const recipients = Array.from({ length: 1300 }, () => ({ account: 1, mailbox: 'INBOX', prefix: noPrefix }))
      await b.store.write('deliver', { raw, recipients, at })
      const inbox = b.inbox(1).id
      await flags(inbox, [3, 5], 'add', ['\\Seen', 'Viec'])
      await b.store.write('expunge', { mailbox: inbox, uids: [8], force: true })
      const told = async (uids: number[], op: 'add' | 'remove' | 'set', names: string[], quiet = false) => {
        const known = new Map(b.rows(b.inbox(1)).map((r) => [r.uid, r]))
        b.changes()
        const change = { op, flags: names }
        const done = await b.store.write('storeFlags', { mailbox: inbox, uids, change, quiet })
        if ('refused' in done) throw new Error(done.refused)
        const heard = b.changes().flatMap((c) => (c.kind === 'flags' ? [c] : []))
        for (const { uids, system, keywords, modseq } of heard)
          for (const [i, uid] of uids.entries()) {
            const now = {
              flags: ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft']
                .filter((_, bit) => system[i]! & (1 << bit))
                .concat(
                  keywords
                    ? keywords[i]!.split(' ').filter(Boolean)
                    : known.get(uid)!.flags.filter((f) => !f.startsWith('\\')),
                ),
              modseq,
            }
            known.set(uid, { ...known.get(uid)!, ...now })
          }
        expect(b.rows(b.inbox(1))).to.deep.equal([...known.values()])
        expect(done.gave.map((g) => ({ ...g, uids: [...g.uids] }))).to.deep.equal(
          heard.map(({ modseq, uids }) => ({ modseq, uids: [...uids] })),
        )
        return { changed: done.changed.map((c) => c.uid), told: heard.map(({ uids }) => uids.length) }
      }
      const all = Array.from({ length: 1310 }, (_, i) => i + 1)
      const there = all.filter((uid) => uid !== 8 && uid <= 1300)
      expect(await told(all, 'add', ['\\Flagged'])).to.deep.equal({ changed: there, told: [999, 300] })
      expect(await told(all, 'add', ['\\Flagged', '\\Seen'], true)).to.deep.equal({ changed: [], told: [997, 300] })
      expect(await told(all, 'add', ['\\Flagged'])).to.deep.equal({ changed: there, told: [] })
      expect(await told([9, 3, 9, 8, 7], 'remove', ['\\Seen'])).to.deep.equal({ changed: [3, 7, 9], told: [3] })
      expect(await told([9, 3, 9, 8, 5], 'set', ['Moi'])).to.deep.equal({ changed: [3, 5, 9], told: [3] })
      expect(await told([5], 'add', ['\\Draft'], true)).to.deep.equal({ changed: [], told: [1] })
      expect(await told([8], 'add', ['\\Draft'])).to.deep.equal({ changed: [], told: [] })
      expect(await told([], 'add', ['\\Draft'])).to.deep.equal({ changed: [], told: [] })
    })

    it('refuses what is no flag, and changes nothing', async () => {
      const inbox = await fill(1)
      for (const bad of ['\\Recent', '\\Foo', 'hai từ', '', 'a(b', 'x'.repeat(101)])
        expect(await flags(inbox, [1], 'add', ['\\Seen', bad]).catch((e: Error) => e.message), bad).to.match(
          /not a flag/,
        )
      expect(b.rows(b.inbox(1))[0]!.flags).to.deep.equal([])
    })

    it('works through a long list in slices, while others are served', async () => {
      const raw = text('Nhiều', 'x')
      const recipients = Array.from({ length: 2500 }, () => ({ account: 1, mailbox: 'INBOX', prefix: noPrefix }))
      await b.store.write('deliver', { raw, recipients, at })
      const inbox = b.inbox(1).id
      const uids = [...b.store.read.uids(inbox)]
      const order: string[] = []
      await Promise.all([
        flags(inbox, uids, 'add', ['\\Seen']).then(({ changed }) => order.push(`all ${changed.length}`)),
        b.store
          .write('deliver', { raw, recipients: [{ account: 2, mailbox: 'INBOX', prefix: noPrefix }], at })
          .then(() => order.push('other')),
      ])
      expect(order).to.deep.equal(['other', 'all 2500'])
      expect(b.inbox(1)).to.include({ unseen: 0, messages: 2500 })
      const marked = await b.store.write('storeFlags', {
        mailbox: inbox,
        uids: uids.slice(0, 1200),
        change: { op: 'add', flags: ['\\Deleted'] },
      })
      expect('changed' in marked && marked.changed.length).to.equal(1200)
      const gone = await b.store.write('expunge', { mailbox: inbox })
      expect('uids' in gone && gone.uids.length).to.equal(1200)
      expect(b.store.read.vanished(inbox, 0)).to.deep.equal(uids.slice(0, 1200))
    })
  })

  describe('expunge', () => {
    it('removes what is marked, never uses a UID again, and remembers what vanished', async () => {
      const inbox = await fill(4)
      await flags(inbox, [2, 4], 'add', ['\\Deleted'])
      const before = b.inbox(1).highestModseq
      expect(await b.store.write('expunge', { mailbox: inbox, uids: [1, 4] })).to.deep.include({ uids: [4] })
      expect(await b.store.write('expunge', { mailbox: inbox })).to.deep.include({ uids: [2] })
      expect(b.store.read.vanished(inbox, before)).to.deep.equal([2, 4])
      expect(b.store.read.vanished(inbox, before + 1)).to.deep.equal([2])
      await fill(1)
      expect([...b.store.read.uids(inbox)]).to.deep.equal([1, 3, 5])
    })

    it('does not touch unmarked messages unless forced', async () => {
      const inbox = await fill(2)
      expect(await b.store.write('expunge', { mailbox: inbox, uids: [1, 2] })).to.deep.include({ uids: [] })
      expect(await b.store.write('expunge', { mailbox: inbox, uids: [1], force: true })).to.deep.include({ uids: [1] })
    })
  })
}
