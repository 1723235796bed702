import { expect } from 'chai'
import { simpleParser } from 'mailparser'
import { limitsOf } from '#mailserver/store/limits.ts'
import { QuotaWatch } from '#mailserver/upkeep/quotawatch.ts'
import { an, domain, type Fixture, startFixture } from '#test/mailserver/imap/fixture.ts'
import { until } from '#test/until.ts'

const quota = 1_000_000
const letter = (subject: string, octets: number) =>
  Buffer.from(`From: <dan@example.com>\r\nSubject: ${subject}\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(octets / 72)}`)

describe('quota', () => {
  let f: Fixture
  let stops: AsyncDisposable[]
  beforeEach(async () => {
    f = await startFixture({ quota, threads: 1 })
    stops = []
  })
  afterEach(async () => {
    for (const stop of stops) await stop[Symbol.asyncDispose]()
    await f[Symbol.asyncDispose]()
  })

  function watch(over: Partial<ConstructorParameters<typeof QuotaWatch>[0]> = {}): QuotaWatch {
    const { accounts, store } = f
    const watching = new QuotaWatch({
      accounts,
      store,
      hostname: 'mail.test',
      seal: async (raw) => raw,
      now: Date.now,
      ...over,
    })
    stops.push(watching)
    return watching
  }
  const deliver = (octets: number, mailbox = 'INBOX') =>
    f.store.write('deliver', {
      raw: letter(`${mailbox} ${octets} ${Math.random()}`, octets),
      at: Date.now(),
      recipients: [{ account: f.id(an), mailbox, prefix: new Uint8Array(), ...limitsOf(f.accounts.byAddress(an)!) }],
    })
  async function warnings(): Promise<{ subject: string; text: string; auto: string }[]> {
    const inbox = f.store.read.mailbox(f.id(an), 'INBOX')!
    const rows = f.store.read.rows(inbox.id, { ranges: [[1, 0xffff_ffff]], limit: 1000 })
    const all = await Promise.all(
      rows
        .filter((r) => r.flags.includes('\\Flagged'))
        .map((r) => simpleParser(Buffer.concat([...f.store.read.octets(r.message)].map((p) => Buffer.from(p))))),
    )
    return all.map((m) => ({
      subject: m.subject ?? '',
      text: m.text ?? '',
      auto: String(m.headers.get('auto-submitted')),
    }))
  }
  const told = (n: number) => until(`${n} warnings`, async () => (await warnings()).length === n)

  it('tells the owner at 80 and at 95 per cent, once each, and again after the mailbox fell below', async () => {
    watch()
    await deliver(700_000, 'Hồ sơ')
    await deliver(120_000)
    await told(1)
    const [first] = await warnings()
    expect(first!.subject).to.contain('quá 80 %')
    expect(first!.auto).to.equal('auto-generated')
    expect(first!.text).to.match(/700 KB\s+Hồ sơ \(1 thư\)/)
    expect(first!.text).to.contain(`quantri@${domain}`)
    await deliver(20_000) // still between the levels
    await deliver(120_000)
    await told(2)
    expect((await warnings())[1]!.subject).to.contain('quá 95 %')

    const folder = f.store.read.mailbox(f.id(an), 'Hồ sơ')!
    await f.store.write('expunge', { mailbox: folder.id, force: true })
    await until('the level to fall', () => f.accounts.quotaTold(f.id(an)).level === 0)
    await deliver(560_000, 'Hồ sơ')
    await told(3)
    expect(f.accounts.quotaTold(f.id(an))).to.deep.equal({ level: 80, letters: 3 })
    expect((await warnings())[2]!.subject).to.contain('quá 80 %')
  })

  it('tells of what happened while nobody looked, and not twice when it dies between the letter and its note', async () => {
    await deliver(960_000)
    const dies = watch({
      accounts: {
        ...f.accounts,
        tellQuota() {
          throw new Error('killed here')
        },
      },
      log: { ...console, fatal: () => {}, error: () => {} } as never,
    })
    await told(1)
    await dies[Symbol.asyncDispose]()
    expect(f.accounts.quotaTold(f.id(an)).letters).to.equal(0)
    watch()
    await until('the note', () => f.accounts.quotaTold(f.id(an)).level === 95)
    expect(await warnings()).to.have.length(1)
  })

  it('hears of a smaller quota, and says nothing to who has none', async () => {
    const quotas = watch()
    await deliver(300_000)
    await f.accounts.setAccount(an, { quota: 320_000 })
    quotas.look(f.id(an))
    await told(1)
    expect((await warnings())[0]!.subject).to.contain('quá 80 %')
  })

  it('counts messages where their number is limited, and tells IMAP so (RFC 9208)', async () => {
    await f.accounts.setAccount(an, { mostMessages: 3 })
    const c = await f.as(an)
    for (let n = 0; n < 3; n++) await c.append('INBOX', letter(`n${n}`, 144))
    expect(await c.ok('GETQUOTAROOT INBOX')).to.match(/\(STORAGE \d+ 976 MESSAGE 3 3\)/)
    expect(await c.append('INBOX', letter('four', 144))).to.match(/^NO \[OVERQUOTA\]/)
    const { results } = await deliver(144)
    expect(results[0]).to.deep.equal({ ok: false, why: 'over-quota' })
    // official mail has no limits
    const official = await f.store.write('deliver', {
      raw: letter('công văn', 144),
      at: Date.now(),
      recipients: [{ account: f.id(an), mailbox: 'INBOX', prefix: new Uint8Array() }],
    })
    expect(official.results[0]).to.include({ ok: true })
    await f.accounts.setAccount(an, { mostMessages: null })
    expect(await c.ok('GETQUOTAROOT INBOX')).to.match(/\(STORAGE \d+ 976\)/)
    expect(await c.append('INBOX', letter('five', 144))).to.match(/^OK/)
  })

  it('lets a full mailbox be emptied by copies into the trash, and into no other folder', async () => {
    await f.accounts.setAccount(an, { mostMessages: 2 })
    const c = await f.as(an)
    await c.append('INBOX', letter('a', 450_000))
    await c.append('INBOX', letter('b', 450_000))
    await c.ok('SELECT INBOX')
    expect(await c.command('COPY 1:2 Archive')).to.match(/^NO \[OVERQUOTA\]/)
    expect(await c.command('COPY 1:2 Trash')).to.match(/^OK/)
    expect(await c.command('COPY 1:2 Trash'), 'twice of it is all').to.match(/^NO \[OVERQUOTA\]/)
    await c.ok('STORE 1:2 +FLAGS.SILENT (\\Deleted)')
    await c.ok('EXPUNGE')
    expect(f.store.read.usage(f.id(an)).messages).to.equal(2)
  })
})
