import { expect } from 'chai'
import { startLmtp } from '#mailserver/lmtp/start.ts'
import { HOP_FIELD } from '#mailserver/sieve/deliver/redirect.ts'
import {
  an,
  domain,
  type Ground,
  ha,
  office,
  openGround,
  register,
  settings,
  Talk,
} from '#test/mailserver/submission/fixture.ts'

const stranger = 'an@partner.example'

describe('Sieve at the delivery', () => {
  let ground: Ground
  let lmtp: Awaited<ReturnType<typeof startLmtp>>
  let talk: Talk
  let clock: number

  beforeEach(async () => {
    clock = Date.parse('2026-11-25T02:00:00Z')
    ground = await openGround()
    lmtp = await startLmtp({ settings, ...ground, port: 0, now: () => clock })
    talk = await Talk.open(lmtp.port)
    await talk.say('LHLO lists')
  })
  afterEach(async () => {
    await talk[Symbol.asyncDispose]()
    await lmtp[Symbol.asyncDispose]()
    await ground[Symbol.asyncDispose]()
  })

  function script(address: string, text: string): void {
    const id = ground.id(address)
    expect(ground.accounts.scripts.put(id, 'main', text)).to.equal(undefined)
    ground.accounts.scripts.activate(id, 'main')
  }
  async function send(to: string[], message: string, from = stranger): Promise<string[]> {
    await talk.say(`MAIL FROM:<${from}>`)
    for (const one of to) expect(await talk.say(`RCPT TO:<${one}>`)).to.match(/^250/)
    await talk.say('DATA')
    talk.socket.write(`${message}\r\n.\r\n`)
    const answers: string[] = []
    for (const _ of to) answers.push(await talk.reply())
    return answers
  }
  const hello = (to: string, more = '') =>
    `From: An <${stranger}>\r\nTo: ${to}\r\nSubject: Hỏi việc\r\nMessage-ID: <${more || 'one'}@partner.example>\r\n${more ? `X-More: ${more}\r\n` : ''}\r\nXin chào.`
  const flags = (address: string, folder: string) => {
    const box = ground.store.read.mailbox(ground.id(address), folder)!
    return ground.store.read.rows(box.id, { ranges: [[1, 2 ** 32 - 1]], limit: 10 }).map((r) => r.flags)
  }
  const queued = () => ground.store.read.queue({ limit: 100 })

  it('files into several mailboxes with flags, in one go', async () => {
    script(
      ha,
      'require ["fileinto","mailbox","imap4flags"]; fileinto :create :flags ["\\\\Flagged","viec"] "Việc/2026"; fileinto "Archive"; addflag "\\\\Seen"; keep;',
    )
    expect(await send([ha], hello(ha))).to.match(/^250/)
    expect(flags(ha, 'Việc/2026')).to.deep.equal([['\\Flagged', 'viec']])
    expect(flags(ha, 'Archive')).to.deep.equal([[]])
    expect(flags(ha, 'INBOX')).to.deep.equal([['\\Seen']])
  })

  it('discards, and says delivered', async () => {
    script(ha, 'discard;')
    expect((await send([ha, an], hello(ha))).join()).to.match(/^250.*250/)
    expect(ground.inbox(ha)).to.have.length(0)
    expect(ground.inbox(an)).to.have.length(1)
  })

  it('refuses nothing for a group whose other members are elsewhere: they have it', async () => {
    const group = `nhom@${domain}`
    const members = [ha, 'ban@example.com']
    const sends = ground.accounts.putAlias({
      address: group,
      to: members,
      group: { name: 'Nhóm', outside: true, owner: an },
    })!
    await ground.store.write('openAccount', { account: sends.id, kind: 'service' })
    script(ha, 'require "ereject"; ereject "Not here any more.";')
    expect(await send([group], hello(group))).to.match(/^250/)
    expect(queued().map(({ to }) => to)).to.have.members(['ban@example.com', stranger])
  })

  it('reads the recipient’s own lines, and addresses with a detail', async () => {
    script(
      ha,
      'require ["fileinto","mailbox","subaddress","envelope","variables"]; if envelope :detail :matches "to" "*" { fileinto :create "${1}"; }',
    )
    await send([`ha.tran+du-an@${domain}`], hello(ha))
    expect(ground.inbox(ha, 'du-an')).to.have.length(1)
  })

  it('an office files and answers in its own name; what is an act meets no script, whoever sent it', async () => {
    script(
      office,
      'require ["fileinto","vacation","mailbox"]; vacation :subject "Nghỉ Tết" "Văn phòng nghỉ Tết đến hết mùng 5."; fileinto :create "Tết";',
    )
    await send([office], hello(office))
    expect(ground.inbox(office, 'Tết')).to.have.length(1)
    const [reply] = queued()
    expect([reply?.from, reply?.to]).to.deep.equal(['', stranger])
    const text = Buffer.from(ground.store.read.queueOctets(reply!.id)!).toString()
    expect(text)
      .to.contain(`<${office}>`)
      .and.to.contain('Auto-Submitted: auto-replied')
      .and.to.contain('DKIM-Signature')
    for (const kind of ['CongSo-Kind: submission.new', 'congso-KIND : x'])
      await send([office], `${kind}\r\n${hello(office, kind)}`)
    expect(ground.inbox(office)).to.have.length(2)
    expect(queued()).to.have.length(1)
  })

  it('never asks a register’s mail', async () => {
    ground.accounts.scripts.put(ground.id(register), 'x', 'discard;')
    ground.accounts.scripts.activate(ground.id(register), 'x')
    await send([register], hello(register))
    expect(ground.inbox(register)).to.have.length(1)
  })

  it('a script that fails keeps the letter, and tells its owner once a day', async () => {
    script(ha, 'require ["variables"]; set "x" "no address"; redirect "${x}";')
    await send([ha], hello(ha, 'a1'))
    await send([ha], hello(ha, 'a2'))
    const inbox = ground.inbox(ha)
    expect(inbox.filter((m) => m.includes('Xin ch'))).to.have.length(2)
    const notices = inbox.filter((m) => m.includes('Auto-Submitted: auto-generated'))
    expect(notices).to.have.length(1)
    expect(notices[0]).to.contain('DKIM-Signature')
    clock += 25 * 3600 * 1000
    await send([ha], hello(ha, 'a3'))
    expect(ground.inbox(ha).filter((m) => m.includes('Auto-Submitted: auto-generated'))).to.have.length(2)
  })

  it('a script that does not end is ended, and the next letter is filed again', async () => {
    const long = `Subject: ${'a'.repeat(200_000)}`
    const keys = Array.from({ length: 400 }, (_, i) => `"*a*a*${i}*b*a?c"`).join(',')
    script(ha, `if header :matches "subject" [${keys}] { discard; }`)
    const started = Date.now()
    await send([ha], `${long}\r\nFrom: x@y.example\r\n\r\nx`)
    expect(Date.now() - started).to.be.below(15_000)
    expect(ground.inbox(ha).length).to.be.at.least(1)
    script(ha, 'discard;')
    const before = ground.inbox(ha).length
    await send([ha], hello(ha))
    expect(ground.inbox(ha)).to.have.length(before)
  }).timeout(30_000)

  it('refuses at LMTP in the owner’s words; behind a group it sends a report instead', async () => {
    script(ha, 'require "reject"; reject "I have left this office.";')
    const [answer] = await send([ha], hello(ha))
    expect(answer).to.match(/^550 5\.7\.1 I have left this office\./)
    expect(ground.inbox(ha)).to.have.length(0)
    expect(queued()).to.have.length(0)
    ground.accounts.putAlias({ address: `phong@${domain}`, to: [ha, an], group: { name: 'Phòng', outside: true } })
    expect((await send([`phong@${domain}`], hello(`phong@${domain}`))).join()).to.match(/^250/)
    expect(ground.inbox(an)).to.have.length(1)
    const [report] = queued()
    expect(report).to.include({ from: '', to: stranger })
    expect(ground.store.read.queueOctets(report!.id).toString()).to.contain('I have left this office.')
  })

  it('redirects to the outside through the queue, with the owner as return path', async () => {
    script(ha, 'require "copy"; redirect :copy "boss@partner.example"; redirect "other@partner.example";')
    await send([ha], hello(ha))
    expect(ground.inbox(ha)).to.have.length(0)
    expect(queued().map((q) => [q.from, q.to])).to.deep.equal([
      [ha, 'boss@partner.example'],
      [ha, 'other@partner.example'],
    ])
    expect(ground.store.read.queueOctets(queued()[0]!.id).toString()).to.match(
      new RegExp(`^${HOP_FIELD}: ${ha}\r\nFrom: An`),
    )
    await send([ha], hello(ha, 'bounce'), '')
    expect(queued().at(-1)!.from).to.equal('')
  })

  it('redirects among ourselves end, and somebody keeps the letter', async () => {
    script(ha, `redirect "${an}";`)
    script(an, `redirect "${ha}";`)
    await send([ha], hello(ha))
    expect([ground.inbox(ha).length, ground.inbox(an).length]).to.deep.equal([0, 1])
    expect(ground.inbox(an)[0]).to.contain(`${HOP_FIELD}: ${ha}`)
    await send([ha, an], hello(ha, 'both'))
    expect([ground.inbox(ha).length, ground.inbox(an).length]).to.deep.equal([1, 2])
    script(ha, `redirect "${ha}";`)
    await send([ha], hello(ha, 'self'))
    expect(ground.inbox(ha)).to.have.length(2)
    script(ha, `redirect "nobody@${domain}";`)
    await send([ha], hello(ha, 'nobody'))
    expect(ground.inbox(ha)).to.have.length(3)
    script(ha, 'redirect "boss@partner.example";')
    await send([ha], `${HOP_FIELD}: ${ha}\r\n${hello(ha, 'back')}`)
    expect(ground.inbox(ha)).to.have.length(4)
    expect(queued()).to.have.length(0)
  })

  it('when a redirect finds a full mailbox, the owner keeps the letter', async () => {
    script(ha, `redirect "day.hop@${domain}";`)
    await send([ha], `${hello(ha)}${'x'.repeat(6000)}`)
    expect(ground.inbox(ha)).to.have.length(1)
  })

  it('answers once in :days, sealed, from <>, to the sender alone', async () => {
    script(ha, 'require "vacation"; vacation :days 3 :subject "Đi công tác" "Tôi đi công tác.";')
    await send([ha], hello(ha, 'v1'))
    await send([ha], hello(ha, 'v2'))
    expect(ground.inbox(ha)).to.have.length(2)
    expect(queued()).to.have.length(1)
    const [row] = queued()
    expect(row).to.include({ from: '', to: stranger })
    const text = ground.store.read.queueOctets(row!.id).toString()
    expect(text).to.contain('DKIM-Signature').and.contain('Auto-Submitted: auto-replied')
    expect(text).to.contain('In-Reply-To: <v1@partner.example>').and.contain(`<${ha}>`)
    expect(Buffer.from(/base64\r\n\r\n(.*)$/s.exec(text)![1]!, 'base64').toString()).to.equal('Tôi đi công tác.')
    clock += 3 * 86_400_000 + 1
    await send([ha], hello(ha, 'v3'))
    expect(queued()).to.have.length(2)
    await send([ha], hello(ha, 'v4'), 'other@partner.example')
    expect(queued()).to.have.length(3)
    script(ha, 'require "vacation"; vacation "Other words.";')
    await send([ha], hello(ha, 'v5'))
    expect(queued()).to.have.length(4)
  })

  it('two who are away do not answer each other’s answers', async () => {
    script(ha, 'require "vacation"; vacation "away";')
    script(an, 'require "vacation"; vacation "away too";')
    await send([ha], hello(ha), an)
    expect(ground.inbox(an)).to.have.length(1)
    expect(ground.inbox(ha)).to.have.length(1)
  })

  it('of equal letters that come together, duplicate leaves one', async () => {
    script(ha, 'require "duplicate"; if duplicate { discard; }')
    const others = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const other = await Talk.open(lmtp.port)
        await other.say('LHLO x')
        await other.say(`MAIL FROM:<${stranger}>`)
        await other.say(`RCPT TO:<${ha}>`)
        await other.say('DATA')
        return other
      }),
    )
    await Promise.all(
      others.map(async (o) => {
        o.socket.write(`${hello(ha)}\r\n.\r\n`)
        expect(await o.reply()).to.match(/^250/)
        await o[Symbol.asyncDispose]()
      }),
    )
    expect(ground.inbox(ha).map((m) => /^Subject: .*/m.exec(m)?.[0])).to.deep.equal(['Subject: Hỏi việc'])
    clock += 8 * 86_400_000
    await send([ha], hello(ha))
    expect(ground.inbox(ha)).to.have.length(2)
  })

  it('edits the header of the copy, and leaves the others’ alone', async () => {
    script(ha, 'require "editheader"; addheader "X-Nhan" "gấp"; deleteheader "X-More"; keep;')
    await send([ha, an], hello(ha, 'edited'))
    expect(ground.inbox(ha)[0])
      .to.match(/Delivered-To: [^\r]*\r\nReceived: (?:[^\r]|\r\n\t)*\r\nX-Nhan: =\?utf-8\?B\?[^\r]*\r\nFrom: An/)
      .and.not.contain('X-More')
    expect(ground.inbox(an)[0]).to.contain('X-More: edited').and.not.contain('X-Nhan')
  })

  it('a mailbox without room refuses all of it', async () => {
    script('day.hop@haiduong.gov.vn', 'redirect "boss@partner.example"; keep;')
    const [answer] = await send(['day.hop@haiduong.gov.vn'], `${hello(ha)}${'x'.repeat(6000)}`)
    expect(answer).to.match(/^552/)
    expect(queued()).to.have.length(0)
  })

  it('notifies once a minute, from <>, sealed and marked; the copy of an answer lies where :fcc says', async () => {
    script(
      ha,
      `require ["enotify","fcc","vacation","mailbox","imap4flags"]; notify :importance "1" :message "Thư gấp" :fcc "Nhắc" :create "mailto:truc@partner.example?cc=${an}"; vacation :fcc "Sent" :flags "\\\\Seen" "Tôi đi vắng.";`,
    )
    await send([ha], hello(ha, 'n1'))
    const sent = () => queued().map((q) => [q.from, q.to])
    expect(sent()).to.have.deep.members([
      ['', 'truc@partner.example'],
      ['', stranger],
    ])
    const [told] = ground.inbox(an)
    expect(told).to.match(/^Auto-Submitted: auto-notified; owner-email="ha\.tran@haiduong\.gov\.vn"\r$/m)
    expect(told)
      .to.match(/^Importance: High\r$/m)
      .and.match(/^To: <truc@partner\.example>\r$/m)
    expect(told)
      .to.contain('DKIM-Signature')
      .and.match(/^Return-Path: <>\r$/m)
    expect(ground.inbox(ha, 'Nhắc')).to.have.length(1)
    expect(ground.inbox(ha, 'Sent')[0]).to.match(/^Auto-Submitted: auto-replied\r$/m)
    expect(flags(ha, 'Sent')).to.deep.equal([['\\Seen']])
    clock += 30_000
    await send([ha], hello(ha, 'n2'))
    expect([sent().length, ground.inbox(an).length, ground.inbox(ha, 'Sent').length]).to.deep.equal([2, 1, 1])
    clock += 31_000
    await send([ha], hello(ha, 'n3'))
    expect([sent().length, ground.inbox(an).length, ground.inbox(ha, 'Nhắc').length]).to.deep.equal([3, 2, 2])
    expect(ground.inbox(ha)).to.have.length(3)
  })

  it('two who notify each other do so once; nobody is notified of acts, of programs and of reports', async () => {
    script(ha, `require "enotify"; notify "mailto:${an}";`)
    script(an, `require "enotify"; notify "mailto:${ha}";`)
    await send([ha], hello(ha, 'l1'))
    expect([ground.inbox(ha).length, ground.inbox(an).length]).to.deep.equal([1, 1])
    clock += 120_000
    await send([ha], `CongSo-Kind: x\r\n${hello(ha, 'l2')}`)
    await send([ha], `Auto-Submitted: auto-generated\r\n${hello(ha, 'l3')}`)
    await send([ha], hello(ha, 'l4'), '')
    expect([ground.inbox(ha).length, ground.inbox(an).length]).to.deep.equal([4, 1])
  })

  it('metadata of mailboxes and of the server, and names that stay (RFC 5490, RFC 9042)', async () => {
    const { store } = ground
    await store.write('createMailbox', { account: ground.id(ha), path: 'Dự án' })
    const { id } = store.read.mailbox(ground.id(ha), 'Dự án')!
    const set = (mailbox: number, holder: number, entry: string, value: string) =>
      store.write('setMetadata', {
        account: ground.id(ha),
        mailbox,
        entries: [{ holder, entry, value: Buffer.from(value) }],
        most: 10,
        by: '',
      })
    await set(id, 0, '/shared/comment', 'Của phòng')
    await set(id, ground.id(ha), '/private/vendor/x', '7')
    await set(id, ground.id(an), '/private/vendor/y', 'của An')
    await set(0, 0, '/shared/comment', 'Thư tỉnh')
    script(
      ha,
      `require ["fileinto","mboxmetadata","servermetadata","mailboxid","imap4flags"];
       if allof(metadata :contains "Dự án" "/shared/Comment" "phòng", metadata "Dự án" "/private/vendor/x" "7",
         not metadataexists "Dự án" ["/shared/comment", "/private/vendor/y"], not metadata "Không" "/shared/comment" "*",
         servermetadata :matches "/shared/comment" "Thư*", not servermetadataexists "/shared/none",
         mailboxidexists "F${id}", not mailboxidexists ["F${id}", "F0"])
       { fileinto :mailboxid "F${id}" "Cũ"; fileinto :mailboxid "F0" "Archive"; }`,
    )
    await send([ha], hello(ha))
    expect([ground.inbox(ha, 'Dự án').length, ground.inbox(ha, 'Archive').length]).to.deep.equal([1, 1])
  })
})
