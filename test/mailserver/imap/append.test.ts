import { expect } from 'chai'
import { an, type Client, type Fixture, ha, mail, office, startFixture } from './fixture.ts'

const literal = (text: string) => `{${Buffer.byteLength(text)}+}\r\n${text}`
const literal8 = (text: string) => `~${literal(text)}`

describe('IMAP: several messages in one APPEND', () => {
  let f: Fixture
  let c: Client
  beforeEach(async () => {
    f = await startFixture({ threads: 1, maxMessageMb: 1 })
    c = await f.as(an)
  })
  afterEach(() => f[Symbol.asyncDispose]())

  it('all arrive in their order, with flags and dates of their own', async () => {
    const answer = await c.ok(
      `APPEND INBOX (\\Seen) " 1-Feb-2026 03:04:05 +0700" ${literal(mail('one'))} ${literal(mail('two'))} (\\Flagged) ${literal(mail('three'))}`,
    )
    expect(answer).to.match(/^OK \[APPENDUID \d+ 1:3\]/m)
    await c.ok('SELECT INBOX')
    const all = await c.ok('FETCH 1:3 (FLAGS ENVELOPE)')
    expect(all).to.match(
      /1 FETCH \(FLAGS \(\\Seen\) .*"one".*\r\n.*2 FETCH \(FLAGS \(\) .*"two".*\r\n.*3 FETCH \(FLAGS \(\\Flagged\) .*"three"/,
    )
  })
  it('none arrives when the last does not: too large, over quota in all, bad syntax, empty', async () => {
    await f.accounts.setAccount(an, { quota: 1024 ** 2 })
    const half = 'x'.repeat(600 * 1024)
    expect(await c.command(`APPEND INBOX ${literal(mail('a'))} ${literal('y'.repeat(1024 ** 2 + 1))}`)).to.match(
      /^NO \[TOOBIG\]/m,
    )
    expect(await c.command(`APPEND INBOX ${literal(half)} ${literal(half)}`)).to.match(/^NO \[OVERQUOTA\]/m)
    expect(await c.command(`APPEND INBOX ${literal(mail('a'))} (\\Nonsense) ${literal(mail('b'))}`)).to.match(/^BAD/m)
    expect(await c.command(`APPEND INBOX ${literal(mail('a'))} {0+}\r\n`)).to.match(/^NO \[CANNOT\]/m)
    expect(await c.command(`APPEND INBOX ${literal(mail('a'))}${literal(mail('b'))}`)).to.match(/^BAD/m)
    expect(await c.command(`APPEND INBOX ${literal(mail('a'))} (\\Seen)`)).to.match(/^BAD/m)
    expect(await c.ok('STATUS INBOX (MESSAGES UIDNEXT)')).to.contain('(MESSAGES 0 UIDNEXT 1)')
  })
  it('limits of the store are the client’s doing: more keywords than a message may have', async () => {
    const keywords = Array.from({ length: 200 }, (_, i) => `k${i}`).join(' ')
    expect(await c.command(`APPEND INBOX ${literal(mail('a'))} (${keywords}) ${literal(mail('b'))}`)).to.match(
      /^NO \[CANNOT\]/m,
    )
    await c.ok(`APPEND INBOX ${literal(mail('a'))}`)
    await c.ok('SELECT INBOX')
    expect(await c.command(`STORE 1 +FLAGS (${keywords})`)).to.match(/^NO \[CANNOT\]/m)
    expect(await c.ok('FETCH 1:* FLAGS'))
      .to.contain('* 1 FETCH (FLAGS ())')
      .and.not.to.contain('* 2')
  })
  it('asks for each literal in turn, and refuses one before its octets come', async () => {
    c.write(`a APPEND INBOX {10}\r\n`)
    await c.until('+ go ahead\r\n')
    c.write('Subject: x {9999999}\r\n')
    expect(await c.until(/a .*\r\n/)).to.match(/a NO \[TOOBIG\]/)
    c.write(`b APPEND INBOX {10}\r\n`)
    await c.until('+ go ahead\r\n')
    c.write('Subject: x {10}\r\n')
    await c.until('+ go ahead\r\n')
    c.write('Subject: y\r\n')
    expect(await c.until(/b .*\r\n/)).to.match(/b OK \[APPENDUID \d+ 1:2\]/)
  })
  it('ends at 500 messages', async () => {
    const many = `APPEND INBOX${` ${literal('Subject: x\r\n\r\n')}`.repeat(500)}`
    expect(await c.ok(many)).to.match(/APPENDUID \d+ 1:500\]/)
    expect(await c.command(`${many} ${literal('x')}`)).to.match(/^BAD/m)
    expect(await c.ok('STATUS INBOX (MESSAGES)')).to.contain('MESSAGES 500')
  })
  it('memory is bounded: messages of one command may not fill it', async () => {
    const e = await f.as(ha)
    await f.accounts.setAccount(ha, { quota: 1024 ** 3 })
    const one = ` ${literal('z'.repeat(1024 ** 2))}`
    expect(await e.command(`APPEND INBOX${one.repeat(97)}`)).to.match(/^NO \[LIMIT\]/m)
    await e.ok('NOOP')
    expect(await e.ok('STATUS INBOX (MESSAGES)')).to.contain('MESSAGES 0')
  })
})

describe('IMAP: APPEND CATENATE', () => {
  let f: Fixture
  let c: Client
  let validity: string
  const two = [
    'From: a@b.vn\r\nSubject: two parts\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n',
    '--q\r\nContent-Type: text/plain\r\n\r\nfirst\r\n--q\r\nContent-Type: text/plain\r\n\r\nsecond part\r\n--q--\r\n',
  ]
  beforeEach(async () => {
    f = await startFixture({ threads: 1, maxMessageMb: 1 })
    c = await f.as(an)
    await c.ok('CREATE "Th&AbA- m&Hts-i"')
    const done = await c.append('"Th&AbA- m&Hts-i"', two.join(''))
    validity = /APPENDUID (\d+)/.exec(done)![1]!
  })
  afterEach(() => f[Symbol.asyncDispose]())
  const url = (rest: string) => `URL "/Th%C6%B0%20m%E1%BB%9Bi${rest}"`

  it('takes names as percent-encoded UTF-8; says BADURL for what is not there', async () => {
    expect(await c.command(`APPEND INBOX CATENATE (${url('/;UID=9')})`)).to.match(
      /^NO \[BADURL "\/Th%C6%B0%20m%E1%BB%9Bi\/;UID=9"\]/,
    )
    const done = await c.ok(
      `APPEND INBOX (\\Draft) CATENATE (${url(`;UIDVALIDITY=${validity}/;UID=1/;SECTION=HEADER`)} TEXT ${literal('--q\r\n')} ${url('/;UID=1/;SECTION=2.MIME')} ${url('/;UID=1/;SECTION=2')} TEXT ${literal('\r\n--q--\r\n')} ${url('/;UID=1/;SECTION=1/;PARTIAL=1.3')})`,
    )
    expect(done).to.match(/^OK \[APPENDUID/m)
    await c.ok('SELECT INBOX')
    expect(await c.ok('FETCH 1 (FLAGS BODY.PEEK[])')).to.contain(
      `${two[0]}--q\r\nContent-Type: text/plain\r\n\r\nsecond part\r\n--q--\r\nirs`,
    )
    expect(await c.command(`APPEND INBOX CATENATE (${url(';UIDVALIDITY=7/;UID=1')})`)).to.match(/^NO \[BADURL /)
    await c.ok('SELECT "Th&AbA- m&Hts-i"')
    // relative to the selected mailbox, and several messages, one of them plain
    expect(await c.ok(`APPEND INBOX CATENATE (URL ";UID=1") ${literal(mail('plain'))}`)).to.match(/APPENDUID \d+ 2:3\]/)
    expect(await c.ok('FETCH 1 FLAGS'), 'a URL marks nothing as seen').to.match(/FLAGS \((\\Recent)?\)/)
  })
  it('reaches no further than the session: others, offices without a right, other servers, other users', async () => {
    await f.deliver(ha, mail('private'))
    await f.deliver(office, mail('office'))
    await f.deliver(an, mail('mine'))
    for (const bad of [
      '/Chung/motcua.stttt/INBOX/;UID=1',
      `imap://${ha.replace('@', '%40')}@mail.test/INBOX/;UID=1`,
      'imap://elsewhere.vn/INBOX/;UID=1',
      '/INBOX/;UID=1;URLAUTH=anonymous:internal:00',
      '/INBOX/;UID=99',
      '/INBOX/;UID=1/;SECTION=9',
      '/INBOX/;UID=1/;SECTION=',
      '/INBOX/;UID=1/;SECTION=1.MIME.2',
      '/INBOX?SUBJECT%20x',
      '/INBOX/;UID=0',
      '/INBOX/;UID=99999999999',
      '/%FF/;UID=1',
      '/%/;UID=1',
      '//;UID=1',
      ';UID=1',
      '',
      'x'.repeat(9000),
      '/../INBOX/;UID=1',
    ])
      expect(await c.command(`APPEND INBOX CATENATE (URL "${bad}")`), bad.slice(0, 60)).to.match(/^NO \[BADURL "/m)
    expect(await c.command(`APPEND INBOX CATENATE (URL ${literal('a\r\nb"c')})`)).to.match(
      /^NO \[BADURL "a%0D%0Ab\\"c"\]/m,
    )
    await c.ok(`APPEND INBOX CATENATE (URL "imap://${an.replace('@', '%40')}@mail.test/INBOX/;UID=1")`)
    expect(await c.ok('STATUS INBOX (MESSAGES)')).to.contain('MESSAGES 2')
  })
  it('sums what URLs name: TOOBIG, quota, memory; none of several is kept', async () => {
    await c.append('INBOX', `Subject: x\r\n\r\n${'x'.repeat(700 * 1024)}`)
    const twice = 'URL "/INBOX/;UID=1" URL "/INBOX/;UID=1"'
    expect(await c.command(`APPEND INBOX CATENATE (${twice})`)).to.match(/^NO \[TOOBIG\]/)
    expect(await c.command(`APPEND INBOX ${'CATENATE (URL "/INBOX/;UID=1") '.repeat(200)}`)).to.match(/^NO \[LIMIT\]/)
    await f.accounts.setAccount(an, { quota: 1024 ** 2 })
    expect(await c.command('APPEND INBOX CATENATE (URL "/INBOX/;UID=1")')).to.match(/^NO \[OVERQUOTA\]/)
    expect(await c.ok('STATUS INBOX (MESSAGES)')).to.contain('MESSAGES 1')
  })
  it('bad syntax', async () => {
    for (const bad of [
      'CATENATE ()',
      'CATENATE',
      'CATENATE (TEXT "x")',
      `CATENATE (${literal('x')})`,
      'CATENATE (URL)',
      'CATENATE (NEW "x")',
    ])
      expect(await c.command(`APPEND INBOX ${bad}`), bad).to.match(/^BAD/m)
    await c.ok('NOOP')
  })
  it('UTF8 and binary literals, here and without CATENATE', async () => {
    await c.ok('ENABLE UTF8=ACCEPT')
    await c.ok(`APPEND INBOX UTF8 (${literal8(mail('Tờ trình'))})`)
    await c.ok(`APPEND INBOX CATENATE (UTF8 (${literal8('Subject: Đã ký\r\n\r\n')}) TEXT ${literal('x')})`)
    await c.ok(`APPEND INBOX ${literal8('Subject: nul\r\n\r\na\0bc')}`)
    await c.ok('SELECT INBOX')
    const seen = Buffer.from(await c.ok('FETCH 1:3 (ENVELOPE BODY.PEEK[TEXT])'), 'latin1').toString()
    expect(seen).to.contain('Tờ trình').and.to.contain('Đã ký').and.to.contain('{4}\r\na\ufffdbc')
    expect(await c.ok('FETCH 3 BINARY[1]'), 'NUL stands in binary literals only').to.contain('BINARY[1] ~{4}\r\na\0bc')
    expect(await c.command(`APPEND INBOX UTF8 ${literal8('x')}`)).to.match(/^BAD/m)
    await c.ok(`APPEND INBOX ${literal('Content-Transfer-Encoding: strange\r\n\r\nx')}`)
    for (const item of ['BINARY[1]', 'BINARY.PEEK[1]<0.1>', 'BINARY.SIZE[1]'])
      expect(await c.command(`FETCH 4 ${item}`), item).to.match(/^NO \[UNKNOWN-CTE\]/)
    expect(await c.ok('FETCH 4 (BINARY[] BINARY.SIZE[])')).to.contain('BINARY.SIZE[] 39')
  })
})

describe('IMAP: REPLACE', () => {
  let f: Fixture
  let c: Client
  beforeEach(async () => {
    f = await startFixture({ threads: 1, maxMessageMb: 1 })
    c = await f.as(an)
    for (const n of ['one', 'two', 'three']) await c.append('Drafts', mail(n))
    await c.ok('SELECT Drafts')
  })
  afterEach(() => f[Symbol.asyncDispose]())

  it('in the same mailbox, by number and by UID', async () => {
    const answer = await c.ok(`REPLACE 2 Drafts (\\Draft) ${literal(mail('new two'))}`)
    expect(answer).to.match(/^\* OK \[APPENDUID \d+ 4\][\s\S]*\* 2 EXPUNGE\r\n\* 3 EXISTS/)
    expect(await c.ok(`UID REPLACE 4 Drafts ${literal(mail('newer'))}`)).to.match(/\[APPENDUID \d+ 5\][\s\S]*3 EXPUNGE/)
    expect(await c.ok('UID SEARCH ALL')).to.contain('* SEARCH 1 3 5')
    expect(await c.ok(`REPLACE * Drafts ${literal(mail('last'))}`)).to.contain('APPENDUID')
  })
  it('into another mailbox, put together from the old one', async () => {
    const answer = await c.ok(`UID REPLACE 1 Sent (\\Seen) CATENATE (URL ";UID=1" TEXT ${literal('-- sent')})`)
    expect(answer)
      .to.match(/APPENDUID/)
      .and.to.contain('* 1 EXPUNGE')
    await c.ok('SELECT Sent')
    expect(await c.ok('FETCH 1 BODY.PEEK[TEXT]')).to.contain('-- sent')
  })
  it('refuses what it cannot do, and then nothing has changed', async () => {
    expect(await c.command(`UID REPLACE 99 Drafts ${literal(mail('x'))}`)).to.match(/^NO \[NONEXISTENT\]/m)
    expect(await c.command(`REPLACE 9 Drafts ${literal(mail('x'))}`)).to.match(/^BAD/m)
    expect(await c.command(`REPLACE 0 Drafts ${literal(mail('x'))}`)).to.match(/^BAD/m)
    expect(await c.command(`REPLACE 1 Missing ${literal(mail('x'))}`)).to.match(/^NO \[TRYCREATE\]/m)
    expect(await c.command(`REPLACE 1 Drafts ${literal(mail('x'))} ${literal(mail('y'))}`)).to.match(/^BAD/m)
    await c.ok('EXAMINE Drafts')
    expect(await c.command(`REPLACE 1 Drafts ${literal(mail('x'))}`)).to.match(/^NO/m)
    await c.ok('UNSELECT')
    expect(await c.command(`REPLACE 1 Drafts ${literal(mail('x'))}`)).to.match(/^BAD/m)
    expect(await c.ok('STATUS Drafts (MESSAGES UIDNEXT)')).to.contain('(MESSAGES 3 UIDNEXT 4)')
  })
  it('a full mailbox takes a replacement that is no larger', async () => {
    await c.append('Drafts', `Subject: x\r\n\r\n${'x'.repeat(600 * 1024)}`)
    await f.accounts.setAccount(an, { quota: 620 * 1024 })
    expect(await c.append('Drafts', 'y'.repeat(100 * 1024))).to.match(/^NO \[OVERQUOTA\]/m)
    await c.ok(`UID REPLACE 4 Drafts ${literal(`Subject: y\r\n\r\n${'y'.repeat(590 * 1024)}`)}`)
    expect(await c.command(`UID REPLACE 5 Drafts ${literal('z'.repeat(700 * 1024))}`)).to.match(/^NO \[OVERQUOTA\]/m)
  })
  it('tells the others in order, and a second one that it came too late', async () => {
    const other = await f.as(an)
    await other.ok('SELECT Drafts')
    await c.ok(`UID REPLACE 2 Drafts ${literal(mail('x'))}`)
    expect(await other.command(`UID REPLACE 2 Drafts ${literal(mail('y'))}`)).to.match(/NO \[NONEXISTENT\]/)
    expect(await other.ok('UID SEARCH ALL')).to.contain('SEARCH 1 3 4')
  })
})

describe('IMAP: non-synchronising literals', () => {
  it('announces LITERAL- before sign-in and LITERAL+ after, one at a time', async () => {
    await using f = await startFixture({ threads: 1 })
    const c = await f.connect()
    expect(await c.ok('CAPABILITY'))
      .to.contain('LITERAL-')
      .and.not.to.contain('LITERAL+')
    expect(await c.ok(`LOGIN ${literal(an)} ${literal('Hoa phượng 2026!')}`))
      .to.contain('LITERAL+')
      .and.not.to.contain('LITERAL-')
  })
  it('SEARCH names no charset after UTF8=ACCEPT, and finds UTF-8 in quotes', async () => {
    await using f = await startFixture({ threads: 1 })
    const c = await f.as(an)
    await f.deliver(an, mail('=?utf-8?Q?B=C3=A1o_c=C3=A1o?='))
    expect(await c.ok('ENABLE UTF8=ACCEPT')).to.contain('* ENABLED UTF8=ACCEPT')
    await c.ok('SELECT INBOX')
    expect(await c.ok('SEARCH SUBJECT "Báo cáo"')).to.contain('* SEARCH 1')
    expect(await c.command('SEARCH CHARSET UTF-8 SUBJECT "Báo cáo"')).to.match(/^BAD/)
    await c.ok('CREATE "Công văn đi"')
    expect(Buffer.from(await c.ok('LIST "" "Công%"'), 'latin1').toString()).to.contain('"Công văn đi"')
    expect(await c.command('CREATE "\xff"')).to.match(/^OK/) // sent as UTF-8 by this client
    expect(await c.command(Buffer.from('CREATE "\xfe"', 'latin1'))).to.match(/^BAD/)
  })
})
