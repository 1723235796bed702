/**
 * A disk that is full, or becomes full in the middle of a delivery, at every door by which mail comes in: LMTP, submission, the edge
 * with its hand-over, with and without a Sieve script. The sender hears 4xx with the reason, what was acknowledged stays, nothing
 * is there twice after its retry, people sign in and read, and with room again all goes on without a restart.
 */
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadSettings, paths, ports, type Settings } from '#config/settings.ts'
import { createDirectory } from '#kit/directory/client.ts'
import { readSecrets } from '#mailserver/control/secrets.ts'
import { type Edge, startEdge } from '#mailserver/edge/start.ts'
import { type MailServer, startMailserver } from '#mailserver/start.ts'
import { province } from '#test/mailserver/control/service.ts'
import { Sender } from '#test/mailserver/edge/support/smtp.ts'
import { Client } from '#test/mailserver/imap/fixture.ts'
import { password, Talk } from '#test/mailserver/submission/fixture.ts'
import { freePortBase } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { describeOnSmallDisks, SmallDisk } from './support/smalldisk.ts'

/** of the disk; the store keeps a fifth of it free (mailserver/store/sqlite/room.ts) */
const DISK_MB = 48
const KEPT_FREE = Math.floor(0.2 * DISK_MB * 1024 ** 2)
/** below what the store keeps free, and enough for whatever else wants to write */
const NEARLY = Math.floor(KEPT_FREE / 2)

const ha = 'ha.tran@haiduong.gov.vn'
const lan = 'lan.pham@haiduong.gov.vn'
const moi = 'moi.nguoi@haiduong.gov.vn'
const stranger = 'an@partner.example'
const away =
  'require ["fileinto","mailbox","vacation","copy"]; fileinto :create "Việc"; redirect :copy "boss@partner.example"; vacation :days 1 "Tôi đi vắng.";'

describeOnSmallDisks('a full disk at every door', import.meta.filename, function () {
  this.timeout(120_000)
  let disk: SmallDisk
  let settings: Settings
  let server: MailServer
  let edge: Edge
  let cli: ReturnType<typeof createDirectory>

  before(async () => {
    disk = new SmallDisk(DISK_MB)
    settings = loadSettings(
      { data: join(disk.path, 'data'), portBase: String(await freePortBase()), rspamd: 'off', imapThreads: '1' },
      {},
    ).settings
    server = await startMailserver({ settings })
    edge = await startEdge({ settings })
    const { control, secret } = paths(settings.data)
    const as = (process: 'cli' | 'desk') =>
      createDirectory({ socket: control, process, secret: readSecrets(secret).get(process)! })
    cli = as('cli')
    await cli.provision({ province, passwords: { [ha]: password, [lan]: password } })
    await cli['account.add']({ address: moi, name: 'Người Mới', kind: 'person', password })
    using desk = as('desk')
    expect(
      await desk['filter.put']({ owner: lan, by: lan, name: 'đi vắng', text: away, activate: true }),
    ).to.deep.equal({
      faults: [],
    })
  })
  after(async () => {
    cli?.[Symbol.dispose]()
    await edge?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    disk?.[Symbol.dispose]()
  })
  afterEach(async () => {
    disk.makeRoom()
    expect((await cli['store.verify']({})).findings).to.deep.equal([])
    expect(readdirSync(join(paths(settings.data).cell(1), 'tmp')), 'half files').to.deep.equal([])
  })

  const at = () => ports(settings.portBase)
  async function imap(address: string): Promise<Client> {
    const client = new Client(connect(at().imap, '127.0.0.1'))
    await client.until('\r\n')
    await client.ok(`LOGIN ${address} "${password}"`)
    return client
  }
  /** how many letters with this word in their subject lie in a folder */
  async function count(address: string, folder: string, word: string): Promise<number> {
    const c = await imap(address)
    const selected = await c.command(`EXAMINE ${folder === 'Việc' ? 'Vi&Hsc-c' : folder}`)
    const found = /^OK/m.test(selected) ? await c.ok(`UID SEARCH SUBJECT ${word}`) : ''
    c.destroy()
    return /\* SEARCH([ \d]*)/.exec(found)?.[1]?.match(/\d+/g)?.length ?? 0
  }
  const queued = async (word: string) =>
    (await cli['queue.list']({ limit: 1000 })).rows.filter(
      (row) => row.messageId.includes(word) || row.to.includes(word),
    )

  type Door = (to: string, raw: string) => Promise<string>
  const doors: Record<string, Door> = {
    async LMTP(to, raw) {
      await using talk = await Talk.open(at().lmtp)
      await talk.say('LHLO lists')
      return await talk.mail(stranger, [to], raw)
    },
    async submission(to, raw) {
      await using talk = await Talk.open(at().submission)
      expect(await talk.signIn(ha)).to.match(/^235/)
      return await talk.mail(ha, [to], raw)
    },
    async edge(to, raw) {
      return (await Sender.send(at().smtp, { from: stranger, to: [to], message: raw })).at(-1)!
    },
  }
  const raw = (door: string, word: string, size: number) =>
    `From: <${door === 'submission' ? ha : stranger}>\r\nTo: <${lan}>\r\nSubject: ${word}\r\nMessage-ID: <${word}@partner.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nKính gửi ${word}\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines(randomBytes(size).toString('base64'))}\r\n--b--\r\n`
  const noRoom = /^45[02][ -]4\.3\.1 .*Disk is full.* \/ .*day/

  const levels = [
    ['nearly full', NEARLY],
    ['full to the last octet', 0],
  ] as const
  for (const [level, leave] of levels)
    for (const [door, send] of Object.entries(doors))
      for (const [who, to, folder] of [
        ['a mailbox', ha, 'INBOX'],
        ['a script', lan, 'Việc'],
      ] as const)
        it(`${level}, by ${door}, to ${who}: 4xx with the reason, and once after the retry`, async () => {
          const word = `w${randomBytes(6).toString('hex')}`
          const letter = raw(door, word, 90_000)
          disk.fill(leave)
          expect(await send(to, letter)).to.match(noRoom)
          expect(await send(to, letter)).to.match(noRoom)
          expect(await count(to, folder, word)).to.equal(0) // signs in, and reads
          expect(await queued(word)).to.have.length(0)
          disk.makeRoom()
          await until('250 with room again', async () => /^250/.test(await send(to, letter)))
          expect(await count(to, folder, word)).to.equal(1)
          if (to === lan) expect((await queued(word)).map((row) => row.to)).to.deep.equal(['boss@partner.example'])
        })

  it('room for one of the two files that a script makes of one letter: 4xx, and neither is left behind', async () => {
    const word = `w${randomBytes(6).toString('hex')}`
    const letter = raw('LMTP', word, 4_000_000)
    disk.fill(8_000_000)
    expect(await doors['LMTP']!(lan, letter)).to.match(noRoom)
    expect(readdirSync(join(paths(settings.data).cell(1), 'tmp'))).to.deep.equal([])
    expect(await queued(word)).to.have.length(0)
    disk.makeRoom()
    await until('250 with room again', async () => /^250/.test(await doors['LMTP']!(lan, letter)))
    expect(await count(lan, 'Việc', word)).to.equal(1)
  })

  it('people sign in on a full disk, for the first time too, and guesses are slowed', async () => {
    disk.fill(0)
    let slowed = 0
    for (let guess = 0; guess < 300; guess++) {
      await using talk = await Talk.open(at().submission)
      const answer = await talk.signIn(guess % 2 === 0 ? lan : `nobody${guess}@haiduong.gov.vn`, 'sai mật khẩu')
      expect(answer).to.match(/^(535|454)/)
      if (/^454/.test(answer)) slowed++
    }
    expect(slowed).to.be.above(200)
    const c = await imap(ha)
    await c.ok('SELECT INBOX')
    c.destroy()
    // from another place, since guesses have slowed this one
    await using fresh = new Talk(connect({ port: at().submission, host: '127.0.0.1', localAddress: '127.0.0.2' }))
    expect(await fresh.reply()).to.match(/^220/)
    expect(await fresh.signIn(moi)).to.match(/^235/)
  })

  it('mail larger than what the edge holds in memory hears 4xx, and comes in with room again', async () => {
    const word = `w${randomBytes(6).toString('hex')}`
    const letter = raw('edge', word, 2_000_000)
    disk.fill(0)
    const [, , refused] = await Sender.send(at().smtp, { from: stranger, to: [ha], message: letter })
    expect(refused, 'announced').to.match(noRoom)
    using unannounced = new Sender(at().smtp)
    await unannounced.reply()
    for (const line of ['EHLO a.example', `MAIL FROM:<${stranger}>`, `RCPT TO:<${ha}>`])
      expect(await unannounced.say(line)).to.match(/^250/)
    expect(await unannounced.data(letter)).to.match(noRoom)
    expect(await count(ha, 'INBOX', word)).to.equal(0)
    disk.makeRoom()
    await until('250 with room again', async () => /^250/.test(await doors['edge']!(ha, letter)))
    expect(await count(ha, 'INBOX', word)).to.equal(1)
  })
})

const lines = (text: string) => text.replaceAll(/.{76}/g, '$&\r\n')
