import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { type Bench, noPrefix } from '../contract.ts'
import { text } from '../messages.ts'

const at = Date.UTC(2026, 10, 23)
const REGISTER = 3
const sha = (s: string) => createHash('sha256').update(s).digest('hex')

export function ledgerContract(b: Bench): void {
  let sent = 0
  /** a command in the register's INBOX */
  const ask = async (id = `c${++sent}@x`) => {
    const { results } = await b.store.write('deliver', {
      raw: text(`Lệnh ${id}`, id),
      recipients: [{ account: REGISTER, mailbox: 'INBOX', prefix: noPrefix }],
      at,
    })
    return { id, uid: results[0]?.ok ? results[0].uid : 0 }
  }
  const commit = (
    command: { id: string; uid: number },
    expectedHead: number,
    more: { refused?: true; notices?: boolean; data?: string } = {},
  ) => {
    const data = more.data ?? JSON.stringify({ seq: expectedHead + 1, command: command.id })
    return b.store.write('ledgerCommit', {
      account: REGISTER,
      expectedHead,
      command,
      ...(more.refused
        ? {}
        : { entry: { raw: text(`Sự kiện ${command.id}`, data), data, messageId: `e${expectedHead + 1}@x` } }),
      year: 2026,
      notices: more.notices
        ? [
            {
              raw: text(`Báo ${command.id}`, 'đã xong'),
              from: 'so.stttt@haiduong.gov.vn',
              local: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix }],
              outside: ['dan@example.com'],
              messageId: `n-${command.id}`,
              smtputf8: false,
              eightBit: true,
            },
          ]
        : [],
      at,
    })
  }

  describe('ledgers', () => {
    it('appends the entry, files the command, delivers and queues, in one step', async () => {
      const command = await ask()
      expect(b.store.read.ledgerHead(REGISTER)).to.deep.equal({ seq: 0, hash: '0'.repeat(64) })
      expect(await commit(command, 0, { notices: true })).to.deep.equal({ result: 'committed', seq: 1 })
      const data = JSON.stringify({ seq: 1, command: command.id })
      expect(b.store.read.ledgerHead(REGISTER)).to.deep.equal({ seq: 1, hash: sha(data) })
      expect(b.store.read.ledgerEntries(REGISTER, 0, 10)).to.deep.equal([
        { seq: 1, prev: '0'.repeat(64), data, messageId: 'e1@x' },
      ])
      expect(b.store.read.ledgerOutcome(REGISTER, command.id)).to.deep.equal({ outcome: 'done', seq: 1 })
      expect(b.inbox(REGISTER).messages).to.equal(0)
      expect(b.mailbox(REGISTER, 'Ledger/2026')).to.include({ messages: 1, type: 'ledger' })
      expect(b.mailbox(REGISTER, 'Handled/2026')).to.include({ messages: 1, type: 'handled' })
      expect(b.inbox(1).messages).to.equal(1)
      expect(b.store.read.queueCounts().waiting).to.equal(1)
    })

    it('chains entries across folders', async () => {
      for (let i = 0; i < 3; i++) await commit(await ask(), i)
      const entries = b.store.read.ledgerEntries(REGISTER, 0, 10)
      expect(entries.map((e) => e.prev)).to.deep.equal(['0'.repeat(64), sha(entries[0]!.data), sha(entries[1]!.data)])
      expect(b.store.read.ledgerEntries(REGISTER, 1, 1).map((e) => e.seq)).to.deep.equal([2])
    })

    it('lets one of two commits with the same head win', async () => {
      const commands = [await ask(), await ask()]
      const results = await Promise.all(commands.map((c) => commit(c, 0)))
      expect(results.map((r) => r.result).toSorted()).to.deep.equal(['committed', 'wrong-head'])
      expect(results.every((r) => r.seq === 1)).to.equal(true)
      expect(b.inbox(REGISTER).messages).to.equal(1)
    })

    it('answers a repeat with the earlier outcome, and files the command if it came again', async () => {
      const command = await ask('same@x')
      await commit(command, 0, { notices: true })
      await commit(await ask(), 1)
      expect(await commit(command, 0, { notices: true })).to.deep.equal({ result: 'already', seq: 1 })
      const again = await ask('same@x')
      expect(await commit(again, 2, { notices: true })).to.deep.equal({ result: 'already', seq: 1 })
      expect(b.inbox(REGISTER).messages).to.equal(0)
      expect(b.mailbox(REGISTER, 'Handled/2026').messages).to.equal(3)
      expect(b.inbox(1).messages).to.equal(1)
    })

    it('uses up the id of a refused command, with its reply, and no entry', async () => {
      const command = await ask()
      expect(await commit(command, 0, { refused: true, notices: true })).to.deep.equal({ result: 'committed', seq: 0 })
      expect(b.store.read.ledgerOutcome(REGISTER, command.id)).to.deep.equal({ outcome: 'refused' })
      expect(await commit(command, 0)).to.deep.include({ result: 'already' })
      expect(b.store.read.ledgerHead(REGISTER).seq).to.equal(0)
      expect(b.inbox(1).messages).to.equal(1)
    })

    it('does nothing for a command that is not there, an entry with a wrong seq or prev, or an account that is no register', async () => {
      const command = await ask()
      const failed = async (p: Promise<unknown>) =>
        p.then(
          () => 'done',
          (e: Error) => e.message,
        )
      expect(await failed(commit({ id: 'x@y', uid: 99 }, 0))).to.match(/not in INBOX/)
      expect(await failed(commit(command, 0, { data: '{"seq":7}' }))).to.match(/names seq 7/)
      expect(await failed(commit(command, 0, { data: '{"seq":1,"prev":"00"}' }))).to.match(/prev 00/)
      expect(await failed(b.store.write('ledgerDeadLetter', { account: 1, uid: 1, why: 'x', at }))).to.match(
        /no register/,
      )
      expect(b.inbox(REGISTER).messages).to.equal(1)
      expect(b.store.read.ledgerHead(REGISTER).seq).to.equal(0)
    })

    it('refuses every change of Ledger and Handled, and all but deliveries in INBOX', async () => {
      await commit(await ask(), 0)
      await ask()
      const raw = text('Chen', 'vào')
      const inbox = b.inbox(REGISTER).id
      const mine = b.inbox(1).id
      await b.store.write('append', { mailbox: mine, raw, flags: [], internalDate: at })
      const no = { refused: 'append-only' }
      for (const path of ['Ledger', 'Ledger/2026', 'Handled', 'Handled/2026']) {
        const { id } = b.mailbox(REGISTER, path)
        expect(await b.store.write('append', { mailbox: id, raw, flags: [], internalDate: at }), path).to.deep.equal(no)
        expect(
          await b.store.write('storeFlags', { mailbox: id, uids: [1], change: { op: 'add', flags: ['\\Deleted'] } }),
        ).to.deep.equal(no)
        expect(await b.store.write('expunge', { mailbox: id, force: true })).to.deep.equal(no)
        for (const move of [true, false]) {
          expect(await b.store.write('copy', { from: mine, uids: [1], to: id, move })).to.deep.equal(no)
          expect(await b.store.write('copy', { from: id, uids: [1], to: mine, move })).to.deep.equal(no)
          expect(await b.store.write('copy', { from: inbox, uids: [2], to: id, move })).to.deep.equal(no)
        }
        expect(await b.store.write('renameMailbox', { account: REGISTER, from: path, to: 'Khác' })).to.deep.equal(no)
        expect(await b.store.write('deleteMailbox', { account: REGISTER, path })).to.deep.equal(no)
      }
      for (const path of ['Ledger/2027', 'Handled/x', 'Ledger/2026/a'])
        expect(await b.store.write('createMailbox', { account: REGISTER, path })).to.deep.equal(no)
      await b.store.write('createMailbox', { account: REGISTER, path: 'Thường' })
      expect(
        await b.store.write('renameMailbox', { account: REGISTER, from: 'Thường', to: 'Ledger/2030' }),
      ).to.deep.equal(no)
      expect(await b.store.write('append', { mailbox: inbox, raw, flags: [], internalDate: at })).to.deep.equal(no)
      expect(await b.store.write('copy', { from: mine, uids: [1], to: inbox, move: true })).to.deep.equal(no)
      expect(await b.store.write('renameMailbox', { account: REGISTER, from: 'INBOX', to: 'Cũ' })).to.deep.equal(no)
      const into = b.store.write('deliver', {
        raw,
        recipients: [{ account: REGISTER, mailbox: 'Ledger/2026', prefix: noPrefix }],
        at,
      })
      expect(
        await into.then(
          () => 'delivered',
          (e: Error) => e.message,
        ),
      ).to.match(/nothing is delivered/)
      expect(b.mailbox(REGISTER, 'Ledger/2026').messages).to.equal(1)
    })

    it('sets a dead letter aside with the reason, and takes it back by MOVE with its date', async () => {
      const { uid } = await ask()
      const before = b.rows(b.inbox(REGISTER))[0]!
      expect(
        await b.store.write('ledgerDeadLetter', { account: REGISTER, uid, why: 'khoá\r\nX-Evil: 1', at: at + 5 }),
      ).to.deep.equal({ ok: true })
      expect(await b.store.write('ledgerDeadLetter', { account: REGISTER, uid, why: 'lần hai', at })).to.deep.equal({
        ok: false,
      })
      const dead = b.mailbox(REGISTER, 'Dead letters')
      const letter = b.rows(dead)[0]!
      expect(b.octets(letter.message).toString()).to.match(/^Delivery-Failure: 2026-\S+Z; khoá X-Evil: 1\r\nFrom: /)
      expect(b.store.read.search(dead.id, { key: 'header', name: 'delivery-failure', value: 'khoa' })).to.deep.equal([
        letter.uid,
      ])
      const no = { refused: 'append-only' }
      expect(await b.store.write('copy', { from: dead.id, uids: [1], to: b.inbox(1).id, move: true })).to.deep.equal(no)
      expect(
        await b.store.write('copy', { from: dead.id, uids: [1], to: b.inbox(REGISTER).id, move: false }),
      ).to.deep.equal(no)
      expect(await b.store.write('expunge', { mailbox: dead.id, force: true })).to.deep.equal(no)
      expect(
        await b.store.write('copy', { from: dead.id, uids: [1], to: b.inbox(REGISTER).id, move: true }),
      ).to.have.property('pairs')
      const back = b.rows(b.inbox(REGISTER))[0]!
      expect(back).to.include({ internalDate: before.internalDate, content: before.content })
    })

    it('keeps to one ledger when four workers decide at once', async () => {
      const commands = await Promise.all(Array.from({ length: 24 }, () => ask()))
      const worker = async () => {
        for (const c of commands) {
          for (;;) {
            const { seq } = b.store.read.ledgerHead(REGISTER)
            const { result } = await commit(c, seq)
            if (result !== 'wrong-head') break
          }
        }
      }
      await Promise.all([worker(), worker(), worker(), worker()])
      expect(b.store.read.ledgerHead(REGISTER).seq).to.equal(24)
      expect(b.inbox(REGISTER).messages).to.equal(0)
    })
  })
}
