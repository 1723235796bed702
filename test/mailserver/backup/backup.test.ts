/** Backups of a mail service that works meanwhile, put back and looked at through IMAP as mail programs do. */
import { createHash, randomBytes } from 'node:crypto'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { paths } from '#config/settings.ts'
import { createDirectory } from '#kit/directory/client.ts'
import { readSecrets } from '#mailserver/control/secrets.ts'
import { startMailserver } from '#mailserver/start.ts'
import { openStoreHost } from '#mailserver/store/open.ts'
import { type Administered, an, ha, password, startAdministered } from '#test/mailserver/admin/service.ts'
import { Client } from '#test/mailserver/imap/fixture.ts'
import { until } from '#test/until.ts'

type Taken = { generation: string; messages: number; copied: { files: number }; removed: string[] }

/** A letter whose attachment is large enough to be kept as a file. */
const letter = (n: number, octets = 0) =>
  Buffer.from(
    `From: a@ngoai.vn\r\nSubject: thu so ${n}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nKính gửi số ${n}.\r\n` +
      `--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n${randomBytes(octets).toString('base64').replaceAll(/.{76}/g, '$&\r\n')}\r\n--b--\r\n`,
  )

describe('backup', () => {
  let s: Administered
  let folder: string
  beforeEach(async () => {
    s = await startAdministered()
    folder = mkdtempSync(join(tmpdir(), 'congso-backup-'))
  })
  afterEach(async () => {
    await s[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })
  const backups = () => join(folder, 'backups')
  const back = () => join(folder, 'back')

  async function put(raw: Buffer, key: string, address = an): Promise<void> {
    using cli = s.directory('cli')
    await cli['mail.import']({
      address,
      folder: 'INBOX',
      messages: [{ raw, flags: [], at: new Date().toISOString(), key }],
      by: 'test@cli',
    })
  }
  const backup = (...more: string[]) => s.json<Taken>('backup', backups(), ...more)
  const restore = (...more: string[]) => s.congso(['--data', back(), 'restore', backups(), ...more])
  const onDisk = () => globSync('blobs/*/*', { cwd: backups() })

  /** The service on what was put back; the first one must have stopped. */
  async function serveRestored() {
    await s.stop()
    const server = await startMailserver({ settings: { ...s.settings, data: back() } })
    const clients: Client[] = []
    return {
      async as(address: string): Promise<Client> {
        const client = await imap(s.ports.imap)
        clients.push(client)
        await client.ok(`LOGIN ${address} "${password}"`)
        return client
      },
      async findings(): Promise<readonly string[]> {
        const secret = readSecrets(paths(back()).secret).get('cli')!
        using cli = createDirectory({ socket: paths(back()).control, process: 'cli', secret })
        return (await cli['store.verify']({})).findings
      },
      async [Symbol.asyncDispose]() {
        for (const client of clients) client.destroy()
        await server[Symbol.asyncDispose]()
      },
    }
  }
  async function imap(port: number): Promise<Client> {
    const client = new Client(connect(port, '127.0.0.1'))
    await client.until('\r\n')
    return client
  }

  it('taken while mail comes and goes, it holds every letter that was there when it began, octet for octet', async () => {
    const before = Array.from({ length: 12 }, (_, n) => letter(n, n % 3 === 0 ? 150_000 : 10))
    for (const [n, raw] of before.entries()) await put(raw, `before ${n}`)
    let busy = true
    let came = 0
    const traffic = (async () => {
      using cli = s.directory('cli')
      for (; busy; came++) {
        await put(letter(1000 + came, 100_000), `during ${came}`, ha)
        if (came % 2 === 1)
          await cli['mail.expunge']({
            address: ha,
            folder: 'INBOX',
            query: `UID ${came}`,
            dryRun: false,
            by: 'test@cli',
          })
      }
    })()
    await until('some traffic', () => came > 3)
    const atStart = came
    const taken = await backup()
    expect(came, 'mail came meanwhile').to.be.greaterThan(atStart)
    busy = false
    await traffic
    expect(taken.messages).to.be.at.least(before.length)
    const verified = await s.ok('verify', backups())
    expect(verified).to.match(/^1 backups, \d+ large parts: sound/)

    const done = await restore('--json')
    expect(done.err).to.equal('')
    expect(JSON.parse(done.out)).to.deep.include({ generation: taken.generation, findings: [] })
    await using restored = await serveRestored()
    const client = await restored.as(an)
    expect(await client.ok('SELECT INBOX')).to.include('* 12 EXISTS')
    for (const [n, raw] of before.entries()) {
      const answer = await client.ok(`FETCH ${n + 1} (BODY.PEEK[])`)
      const [, octets] = /\{(\d+)\}\r\n/.exec(answer)!
      const at = answer.indexOf('}\r\n') + 3
      expect(sha(Buffer.from(answer.slice(at, at + Number(octets)), 'latin1')), `letter ${n}`).to.equal(sha(raw))
    }
    expect(await restored.findings()).to.deep.equal([])
  })

  it('the next one copies what is new, and old ones go with what only they needed', async () => {
    await put(letter(1, 100_000), '1')
    const first = await backup()
    expect(first.copied.files).to.equal(1)
    await put(letter(2, 100_000), '2')
    const second = await backup()
    expect(second.copied.files).to.equal(1)
    expect(onDisk()).to.have.lengthOf(2)
    await s.ok('mail', 'expunge', an, 'INBOX', 'UID 1')
    await s.ok('mail', 'purge', an, 'ALL')
    const third = await backup('--keep', '2')
    expect(third).to.deep.include({ removed: [first.generation], messages: 1 })
    expect(third.copied.files).to.equal(0)
    expect(onDisk(), 'the second one still needs it').to.have.lengthOf(2)
    await backup('--keep', '1')
    expect(onDisk()).to.have.lengthOf(1)
    expect(await s.ok('verify', backups())).to.include('1 backups, 1 large parts: sound')
    expect((await s.ok('record')).split('backup').length, 'the record names each').to.be.greaterThan(4)
  })

  it('mail programs that saw what came later are not misled: no UID, mod-sequence or identifier is given out again', async () => {
    await put(letter(1), '1')
    await put(letter(2), '2')
    await backup()
    await put(letter(3), '3')
    const seen = await imap(s.ports.imap)
    await seen.ok(`LOGIN ${an} "${password}"`)
    await seen.ok('ENABLE QRESYNC')
    const selected = await seen.ok('SELECT INBOX')
    await seen.ok('UID STORE 1 +FLAGS (\\Flagged)')
    const later = await seen.ok('UID FETCH 3 (EMAILID)')
    const modseq = Number(/HIGHESTMODSEQ (\d+)/.exec(await seen.ok('STATUS INBOX (HIGHESTMODSEQ)'))![1])
    const validity = /UIDVALIDITY (\d+)/.exec(selected)![1]
    seen.destroy()
    expect((await restore()).code).to.equal(0)
    await using restored = await serveRestored()
    const client = await restored.as(an)
    await client.ok('ENABLE QRESYNC')
    const again = await client.ok(`SELECT INBOX (QRESYNC (${validity} ${modseq} 1:3))`)
    expect(again).to.include(`UIDVALIDITY ${validity}`)
    expect(again).to.match(/\* VANISHED \(EARLIER\) 3\r\n/)
    expect(again, 'its flag was lost').to.match(/\* 1 FETCH \(UID 1 .*FLAGS \(\)/)
    const changed = await client.ok(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${modseq})`)
    expect(changed.match(/FETCH \(UID/g), 'all are to be fetched again').to.have.lengthOf(2)
    const fresh = await client.append('INBOX', letter(4).toString('latin1'))
    expect(Number(/APPENDUID \d+ (\d+)/.exec(fresh)![1])).to.be.greaterThan(3)
    await client.ok('NOOP')
    const identifier = (text: string) => /EMAILID \((\w+)\)/.exec(text)![1]
    expect(identifier(await client.ok('FETCH 3 (EMAILID)'))).not.to.equal(identifier(later))
    expect(await restored.findings()).to.deep.equal([])
  })

  it('mail to the outside is held after it, unless it is asked for', async () => {
    await s.stop()
    {
      const store = await openStoreHost({ dir: paths(s.data).cell(1) })
      await store.write('submit', {
        raw: letter(1),
        from: an,
        local: [],
        outside: ['dan@ngoai.vn'],
        messageId: '<1@haiduong.gov.vn>',
        smtputf8: false,
        eightBit: true,
        at: Date.now(),
      })
      await store[Symbol.asyncDispose]()
    }
    await backup()
    const held = await restore('--json')
    expect(JSON.parse(held.out)).to.include({ held: 1 })
    rmSync(back(), { recursive: true })
    const sent = await restore('--send-queue', '--json')
    expect(JSON.parse(sent.out)).to.include({ held: 0 })
  })

  it('what is damaged is named, is not put back as if it were whole, and an earlier one still can be', async () => {
    await put(letter(1, 100_000), '1')
    const first = await backup()
    await put(letter(2, 100_000), '2')
    const second = await backup()
    flip(join(backups(), second.generation, 'data/accounts.sqlite'))
    const verified = await s.congso(['verify', backups()])
    expect(verified.code).to.equal(1)
    expect(verified.out).to.include(`${second.generation}: accounts.sqlite is not what was copied`)
    const refused = await restore()
    expect(refused.code).to.equal(1)
    expect(refused.err).to.include('accounts.sqlite is not what was copied')
    expect(statSync(back(), { throwIfNoEntry: false }), 'half of it').to.equal(undefined)
    expect((await restore('--generation', first.generation)).code).to.equal(0)

    const part = join(backups(), onDisk()[0]!)
    flip(part)
    expect((await s.congso(['verify', backups()])).out).to.include('has other octets than its name says')
    rmSync(part)
    expect((await s.congso(['verify', backups()])).out).to.include('is missing')
  })

  it('killed anywhere, a backup or a restore leaves nothing half, and the next one works', async () => {
    for (let n = 0; n < 30; n++) await put(letter(n, 200_000), `${n}`)
    const whole = await backup()
    for (const wait of [0, 1, 2]) {
      rmSync(join(backups(), 'blobs'), { recursive: true, force: true })
      const killed = s.congso(['backup', backups()])
      await until('it to begin', () => globSync('{.draft-*/data/*,blobs/*/*}', { cwd: backups() }).length > wait)
      killed.child.kill('SIGKILL')
      await killed
    }
    const after = await backup('--keep', '1')
    expect(globSync('.*', { cwd: backups() }), 'what a killed one left').to.deep.equal([])
    expect(after.removed).to.include(whole.generation)
    expect(await s.ok('verify', backups())).to.include('1 backups, 30 large parts: sound')

    const killed = restore()
    await until('it to begin', () => globSync('back.restoring/cells/1/blobs/*/*', { cwd: folder }).length > 2)
    killed.child.kill('SIGKILL')
    await killed
    expect(statSync(back(), { throwIfNoEntry: false })).to.equal(undefined)
    expect((await restore()).code).to.equal(0)
    await using restored = await serveRestored()
    expect(await restored.findings()).to.deep.equal([])
  })

  it('says no to a folder that has something in it, to two at once, and where there is no backup', async () => {
    mkdirSync(back())
    writeFileSync(join(back(), 'x'), '')
    await backup()
    const refused = await restore()
    expect(refused).to.include({ code: 1 })
    expect(refused.err).to.include('is not empty')
    const none = await s.congso(['--data', join(folder, 'other'), 'restore', join(folder, 'nothing')])
    expect(none).to.include({ code: 1 })
    expect(none.err).to.include('there is no folder')
    for (let n = 0; n < 20; n++) await put(letter(n, 200_000), `${n}`)
    const one = s.congso(['backup', backups()])
    await until('it to begin', () => globSync('.draft-*', { cwd: backups() }).length > 0)
    one.child.kill('SIGSTOP')
    const two = await s.congso(['backup', backups()])
    one.child.kill('SIGCONT')
    expect(two).to.include({ code: 1 })
    expect(two.err).to.include('in use by process')
    expect((await one).code).to.equal(0)
  })

  it('nobody but its owner can read it, and SQLite and sha256sum can', async () => {
    await put(letter(1, 100_000), '1')
    const { generation } = await backup()
    for (const file of globSync(`{${generation}/**,blobs/**}`, { cwd: backups() })) {
      const { mode } = statSync(join(backups(), file))
      expect(mode & 0o077, file).to.equal(0)
    }
    const [part] = onDisk()
    expect(part!.endsWith(sha(readFileSync(join(backups(), part!))))).to.equal(true)
    expect(
      readFileSync(join(backups(), generation, 'data/cells/1/cell.sqlite')).subarray(18, 20),
      'no log needed',
    ).to.deep.equal(Buffer.from([1, 1]))
  })
})

const sha = (octets: Buffer): string => createHash('sha256').update(octets).digest('hex')

function flip(file: string): void {
  const octets = readFileSync(file)
  const at = octets.length - 100
  octets[at] = octets[at]! ^ 1
  writeFileSync(file, octets)
}
