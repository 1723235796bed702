import { expect } from 'chai'
import { MessageGone } from '#mailserver/store/port.ts'
import { type Bench, noPrefix } from '../contract.ts'
import { text, withFile } from '../messages.ts'

const at = Date.UTC(2026, 10, 23)

export function queueContract(b: Bench): void {
  const send = (more: { handover?: string; raw?: Buffer; outside?: string[] } = {}) =>
    b.store.write('submit', {
      raw: more.raw ?? text('Gửi đi', 'xin chào'),
      from: 'an@haiduong.gov.vn',
      local: [{ account: 2, mailbox: 'INBOX', prefix: noPrefix }],
      outside: more.outside ?? ['a@example.com', 'b@example.com'],
      sent: { account: 1, mailbox: 'Sent' },
      ...(more.handover ? { handover: more.handover } : {}),
      at,
      messageId: 'm@x',
      smtputf8: true,
      eightBit: false,
    })

  describe('submission and queue', () => {
    it('delivers, keeps the copy in Sent and queues, in one step', async () => {
      const raw = withFile('Gửi tệp', 100_000)
      const { results, queued, duplicate } = await send({ raw })
      expect([results.length, queued.length, duplicate]).to.deep.equal([1, 2, false])
      expect(b.inbox(2).messages).to.equal(1)
      expect(b.mailbox(1, 'Sent')).to.include({ messages: 1, unseen: 0 })
      const rows = b.store.read.queue({ limit: 10 })
      expect(rows.map((r) => [r.from, r.to, r.state, r.smtputf8, r.eightBit])).to.deep.equal([
        ['an@haiduong.gov.vn', 'a@example.com', 'waiting', true, false],
        ['an@haiduong.gov.vn', 'b@example.com', 'waiting', true, false],
      ])
      expect(b.store.read.queueOctets(queued[0]!).equals(raw)).to.equal(true)
    })

    it('makes a repeated submission one', async () => {
      const first = await send({ handover: 'k' })
      expect(await send({ handover: 'k' })).to.deep.equal({ ...first, duplicate: true })
      expect(b.store.read.queueCounts().waiting).to.equal(2)
      expect(b.mailbox(1, 'Sent').messages).to.equal(1)
    })

    it('hands out due rows once, and again after a stop', async () => {
      await send()
      const { rows } = await b.store.write('queueTake', { now: at, limit: 1 })
      expect(rows.map((r) => [r.to, r.state])).to.deep.equal([['a@example.com', 'sending']])
      expect((await b.store.write('queueTake', { now: at, limit: 9 })).rows).to.have.length(1)
      expect((await b.store.write('queueTake', { now: at, limit: 9 })).rows).to.have.length(0)
      await b.reopen()
      expect((await b.store.write('queueTake', { now: at, limit: 9 })).rows).to.have.length(2)
    })

    it('hands out what a clock put off that has been put back', async () => {
      const { queued } = await send({ outside: ['a@example.com'] })
      for (const [nextAt, taken] of [
        [at + 4 * 3_600_000, 0],
        [at + 3650 * 86_400_000, 1],
      ] as const) {
        await b.store.write('queueSet', { id: queued[0]!, state: 'waiting', nextAt })
        expect((await b.store.write('queueTake', { now: at, limit: 9 })).rows).to.have.length(taken)
      }
    })

    it('records attempts, waits, ends, and gives the octets back', async () => {
      const { queued } = await send({ outside: ['a@example.com'] })
      const id = queued[0]!
      await b.store.write('queueTake', { now: at, limit: 9 })
      const attempt = { at, host: 'mx.example.com', reply: '451 later' }
      await b.store.write('queueResult', { id, attempt, state: 'waiting', nextAt: at + 60_000 })
      expect((await b.store.write('queueTake', { now: at, limit: 9 })).rows).to.have.length(0)
      expect((await b.store.write('queueTake', { now: at + 60_000, limit: 9 })).rows[0]!.attempts).to.deep.equal([
        attempt,
      ])
      await b.store.write('queueResult', { id, attempt: { ...attempt, reply: '250 ok' }, state: 'done' })
      expect(() => b.store.read.queueOctets(id)).to.throw(MessageGone)
      expect(b.store.read.queueCounts()).to.deep.equal({ waiting: 0, sending: 0, held: 0, done: 1, failed: 0 })
    })

    it('ends a failed row together with its report', async () => {
      const { queued } = await send({ outside: ['a@example.com'] })
      await b.store.write('queueTake', { now: at, limit: 9 })
      await b.store.write('queueResult', {
        id: queued[0]!,
        attempt: { at, host: 'mx', reply: '550 no' },
        state: 'failed',
        dsn: {
          raw: text('Không gửi được', '5.1.1'),
          local: [{ account: 1, mailbox: 'INBOX', prefix: noPrefix }],
          outside: ['boss@example.org'],
          messageId: 'd@x',
          eightBit: true,
        },
      })
      expect(b.inbox(1).messages).to.equal(1)
      const [report] = b.store.read.queue({ state: 'waiting', limit: 9 })
      expect(report).to.include({ from: '', to: 'boss@example.org' })
      expect(b.store.read.queueOctets(queued[0]!).length).to.be.greaterThan(0)
    })

    it('can be held, tried again and dropped by hand, but not while it is being sent', async () => {
      const { queued } = await send({ outside: ['a@example.com'] })
      const id = queued[0]!
      expect(await b.store.write('queueSet', { id, state: 'held' })).to.deep.equal({ ok: true })
      expect((await b.store.write('queueTake', { now: at, limit: 9 })).rows).to.have.length(0)
      expect(await b.store.write('queueSet', { id, state: 'waiting', nextAt: at - 1 })).to.deep.equal({ ok: true })
      expect((await b.store.write('queueTake', { now: at, limit: 9 })).rows).to.have.length(1)
      expect(await b.store.write('queueSet', { id, state: 'failed' })).to.deep.equal({ ok: false })
      expect(await b.store.write('queueSet', { id: 999, state: 'held' })).to.deep.equal({ ok: false })
    })
  })
}
