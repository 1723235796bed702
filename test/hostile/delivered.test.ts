/**
 * Attacks carried out on a running register: real mail server, real edge, real worker. Each is answered or left lying, and
 * the ledger, the case and everybody's letters are as before.
 */
import { expect } from 'chai'
import { compose } from '#kit/mail/compose.ts'
import type { MailAccount } from '#kit/mail/imap.ts'
import { submit } from '#kit/mail/submit.ts'
import { type Edge, startEdge } from '#mailserver/edge/start.ts'
import { altered } from '#test/kit/message/support/samples.ts'
import { Sender } from '#test/mailserver/edge/support/smtp.ts'
import { until } from '#test/until.ts'
import { clerk, people, register } from '#test/workflow/ledger.ts'
import { TestMail } from '#test/workflow/mailserver.ts'

const scan = { name: 'to-khai.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.7\n') }
const id = 'AAAA-AAAA-A'

describe('attacks on a running register', function () {
  this.timeout(180_000)
  let mail: TestMail
  let edge: Edge
  let workers: AsyncDisposable
  let reader: ReturnType<TestMail['reader']>
  let box: MailAccount
  /** octets of the clerk's own command, sealed, as the register keeps them */
  let sealed: Buffer
  /** the sub-address at which somebody was asked, and who was not */
  let asked: string
  let handled: string

  before(async () => {
    mail = await TestMail.start()
    edge = await startEdge({ settings: mail.settings })
    workers = await mail.workers()
    reader = mail.reader()
    box = await mail.registerBox()
    const lodged = await mail.lodge(id, scan)
    const { seq } = await mail.entry(reader, lodged)
    const received = await mail.command({
      by: people.clerk,
      office: clerk,
      kind: 'dossier.receive',
      case: id,
      saw: seq,
    })
    await mail.entry(reader, received)
    await until('an empty INBOX', async () => (await box.counts('INBOX')).messages === 0)
    handled = (await box.folders()).map((f) => f.path).find((path) => path.startsWith('Handled/'))!
    const [uid] = await box.search({ folder: handled, query: { header: { 'message-id': received } } })
    sealed = await box.source({ folder: handled, uid: uid! })
    await using office = await mail.open(people.clerk)
    const letter = await until('the letter to the clerk', async () =>
      (await mail.letters(office, `Chung/${clerk.split('@')[0]}/INBOX`)).find(
        (m) => m.is === 'notice' && m.notice.asks.length > 0,
      ),
    )
    asked = letter.head.replyTo!
  })
  after(async () => {
    await box?.[Symbol.asyncDispose]()
    reader?.[Symbol.dispose]()
    await workers?.[Symbol.asyncDispose]()
    await edge?.[Symbol.asyncDispose]()
    await mail?.[Symbol.asyncDispose]()
  })

  let senders = 0
  const standing = async () => ({
    head: await mail.directory('workers')['ledger.head']({ ledger: register }),
    entries: reader.entries(id).length,
    queued: (await mail.directory('cli')['queue.list']({ limit: 500 })).rows.length,
  })
  const viaEdge = async (raw: Buffer, to = register, from = 'x@outside.example') =>
    (await Sender.send(edge.port, { from, to: [to], message: raw })).at(-1)!

  /** From outside through the edge. `left`: stays in INBOX for the clerk; `filed`: with the first; `door`: refused there. */
  const attacks: [what: string, raw: () => Buffer, outcome: 'left' | 'door' | 'filed'][] = [
    ['the clerk’s own command sent again', () => sealed, 'filed'],
    [
      'the same with a field put above',
      () => Buffer.concat([Buffer.from('CongSo-Kind: dossier.issue\r\n'), sealed]),
      'left',
    ],
    [
      'the same with a second From',
      () => Buffer.concat([Buffer.from('From: minh.le@haiduong.gov.vn\r\n'), sealed]),
      'left',
    ],
    [
      'the same with a new Message-ID',
      () => altered(sealed, /Message-ID: <[^>]+>/i, 'Message-ID: <new@haiduong.gov.vn>'),
      'left',
    ],
    [
      'the same for another kind',
      () => altered(sealed, 'CongSo-Kind: dossier.receive', 'CongSo-Kind: dossier.issue'),
      'left',
    ],
    ['the same with another body', () => Buffer.concat([sealed, Buffer.from('x\r\n')]), 'left'],
    [
      'the same without its seal',
      () => Buffer.from(sealed.toString('latin1').replace(/DKIM-Signature:.*?\r\n(?=\S)/gs, ''), 'latin1'),
      'door',
    ],
    [
      'our fields from a stranger',
      () =>
        Buffer.from(
          `From: x@outside.example\r\nTo: ${register}\r\nMessage-ID: <s${Math.random()}@x>\r\nCongSo-Kind: dossier.receive\r\nCongSo-Case: ${id}\r\n\r\nTIẾP NHẬN\r\n`,
        ),
      'left',
    ],
    [
      'an answer from a stranger',
      () =>
        Buffer.from(
          `From: x@outside.example\r\nTo: ${asked}\r\nMessage-ID: <t${Math.random()}@x>\r\n\r\nCHUYỂN: phongbcxb\r\n`,
        ),
      'left',
    ],
  ]
  for (const [what, raw, outcome] of attacks)
    it(`${what} changes nothing`, async () => {
      const before = await standing()
      const lying = (await box.counts('INBOX')).messages
      // another sender each time: sender, Message-ID and body are what the store knows a repeat by
      const reply = await viaEdge(raw(), register, `x${++senders}@outside.example`)
      expect(reply).to.match(outcome === 'door' ? /^550/ : /^250/)
      // a command that counts is sent behind it: when that one is answered, the worker has seen this one too
      await probe()
      expect((await box.counts('INBOX')).messages - lying).to.equal(outcome === 'left' ? 1 : 0)
      const now = await standing()
      expect({ ...now, queued: before.queued }).to.deep.equal(before)
      expect(now.queued, 'letters to the outside').to.equal(before.queued)
    })

  it('a vacation reply to our letter is left lying, and not answered', async () => {
    const before = await standing()
    const raw = await compose({
      from: { address: people.clerk },
      to: [{ address: asked }],
      subject: 'Tự động trả lời',
      messageId: `v${Date.now()}@haiduong.gov.vn`,
      date: new Date(),
      headers: [{ name: 'Auto-Submitted', value: 'auto-replied' }],
      text: 'CHUYỂN: phongbcxb\n',
    })
    await submit(mail.access('submission', people.clerk), { from: people.clerk, to: [asked], raw })
    await probe()
    expect(await standing()).to.deep.equal(before)
    await using own = await mail.open(people.clerk)
    expect((await own.counts('INBOX')).messages).to.equal(0)
  })

  it('an answer by someone who was not asked is refused, and says so', async () => {
    const before = await standing()
    const sent = await mail.reply({ by: people.officer, to: asked, line: 'CHUYỂN: phongbcxb' })
    await using officer = await mail.open(people.officer)
    const letter = await until('the refusal', async () =>
      (await mail.letters(officer, 'INBOX')).find((m) => m.head.inReplyTo === sent),
    )
    expect(letter.head.autoSubmitted).to.equal('auto-replied')
    expect(await standing()).to.deep.equal(before)
  })

  it('nothing is put into the ledger, moved out of it or removed by its owner', async () => {
    const folders = (await box.folders()).map((f) => f.path).filter((path) => /^(Ledger|Handled)\//.test(path))
    expect(folders.length).to.be.greaterThan(1)
    for (const folder of folders) {
      const [uid] = await box.search({ folder, query: { all: true } })
      for (const attempt of [
        () => box.append({ folder, raw: sealed }),
        () => box.move({ folder, uids: [uid!], to: 'Dead letters' }),
        () => box.expunge({ folder, uids: [uid!] }),
        () => box.deleteFolder(folder),
        () => box.renameFolder(folder, 'x'),
      ])
        expect(
          await attempt().then(
            () => 'done',
            (err: Error) => err.name,
          ),
          `${attempt}`,
        ).to.equal('Refusal')
      expect(await box.search({ folder, query: { uid: String(uid) } })).to.deep.equal([uid])
    }
  })

  /**
   * A command of somebody who has no right to it, sent behind an attack: when it is filed, the worker has seen the attack too.
   * Several people in turn: after five refusals in an hour a sender gets no more.
   */
  let probes = 0
  async function probe(): Promise<void> {
    const by = [people.officer, people.leader, people.head][probes++ % 3]!
    const sent = await mail.command({ by, kind: 'dossier.receive', case: id, saw: 1 })
    await until(
      'the probe to be filed',
      async () => (await box.search({ folder: handled, query: { header: { 'message-id': sent } } })).length > 0,
    )
  }
})
