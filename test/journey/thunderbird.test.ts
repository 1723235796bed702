/** An official with a real Thunderbird: sets the account up, reads, marks, moves, and sends with an attachment, in own and shared folders. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { ImapFlow } from 'imapflow'
import { simpleParser } from 'mailparser'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { MailProgram } from './mailprogram.ts'
import { draftLicence, password, people } from './staff.ts'
import { preamble, setUp } from './thunderbird/scripts.ts'
import { canRun, Thunderbird } from './thunderbird/thunderbird.ts'

const shared = `Người khác/${people.head}/Lịch công tác`
const subject = 'Thẩm định hồ sơ số 12/BC-XB'
const office = 'Chung/motcua.stttt/INBOX'

describe('journey: Thunderbird', function () {
  this.timeout(90_000)
  let suite: TestSuite
  let colleague: MailProgram
  let thunderbird: Thunderbird

  before(async function () {
    if (!canRun()) return this.skip()
    suite = await startTestSuite({ CONGSO_RSPAMD: 'off' })
    colleague = await MailProgram.open(people.head, suite.ports)
    await as(people.head, async (imap) => {
      await imap.mailboxCreate('Lịch công tác')
      await imap.append('Lịch công tác', `From: ${people.head}\r\nSubject: Tuan 48\r\n\r\nHop giao ban.\r\n`)
    })
    const { code, out } = await suite.command(
      'share',
      'set',
      people.head,
      'Lịch công tác',
      people.clerk,
      '--rights',
      'lrs',
    )
    expect(code, out).to.equal(0)
    await colleague.send({
      to: people.clerk,
      subject,
      text: 'Đề nghị đồng chí thẩm định trước thứ Sáu.',
    })
    await colleague.send({ to: 'motcua.stttt@haiduong.gov.vn', subject: 'Hỏi về thủ tục', text: 'Kính gửi bộ phận.' })
    thunderbird = await Thunderbird.start()
  })
  after(async () => {
    await thunderbird?.[Symbol.asyncDispose]()
    await colleague?.[Symbol.asyncDispose]()
    await suite?.[Symbol.asyncDispose]()
  })

  it('signs in over STARTTLS and lists folders, those of the office and of others too', async () => {
    await thunderbird.run(setUp, people.clerk, password, suite.ports.imap, suite.ports.submission)
    await until('the folders', async () => {
      const names = await thunderbird.run<string[]>(`${preamble} return folders().map(nameOf)`)
      return ['INBOX', 'Sent', office, shared].every((name) => names.includes(name))
    })
  })

  it('shows a letter in its window; it is read then, on the server too', async () => {
    await thunderbird.run(`${preamble} openFolder(arguments[0])`, 'INBOX')
    const shown = await until('the letter on the page', async () => {
      await thunderbird.run(`${preamble} openLetter(arguments[0])`, subject)
      return thunderbird.run<string>(`${preamble} return shownText()`)
    })
    expect(shown).to.contain('Đề nghị đồng chí thẩm định trước thứ Sáu.')
    await picture('letter')
    await until('the letter to be read', () => as(people.clerk, (imap) => flags(imap, 'INBOX', subject, '\\Seen')))
  })

  it('stars it, labels it, and moves it to the archive', async () => {
    await thunderbird.run(
      `${preamble}
      const letter = find('INBOX', arguments[0])
      letter.folder.markMessagesFlagged([letter], true)
      letter.folder.addKeywordsToMessages([letter], '$label1')`,
      subject,
    )
    await until('star and label', () =>
      as(people.clerk, async (imap) => {
        return (await flags(imap, 'INBOX', subject, '\\Flagged')) && flags(imap, 'INBOX', subject, '$label1')
      }),
    )
    await thunderbird.run(
      `${preamble}
      const letter = find('INBOX', arguments[0])
      MailServices.copy.copyMessages(letter.folder, [letter], folder('Archive'), true, null, window.msgWindow, false)`,
      subject,
    )
    await until('the letter in the archive, with its marks', () =>
      as(people.clerk, (imap) => flags(imap, 'Archive', subject, '\\Flagged')),
    )
    expect(await as(people.clerk, (imap) => flags(imap, 'INBOX', subject, '\\Seen'))).to.equal(undefined)
  })

  it("reads and marks in a colleague's folder, and hears a new letter of the office without asking", async () => {
    await thunderbird.run(`${preamble} openFolder(arguments[0])`, shared)
    await until("the letter in the colleague's folder", () =>
      thunderbird.run<boolean>(`${preamble} return Boolean(find(arguments[0], 'Tuan 48'))`, shared),
    )
    await thunderbird.run(
      `${preamble} const letter = find(arguments[0], 'Tuan 48'); letter.folder.markMessagesRead([letter], true)`,
      shared,
    )
    await until('the mark at its owner', () =>
      as(people.head, (imap) => flags(imap, 'Lịch công tác', 'Tuan 48', '\\Seen')),
    )
    await thunderbird.run(`${preamble} openFolder(arguments[0])`, office)
    await until('the letter of the office', () => has(office, 'Hỏi về thủ tục'))
    await colleague.send({ to: 'motcua.stttt@haiduong.gov.vn', subject: 'Hỏi thêm', text: 'Kính gửi bộ phận.' })
    await until('the new letter of the office', () => has(office, 'Hỏi thêm'))
    await picture('office')
  })

  it('sends a letter with an attachment from its writing window, and keeps the copy', async () => {
    await thunderbird.run(
      `${preamble} await write(arguments[0], arguments[1], arguments[2])`,
      ...[people.head, 'Giấy phép dự thảo', draftLicence],
    )
    const arrived = await colleague.letter('INBOX', 'Giấy phép dự thảo')
    expect(arrived.text).to.contain('Kính chuyển đồng chí.')
    await as(people.head, async (imap) => {
      await imap.mailboxOpen('INBOX')
      const one = await imap.fetchOne(String(arrived.uid), { source: true }, { uid: true })
      const parsed = await simpleParser((one as { source: Buffer }).source)
      expect(parsed.attachments.map((each) => each.filename)).to.deep.equal(['giay-phep-du-thao.pdf'])
      expect(parsed.attachments[0]!.content.equals(readFileSync(draftLicence)), 'the same octets').to.equal(true)
    })
    await until('one copy in Sent', () =>
      as(people.clerk, (imap) => flags(imap, 'Sent', 'Giấy phép dự thảo', '\\Seen')),
    )
    const copies = await as(people.clerk, async (imap) => {
      await imap.mailboxOpen('Sent')
      return imap.search({ subject: 'Giấy phép dự thảo' })
    })
    expect(copies).to.have.length(1)
  })

  const has = (name: string, words: string) =>
    thunderbird.run<boolean>(`${preamble} return Boolean(find(...arguments))`, name, words)

  /** @returns whether the letter has the flag; undefined where there is none of that subject */
  async function flags(imap: ImapFlow, folder: string, words: string, flag: string): Promise<boolean | undefined> {
    await imap.mailboxOpen(folder)
    const all = await imap.fetchAll('1:*', { envelope: true, flags: true })
    return all.find((each) => each.envelope?.subject === words)?.flags?.has(flag)
  }

  /** For people to look at, where SHOTS names a folder. */
  const picture = async (name: string): Promise<void> => {
    const into = process.env['SHOTS']
    if (into) writeFileSync(join(into, `thunderbird-${name}.png`), await thunderbird.picture())
  }

  async function as<T>(user: string, work: (imap: ImapFlow) => Promise<T>): Promise<T> {
    const imap = new ImapFlow({
      host: '127.0.0.1',
      port: suite.ports.imap,
      secure: false,
      tls: { rejectUnauthorized: false }, // the suite's own certificate
      auth: { user, pass: password },
      logger: false,
    })
    await imap.connect()
    try {
      return await work(imap)
    } finally {
      await imap.logout()
    }
  }
})
