/**
 * A power cut at every step of a delivery that scripts decide about, from the world and by LMTP. The sender repeats what was not
 * answered, and in the end everything has happened once: what is filed, edited and refused, and what goes out.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { compose } from '#kit/mail/compose.ts'
import type { CrashPoint } from '#kit/process/crash.ts'
import { Talk } from '#test/mailserver/submission/fixture.ts'
import { startTestSuite, type TestSuite } from '#test/suite.ts'
import { until } from '#test/until.ts'
import { MailProgram } from './mailprogram.ts'
import { outside } from './outside.ts'
import { people } from './staff.ts'

const elsewhere = 'chuyen@noi-khac.example'
/** What a repeat that was not known for one would leave: a letter in Trùng, or a second one in Lọc. */
const filing = `require ["fileinto", "mailbox", "copy", "editheader", "vacation", "fcc", "duplicate"];
if duplicate { fileinto :create "Trùng"; stop; }
addheader "X-Loc" "mot";
fileinto :create "Lọc";
redirect :copy "${elsewhere}";
vacation :fcc "Sent" "Tôi đi công tác.";`
/** The protocol cannot carry these words, so that a report goes to the sender. */
const rejecting = 'require "reject"; reject "Không nhận thư này.";'
/** Once it has the letter, it would refuse it. */
const refusingRepeats = 'require ["duplicate", "ereject"]; if duplicate { ereject "seen already"; }'

type Route = 'edge' | 'lmtp'
const walk: readonly (readonly [Route, CrashPoint])[] = [
  ['edge', 'edge.beforeHandover'],
  ['edge', 'edge.afterHandover'],
  ...(['store.beforeCommit', 'store.afterCommit', 'outbound.beforeAttempt', 'outbound.afterAttempt'] as const).map(
    (point) => ['edge', point] as const,
  ),
  // the same octets again are another message by LMTP, so only a step before the commit is to leave everything once
  ['lmtp', 'store.beforeCommit'],
]

describe('journey: a power cut while scripts file', function () {
  this.timeout(120_000)
  let suite: TestSuite
  let orders: string
  let officer: MailProgram
  let head: MailProgram
  let leader: MailProgram

  before(async () => {
    orders = mkdtempSync(join(tmpdir(), 'congso-crash-'))
    suite = await startTestSuite({ CONGSO_CRASH_ORDER: join(orders, 'order'), CONGSO_RSPAMD: 'off' })
    for (const [owner, text] of [
      [people.officer, filing],
      [people.head, rejecting],
      [people.leader, refusingRepeats],
    ] as const) {
      const by = people.leader
      const { faults } = await suite.directory()['script.put']({ owner, name: 'main', text, activate: true, by })
      expect(faults).to.deep.equal([])
    }
    ;[officer, head, leader] = (await Promise.all(
      [people.officer, people.head, people.leader].map((a) => MailProgram.open(a, suite.ports)),
    )) as [MailProgram, MailProgram, MailProgram]
  })
  after(async () => {
    await Promise.all([officer, head, leader].map((p) => p?.[Symbol.asyncDispose]()))
    await suite?.[Symbol.asyncDispose]()
    rmSync(orders, { recursive: true, force: true })
  })

  for (const [route, point] of walk)
    it(`${point}, by ${route}: everything once`, async () => {
      const word = `Thư ${route} ${point}`
      const sender = `${route}.${point}@vi-du.example`.toLowerCase()
      await until('the queue to be empty', async () => (await queued()) === 0)
      const order = join(orders, 'order')
      writeFileSync(order, point)
      await send(route, sender, word)
      await until('the queue to be empty', async () => !existsSync(order) && (await queued()) === 0)

      expect(await officer.count('Lọc', word)).to.equal(1)
      expect(await officer.header('Lọc', word, 'X-Loc')).to.equal('mot')
      for (const folder of ['INBOX', 'Trùng'])
        if ((await officer.folders()).includes(folder)) expect(await officer.count(folder, word), folder).to.equal(0)
      expect(await officer.count('Sent', `Auto: ${word}`), 'the copy of the answer').to.equal(1)
      expect(await head.count('INBOX', word), 'what was rejected').to.equal(0)
      expect(await leader.count('INBOX', word)).to.equal(1)

      const sink = outside(suite)
      const sent = [
        ...(await sink.list(elsewhere)).filter((m) => m.subject === word),
        ...(await sink.list(sender)),
      ].map(({ to, subject }) => `${to}: ${subject}`)
      const once = [...new Set(sent)]
      expect(once, 'redirected, answered, reported').to.have.length(3)
      // docs/decisions/outbound-window.md: what the other side has taken and we have not written down goes out again
      if (point === 'outbound.afterAttempt') expect(sent.length).to.be.within(3, 6)
      else expect(sent).to.have.length(3)
    })

  it('leaves a sound store', async () => {
    const { code, out } = await suite.command('verify')
    expect(code, out).to.equal(0)
  })

  const queued = async (): Promise<number> => {
    try {
      const { rows } = await suite.directory()['queue.list']({ limit: 1000 })
      return rows.filter(({ state }) => state === 'waiting' || state === 'sending').length
    } catch {
      return -1 // the server is being started again
    }
  }

  /** A stranger's server: it sends until every recipient is answered for good. */
  async function send(route: Route, from: string, subject: string): Promise<void> {
    const to = [people.officer, people.head, people.leader]
    const raw = await compose({
      from: { address: from },
      to: to.map((address) => ({ address })),
      subject,
      messageId: from.replace('@', '-so-mot@'),
      date: new Date(),
      text: 'Xin hỏi về hồ sơ.',
    })
    await until(`${route} to take “${subject}”`, () => handOver(route, from, to, raw))
  }

  /** Not before every recipient is taken: while the server is away, some may be put off. */
  async function handOver(route: Route, from: string, to: string[], raw: Buffer): Promise<boolean> {
    const talk = await Talk.open(route === 'edge' ? suite.ports.smtp : suite.ports.lmtp).catch(() => undefined)
    if (!talk) return false
    await using open = talk
    const hello = route === 'edge' ? 'EHLO vi-du.example' : 'LHLO danh.sach'
    for (const line of [hello, `MAIL FROM:<${from}>`, ...to.map((t) => `RCPT TO:<${t}>`), 'DATA'])
      if (!/^[23]/.test(await open.say(line))) return false
    open.socket.write(raw)
    open.socket.write('\r\n.\r\n')
    const answers: string[] = []
    for (const _ of route === 'edge' ? ['all'] : to) answers.push(await open.reply())
    expect(answers.filter((a) => a.startsWith('5'))).to.deep.equal([])
    return answers.every((a) => a.startsWith('250'))
  }
})
