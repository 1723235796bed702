import { expect } from 'chai'
import { subsystem } from '#kit/log.ts'
import { type Expired, expire } from '#mailserver/upkeep/expire.ts'
import { an, domain, type Fixture, ha, mail, office, register, startFixture } from '#test/mailserver/imap/fixture.ts'

const day = 86_400_000

describe('expiry of Junk and Trash', () => {
  let f: Fixture
  const start = Date.parse('2026-11-25T02:00:00Z')
  beforeEach(async () => {
    f = await startFixture({ threads: 1 })
  })
  afterEach(() => f[Symbol.asyncDispose]())

  const put = (address: string, mailbox: string, at: number, n = 1) =>
    Promise.all(
      Array.from({ length: n }, (_, i) =>
        f.store.write('deliver', {
          raw: Buffer.from(mail(`thu ${mailbox} ${at} ${i}`)),
          at,
          recipients: [{ account: f.id(address), mailbox, prefix: new Uint8Array() }],
        }),
      ),
    )
  const count = (address: string, mailbox: string) => f.store.read.mailbox(f.id(address), mailbox)?.messages ?? 0
  const turn = async (days: number, more: { dryRun?: boolean; signal?: AbortSignal } = {}) => {
    const { accounts, store } = f
    const given = { accounts, store, log: subsystem('expiry'), now: () => start + days * day }
    return expire(given, { by: 'mailserver', ...more })
  }
  const folders = (lines: readonly Expired[]) => lines.map((l) => `${l.account} ${l.folder} ${l.messages}`).sort()

  it('removes after 30 days what came into Junk and Trash, and nothing else', async () => {
    await put(an, 'Junk', start, 3)
    await put(an, 'Trash', start)
    await put(an, 'Trash', start + 2 * day)
    await put(an, 'Trash/Cũ', start)
    await put(an, 'INBOX', start - 900 * day)
    await put(office, 'Trash', start, 450)
    expect((await turn(29)).expired).to.deep.equal([])
    const wouldBe = await turn(31, { dryRun: true })
    expect(folders(wouldBe.expired)).to.deep.equal([`${an} Junk 3`, `${an} Trash 1`, `${office} Trash 450`])
    expect(count(office, 'Trash')).to.equal(450)
    expect(f.accounts.record({ limit: 10 })).to.deep.equal([])
    const done = await turn(31)
    expect(folders(done.expired)).to.deep.equal(folders(wouldBe.expired))
    expect([count(an, 'Junk'), count(an, 'Trash'), count(an, 'Trash/Cũ'), count(an, 'INBOX')]).to.deep.equal([
      0, 1, 1, 1,
    ])
    expect(f.accounts.record({ account: office, limit: 10 })[0]).to.include({
      by: 'mailserver',
      what: 'expire',
      account: office,
    })
    expect((await turn(31)).expired, 'a second turn finds nothing').to.deep.equal([])
  })

  it('counts from when a letter was moved there, not from when it came', async () => {
    const c = await f.as(an)
    await put(an, 'INBOX', start - 400 * day)
    await c.ok('SELECT INBOX')
    await c.ok('MOVE 1 Trash')
    const moved = Date.now()
    const { accounts, store } = f
    const at = (now: number) =>
      expire({ accounts, store, log: subsystem('expiry'), now: () => now }, { by: 'mailserver' })
    expect((await at(moved + 29 * day)).expired).to.deep.equal([])
    expect((await at(moved + 31 * day)).expired).to.have.length(1)
  })

  it('goes by the narrowest setting: account, domain, all; 0 keeps for ever', async () => {
    for (const who of [an, ha]) {
      await put(who, 'Trash', start)
      await put(who, 'Junk', start)
    }
    f.accounts.setKeeping('', { junk: 0 })
    f.accounts.setKeeping(domain, { trash: 5 })
    f.accounts.setKeeping(ha, { trash: 0, junk: 7 })
    expect(f.accounts.keeping(an)).to.deep.equal({ junk: 0, trash: 5 })
    expect(f.accounts.keeping(ha)).to.deep.equal({ junk: 7, trash: 0 })
    expect(folders((await turn(6)).expired)).to.deep.equal([`${an} Trash 1`])
    expect(folders((await turn(800)).expired)).to.deep.equal([`${ha} Junk 1`])
    f.accounts.setKeeping(ha, { trash: null, junk: null })
    expect(f.accounts.keepingOf(ha)).to.deep.equal({})
    expect(folders((await turn(6)).expired)).to.deep.equal([`${ha} Trash 1`])
  })

  it('never touches a register, and stops when told to', async () => {
    await f.store.write('createMailbox', { account: f.id(register), path: 'Trash', specialUse: '\\Trash' })
    await put(register, 'Trash', start)
    await put(an, 'Trash', start)
    const stopped = await turn(99, { signal: AbortSignal.abort() })
    expect(stopped).to.deep.equal({ expired: [], stopped: true })
    expect(folders((await turn(99)).expired)).to.deep.equal([`${an} Trash 1`])
    expect(count(register, 'Trash')).to.equal(1)
  })
})
