/** Mail fetched from another server: a private Dovecot, and one of our own under TLS. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { FoundMail, MailboxShown, RecordLine } from '#kit/directory/calls.ts'
import { startDovecot } from '#test/mailserver/imap/dovecot.ts'
import * as elsewhere from '#test/mailserver/imap/fixture.ts'
import { startFixture } from '#test/mailserver/imap/fixture.ts'
import { until } from '#test/until.ts'
import { type Administered, an, ha, register, startAdministered } from './service.ts'

const letter = (subject: string, body = 'Kính gửi.') =>
  `From: a@ngoai.vn\r\nSubject: ${subject}\r\nDate: Mon, 1 Jan 2024 08:00:00 +0700\r\n\r\n${body}\r\n`
type Sum = { found: number; added: number; skipped: { where: string; why: string }[] }

describe('import over IMAP', () => {
  let s: Administered
  beforeEach(async () => {
    s = await startAdministered({ maxMessageMb: '1' })
  })
  afterEach(() => s[Symbol.asyncDispose]())

  const from = (port: number, options: string[] = []) => [
    'import',
    'imap',
    '127.0.0.1',
    '--port',
    String(port),
    '--user',
    'u',
    '--security',
    'none',
    '--account',
    an,
    ...options,
  ]
  const run = async (argv: string[], input = 'x\n'): Promise<Sum> => {
    const done = await s.congso([...argv, '--json'], { input })
    expect(done.err).to.equal('')
    return JSON.parse(done.out) as Sum
  }
  const all = async (address = an) => (await s.json<{ found: FoundMail[] }>('mail', 'search', address, 'ALL')).found

  it('takes every folder of a Dovecot with flags, keywords and dates, once, and later what is new', async function () {
    const dovecot = await startDovecot()
    if (!dovecot) return this.skip()
    try {
      const { client, port } = dovecot
      await client.append('INBOX (\\Seen $Viec)', letter('một'))
      await client.append('INBOX "02-Mar-2024 09:00:00 +0700"', letter('hai'))
      await client.append('INBOX', letter('to', 'x'.repeat(1_100_000)))
      await client.ok('CREATE "D&HvE- &AOE-n.2025"')
      await client.append('"D&HvE- &AOE-n.2025" (\\Flagged \\Draft)', letter('ba'))
      await client.ok('CREATE Bon')
      await client.append('Bon', letter('bốn'))

      const dry = await s.congso([...from(port), '--dry-run', '--json'], { input: 'x\n' })
      expect(JSON.parse(dry.out)).to.include({ found: 4, added: 0 })
      expect(await all()).to.deep.equal([])
      const done = await s.congso([...from(port), '--json'], { input: 'x\n' })
      expect(done.code, 'one is left out').to.equal(1)
      const sum = JSON.parse(done.out) as Sum
      expect(sum).to.include({ found: 4, added: 4 })
      expect(sum.skipped).to.deep.equal([{ where: 'INBOX UID 3', why: 'larger than 1048576 octets' }])
      const found = await all()
      expect(found.map((m) => `${m.folder}: ${m.subject}`)).to.have.members([
        'INBOX: một',
        'INBOX: hai',
        'Dự án/2025: ba',
        'Bon: bốn',
      ])
      expect(found.find((m) => m.subject === 'hai')!.at).to.equal('2024-03-02T02:00:00.000Z')
      const flagged = async (query: string) =>
        (await s.json<{ found: FoundMail[] }>('mail', 'search', an, query)).found.map((m) => m.subject)
      expect(await flagged('KEYWORD $Viec SEEN')).to.deep.equal(['một'])
      expect(await flagged('FLAGGED DRAFT')).to.deep.equal(['ba'])
      expect(await client.ok('STATUS INBOX (UNSEEN)'), 'nothing is changed there').to.include('UNSEEN 2')

      await client.append('INBOX', letter('năm'))
      await s.ok('mail', 'expunge', an, 'INBOX', 'SUBJECT hai')
      const again = JSON.parse((await s.congso([...from(port), '--json'], { input: 'x\n' })).out) as Sum
      expect(again, 'what was removed here does not come back').to.include({ found: 5, added: 1 })
      expect((await all()).map((m) => m.subject)).to.have.members(['một', 'ba', 'bốn', 'năm'])
      expect((await s.json<RecordLine[]>('record', an)).find((l) => l.what === 'mail.import')!.detail).to.match(
        /^imap 127\.0\.0\.1:\d+ u$/,
      )
    } finally {
      dovecot.stop()
    }
  }).timeout(120_000)

  it('killed in the middle, it goes on', async function () {
    const dovecot = await startDovecot()
    if (!dovecot) return this.skip()
    try {
      for (let n = 0; n < 60; n++) await dovecot.client.append('INBOX', letter(`thư ${n}`, 'x'.repeat(300_000)))
      const killed = s.congso(from(dovecot.port), { input: 'x\n' })
      const messages = async () =>
        (await s.json<{ mailboxes: MailboxShown[] }>('mailbox', 'list', an)).mailboxes.find((m) => m.path === 'INBOX')!
          .messages
      await until('some to come', async () => (await messages()) > 0)
      killed.child.kill('SIGKILL')
      await killed
      const sum = await run(from(dovecot.port))
      expect(sum.found).to.equal(60)
      expect(await messages()).to.equal(60)
    } finally {
      dovecot.stop()
    }
  }).timeout(120_000)

  it('opens the mailbox of another for who may', async function () {
    const dovecot = await startDovecot(
      'passdb {\n  driver = static\n  master = yes\n  args = password=chung user=chu\n}\n',
    )
    if (!dovecot) return this.skip()
    try {
      await dovecot.client.append('INBOX', letter('của u'))
      const argv = from(dovecot.port).map((word) => (word === 'u' ? 'chu' : word))
      expect(await run([...argv, '--authorize-as', 'u'], 'chung\n')).to.include({ added: 1 })
      expect((await all()).map((m) => m.subject)).to.deep.equal(['của u'])
    } finally {
      dovecot.stop()
    }
  }).timeout(120_000)

  it('checks the certificate of the other server, and uses special folders', async () => {
    await using other = await startFixture()
    const client = await other.as(elsewhere.an)
    await client.append('Sent', letter('gửi đi'))
    await other.deliver(elsewhere.an, letter('đến'))
    const argv = [
      'import',
      'imap',
      'localhost',
      '--port',
      String(other.imap.ports.imaps),
      '--user',
      elsewhere.an,
      '--account',
      ha,
    ]
    const refused = await s.congso(argv, { input: `${elsewhere.password}\n` })
    expect(refused).to.include({ code: 1 })
    expect(refused.err).to.match(/localhost:\d+: .*(self-signed|certificate)/i)
    const ca = join(s.data, 'other.pem')
    writeFileSync(ca, other.tls.cert)
    expect(await run([...argv, '--ca', ca, '--folder', 'Máy chủ cũ'], `${elsewhere.password}\n`)).to.include({
      added: 2,
    })
    expect((await all(ha)).map((m) => `${m.folder}: ${m.subject}`)).to.have.members([
      'Máy chủ cũ: đến',
      'Máy chủ cũ/Sent: gửi đi',
    ])
    const wrong = await s.congso([...argv, '--ca', ca], { input: 'sai\n' })
    expect(wrong).to.include({ code: 1 })
    expect(wrong.err).not.to.equal('')
    expect(
      (await s.congso([...argv.slice(0, -1), register, '--ca', ca], { input: `${elsewhere.password}\n` })).code,
    ).to.equal(1)
  }).timeout(120_000)
})
