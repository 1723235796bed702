import { expect } from 'chai'
import { subsystem } from '#kit/log.ts'
import { purge } from '#mailserver/upkeep/purge.ts'
import { an, type Fixture, ha, mail, startFixture } from '#test/mailserver/imap/fixture.ts'

const day = 86_400_000

describe('purging deleted mail', () => {
  let f: Fixture
  const start = Date.parse('2026-11-25T02:00:00Z')
  beforeEach(async () => {
    f = await startFixture({ threads: 1 })
  })
  afterEach(() => f[Symbol.asyncDispose]())

  async function remove(address: string, at: number, n = 1, body = 'x') {
    const mailbox = f.store.read.mailbox(f.id(address), 'INBOX')!.id
    const messages = Array.from({ length: n }, (_, i) => ({
      raw: Buffer.from(mail(`thu ${at} ${i}`, body)),
      flags: [],
      internalDate: at,
    }))
    await f.store.write('appendAll', { mailbox, messages })
    await f.store.write('expunge', { mailbox, force: true, keep: { by: address, at } })
  }
  const left = (address: string) => f.store.read.deletedMailbox(f.id(address))?.messages ?? 0
  const turn = (now: number, more: { days?: number; most?: number } = {}, signal?: AbortSignal) =>
    purge({ store: f.store, days: 14, most: 1e9, now: () => now, log: subsystem('purge'), ...more }, signal)

  it('takes what was deleted longer ago than it is kept, of everybody, and nothing else', async () => {
    await remove(an, start, 450)
    await remove(ha, start + day, 3)
    await remove(an, start + 2 * day, 2)
    expect(await turn(start + 14 * day)).to.deep.equal({ messages: 0, octets: 0 })
    expect(await turn(start + 15 * day + 1)).to.deep.include({ messages: 453 })
    expect([left(an), left(ha)]).to.deep.equal([2, 0])
    expect((await turn(start + 3 * day, { days: 0 })).messages, 'nothing is kept').to.equal(2)
    expect(left(an)).to.equal(0)
  })

  it('takes the oldest of an account that keeps too much', async () => {
    for (const [i, at] of [start, start + 1, start + 2].entries()) await remove(an, at, 1, `${i}`.repeat(1000))
    await remove(ha, start, 1)
    const { size, id } = f.store.read.deletedMailbox(f.id(an))!
    await turn(start + 3, { most: size - 1 })
    expect(f.store.read.deleted(id, [...f.store.read.uids(id)]).map((d) => d.at)).to.deep.equal([start + 1, start + 2])
    expect(left(ha)).to.equal(1)
  })

  it('stops when told to', async () => {
    await remove(an, start)
    expect(await turn(start + 99 * day, {}, AbortSignal.abort())).to.deep.equal({ messages: 0, octets: 0 })
    expect(left(an)).to.equal(1)
  })
})
