/** A mail program asks for something about thousands of messages, and the server is killed in the middle of it: what a client finds then. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Client } from '#test/mailserver/imap/fixture.ts'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { password, people } from './staff.ts'

/** three transactions; the server is killed behind the second, after `done` */
const many = 2500
const done = 2000

describe('journey: a power cut in the middle of thousands of messages', function () {
  this.timeout(120_000)
  let suite: TestSuite
  let orders: string
  let c: Client

  before(async () => {
    orders = mkdtempSync(join(tmpdir(), 'congso-crash-'))
    suite = await startTestSuite({ CONGSO_CRASH_ORDER: join(orders, 'order'), CONGSO_RSPAMD: 'off' })
    const directory = suite.directory()
    for (let from = 1; from <= many; from += 100)
      await directory['mail.import']({
        address: people.officer,
        folder: 'INBOX',
        by: people.leader,
        messages: Array.from({ length: 100 }, (_, i) => ({
          raw: Buffer.from(
            `Subject: so ${from + i}\r\nMessage-ID: <${from + i}@vi-du.example>\r\n\r\nThu ${from + i}.\r\n`,
          ),
          flags: [],
          at: new Date().toISOString(),
          key: `${from + i}`,
        })),
      })
    c = await program()
  })
  after(async () => {
    c?.destroy()
    await suite?.[Symbol.asyncDispose]()
    rmSync(orders, { recursive: true, force: true })
  })

  const program = async (): Promise<Client> => {
    const client = new Client(connect(suite.ports.imap, '127.0.0.1'))
    await client.until('\r\n')
    await client.ok(`LOGIN ${people.officer} ${password}`)
    await client.ok('ENABLE QRESYNC')
    return client
  }
  /** The command is not answered; a new connection is open when this returns. */
  async function killedIn(command: string): Promise<void> {
    const order = join(orders, 'order')
    writeFileSync(order, 'store.betweenSlices 2')
    const said = await c.command(command).catch((err: Error) => err.message)
    expect(said, command).to.match(/closed while waiting/)
    expect(existsSync(order)).to.equal(false)
    c.destroy()
    c = await until('the server', () => program().catch(() => undefined))
  }
  const messages = async (folder: string) =>
    Number(/MESSAGES (\d+)/.exec(await c.ok(`STATUS ${folder} (MESSAGES)`))![1])
  /** What a program keeps of a folder, to come back to it by QRESYNC. */
  async function known(folder: string): Promise<string> {
    const said = await c.ok(`SELECT ${folder}`)
    return `${/UIDVALIDITY (\d+)/.exec(said)![1]} ${/HIGHESTMODSEQ (\d+)/.exec(said)![1]}`
  }
  /** How many have vanished since, and how many have changed. */
  async function news(folder: string, since: string): Promise<{ vanished: number; changed: number }> {
    const said = await c.ok(`SELECT ${folder} (QRESYNC (${since}))`)
    const vanished = [...said.matchAll(/^\* VANISHED \(EARLIER\) (\S+)\r$/gm)].flatMap(([, set]) => set!.split(','))
    return {
      vanished: vanished.reduce((sum, range) => {
        const [first, last = first] = range.split(':').map(Number)
        return sum + last! - first! + 1
      }, 0),
      changed: said.match(/^\* \d+ FETCH /gm)?.length ?? 0,
    }
  }

  it('STORE: each message is changed or not, and the program hears which', async () => {
    const before = await known('INBOX')
    await killedIn('STORE 1:* +FLAGS (\\Flagged)')
    expect(await news('INBOX', before)).to.deep.equal({ vanished: 0, changed: done })
    await c.ok('STORE 1:* +FLAGS.SILENT (\\Flagged)')
    expect(await c.ok('SEARCH RETURN (COUNT) FLAGGED')).to.contain(`COUNT ${many}`)
  })

  it('COPY: nothing is copied, and the next one copies all under other UIDs', async () => {
    const before = await known('Archive')
    await c.ok('SELECT INBOX')
    await killedIn('COPY 1:* Archive')
    expect(await messages('Archive')).to.equal(0)
    expect(await news('Archive', before)).to.deep.equal({ vanished: done, changed: 0 })
    await c.ok('SELECT INBOX')
    expect(await c.ok('COPY 1:* Archive')).to.match(new RegExp(`COPYUID \\d+ 1:${many} ${done + 1}:${done + many}\\]`))
    expect(await messages('Archive')).to.equal(many)
  })

  it('MOVE: each message is in one of the two', async () => {
    await c.ok('CREATE Sang')
    const before = await known('Archive')
    await killedIn('MOVE 1:* Sang')
    expect([await messages('Archive'), await messages('Sang')]).to.deep.equal([many - done, done])
    expect(await news('Archive', before)).to.deep.equal({ vanished: done, changed: 0 })
    await c.ok('MOVE 1:* Sang')
    expect([await messages('Archive'), await messages('Sang')]).to.deep.equal([0, many])
  })

  it('RENAME of INBOX: it is renamed', async () => {
    const before = await known('INBOX')
    await killedIn('RENAME INBOX Cu')
    expect([await messages('INBOX'), await messages('Cu')]).to.deep.equal([0, many])
    expect(await news('INBOX', before)).to.deep.equal({ vanished: many, changed: 0 })
    expect(await c.command('RENAME INBOX Cu')).to.match(/^NO \[ALREADYEXISTS\]/m)
  })

  it('EXPUNGE: what is left is marked still', async () => {
    await c.ok('SELECT Cu')
    await c.ok('STORE 1:* +FLAGS.SILENT (\\Deleted)')
    const before = await known('Cu')
    await killedIn('EXPUNGE')
    expect(await messages('Cu')).to.equal(many - done)
    expect(await news('Cu', before)).to.deep.equal({ vanished: done, changed: 0 })
    await c.ok('EXPUNGE')
    expect(await messages('Cu')).to.equal(0)
  })

  it('leaves a sound store', async () => {
    const { code, out } = await suite.command('verify')
    expect(code, out).to.equal(0)
  })
})
