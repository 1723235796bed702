/** A clock that jumps between two starts of the suite: forward by a day, and back by more. Numbers still grow, people still get in. */
import { expect } from 'chai'
import { password, people } from '#test/journey/staff.ts'
import { Wire } from '#test/long/fuzz/wire.ts'
import { startTestSuite, type TestSuite } from '#test/suite.ts'

const noon = Date.UTC(2026, 10, 25, 5)
const hour = 3_600_000
const at = (ms: number) => ({ CONGSO_CLOCK: new Date(ms).toISOString() })

describe('a clock that jumps', function () {
  this.timeout(300_000)
  let suite: TestSuite
  before(async () => {
    suite = await startTestSuite({ CONGSO_RSPAMD: 'off', CONGSO_LOG_LEVEL: 'warn', ...at(noon) })
  })
  after(() => suite?.[Symbol.asyncDispose]())

  /** Delivers one letter, changes its flags, and sends one. @returns where the numbers of INBOX stand */
  async function use(): Promise<{ validity: number; next: number; modseq: number }> {
    const lmtp = await Wire.open({ port: suite.ports.lmtp, from: '127.0.0.1' }, { secured: false })
    await lmtp.until(/^220/m)
    await lmtp.ask('LHLO x', /^250 /m)
    await lmtp.ask('MAIL FROM:<a@ngoai.vn>', /^250/m)
    await lmtp.ask(`RCPT TO:<${people.officer}>`, /^250/m)
    await lmtp.ask('DATA', /^354/m)
    await lmtp.ask('From: a@ngoai.vn\r\nSubject: gio\r\n\r\nx\r\n.', /^250/m)
    lmtp.destroy()
    const submission = await Wire.open({ port: suite.ports.submission, from: '127.0.0.1' }, { secured: false })
    await submission.until(/^220/m)
    await submission.ask('EHLO x', /^250 /m)
    await submission.ask(`AUTH PLAIN ${Buffer.from(`\0${people.officer}\0${password}`).toString('base64')}`, /^235/m)
    await submission.ask(`MAIL FROM:<${people.officer}>`, /^250/m)
    await submission.ask(`RCPT TO:<${people.head}>`, /^250/m)
    await submission.ask('DATA', /^354/m)
    await submission.ask(`From: <${people.officer}>\r\nSubject: gio\r\n\r\nx\r\n.`, /^250/m)
    submission.destroy()
    const imap = await Wire.open({ port: suite.ports.imap, from: '127.0.0.1' }, { secured: false })
    await imap.until(/^\* OK/m)
    await imap.ask(`a LOGIN ${people.officer} "${password}"`, /^a OK/m)
    await imap.ask('b SELECT INBOX', /^b OK/m)
    await imap.ask('c STORE * +FLAGS (\\Flagged)', /^c OK/m)
    const status = await imap.ask('d STATUS INBOX (UIDVALIDITY UIDNEXT HIGHESTMODSEQ)', /STATUS[^\r]*\r\n/)
    imap.destroy()
    const number = (name: string) => Number(new RegExp(`${name} (\\d+)`).exec(status)![1])
    return { validity: number('UIDVALIDITY'), next: number('UIDNEXT'), modseq: number('HIGHESTMODSEQ') }
  }

  it('forward a day and back an hour before the start: UIDs and mod-sequences grow, nothing is lost', async () => {
    let last = await use()
    for (const clock of [noon + 24 * hour, noon - hour]) {
      await suite.stop()
      await suite.start(at(clock))
      const now = await use()
      expect(now.validity).to.equal(last.validity)
      expect(now.next).to.equal(last.next + 1)
      expect(now.modseq).to.be.above(last.modseq)
      last = now
    }
    expect((await suite.directory()['store.verify']({})).findings).to.deep.equal([])
    const { code, out } = await suite.command('verify')
    expect(code, out).to.equal(0)
  })
})
