import { expect } from 'chai'
import { until } from '#test/until.ts'
import { an, type Fixture, ha, mail, password, startFixture } from './fixture.ts'

describe('IMAP: sign-in and states', () => {
  let f: Fixture
  before(async () => {
    f = await startFixture()
  })
  after(() => f[Symbol.asyncDispose]())

  it('names its capabilities, more after sign-in', async () => {
    const c = await f.connect()
    expect(await c.ok('CAPABILITY')).to.match(/IMAP4rev1 .*STARTTLS.*AUTH=PLAIN/)
    expect(await c.ok(`LOGIN ${an} "${password}"`)).to.match(/^OK \[CAPABILITY .*CONDSTORE/m)
    expect(await c.ok('CAPABILITY')).to.match(/MOVE.*UIDPLUS|UIDPLUS.*MOVE/)
  })
  it('LOGIN NIL NIL is BAD, and the session lives on', async () => {
    const c = await f.connect()
    expect(await c.command('LOGIN NIL NIL')).to.match(/^BAD/)
    await c.ok('NOOP')
  })
  it('says no to a wrong password and to nobody', async () => {
    const c = await f.connect()
    expect(await c.command(`LOGIN ${ha} wrong-password`)).to.match(/^NO \[AUTHENTICATIONFAILED\]/)
    expect(await c.command('LOGIN nobody@haiduong.gov.vn x')).to.match(/^NO \[(AUTHENTICATIONFAILED|LIMIT)\]/)
    expect(await c.command('LOGIN "" ""')).to.match(/^NO \[AUTHENTICATIONFAILED\]/)
  })
  it('ends the connection after too many', async () => {
    const c = await f.connect()
    for (let i = 0; i < 4; i++) await c.command('LOGIN x@haiduong.gov.vn ""')
    expect(await c.command('LOGIN x@haiduong.gov.vn ""')).to.contain('* BYE')
    await c.untilClosed()
  })
  it('AUTHENTICATE PLAIN with and without initial response, LOGIN, cancelled', async () => {
    const plain = Buffer.from(`\0${an}\0${password}`).toString('base64')
    const one = await f.connect()
    await one.ok(`AUTHENTICATE PLAIN ${plain}`)
    const two = await f.connect()
    two.write('a AUTHENTICATE PLAIN\r\n')
    await two.until('+ \r\n')
    two.write('*\r\n')
    expect(await two.until('cancelled\r\n')).to.match(/^a BAD/)
    two.write('b AUTHENTICATE LOGIN\r\n')
    await two.until(/\+ .*\r\n/)
    two.write(`${Buffer.from(an).toString('base64')}\r\n`)
    await two.until(/\+ .*\r\n/)
    two.write(`${Buffer.from(password).toString('base64')}\r\n`)
    expect(await two.until(/b .*\r\n/)).to.match(/b OK/)
    const three = await f.connect()
    expect(
      await three.command(`AUTHENTICATE PLAIN ${Buffer.from(`${ha}\0${an}\0${password}`).toString('base64')}`),
    ).to.match(/^NO \[AUTHORIZATIONFAILED\]/)
    expect(await three.command('AUTHENTICATE CRAM-MD5')).to.match(/^NO/)
    expect(await three.command('AUTHENTICATE PLAIN %%%')).to.match(/^BAD/)
  })
  it('a password as a literal, synchronising and not', async () => {
    const c = await f.connect()
    c.write(`a LOGIN {${an.length}}\r\n`)
    await c.until('+ go ahead\r\n')
    c.write(`${an} {${Buffer.byteLength(password)}+}\r\n${password}\r\n`)
    expect(await c.until(/a .*\r\n/)).to.match(/a OK/)
  })
  it('commands out of their state are BAD', async () => {
    const c = await f.connect()
    for (const command of ['SELECT INBOX', 'FETCH 1 FLAGS', 'IDLE', 'NONSENSE', 'UID NONSENSE 1'])
      expect(await c.command(command), command).to.match(/^BAD/)
    await c.ok(`LOGIN ${an} "${password}"`)
    for (const command of ['FETCH 1 FLAGS', 'CLOSE', 'EXPUNGE', `LOGIN ${an} x`, 'STARTTLS'])
      expect(await c.command(command), command).to.match(/^BAD/)
  })
  it('STARTTLS, and what was injected before it is not run', async () => {
    const c = await f.connect()
    c.write('a STARTTLS\r\nb LOGIN evil evil\r\nc NOOP\r\n')
    await c.until(/a OK.*\r\n/)
    await c.secure()
    const capabilities = await c.ok('CAPABILITY')
    expect(capabilities).not.to.contain('STARTTLS')
    expect(capabilities).to.contain('AUTH=PLAIN')
    expect(capabilities).not.to.match(/^[bc] /m)
    await c.ok(`LOGIN ${an} "${password}"`)
  })
  it('pipelined commands are answered in order', async () => {
    const c = await f.as(an)
    c.write('a NOOP\r\nb SELECT INBOX\r\nc UNSELECT\r\nd LOGOUT\r\n')
    const all = await c.untilClosed()
    expect([...all.matchAll(/^([abcd]) OK/gm)].map((m) => m[1])).to.deep.equal(['a', 'b', 'c', 'd'])
    expect(all).to.contain('* BYE')
  })
  it('ID, NAMESPACE, ENABLE, QUOTA', async () => {
    const c = await f.as(an)
    expect(await c.ok('ID ("name" "mutt" "version" NIL)')).to.contain('* ID ("name"')
    await c.ok('ID NIL')
    expect(await c.ok('NAMESPACE')).to.contain(
      '* NAMESPACE (("" "/")) (("Ng&AbAe3Q-i kh&AOE-c/" "/")) (("Chung/" "/"))',
    )
    expect(await c.ok('ENABLE CONDSTORE X-FOO')).to.contain('* ENABLED CONDSTORE\r\n')
    expect(await c.ok('GETQUOTAROOT INBOX')).to.match(
      new RegExp(`QUOTAROOT "INBOX" "${an}"\r\n\\* QUOTA "${an}" \\(STORAGE \\d+ 20480\\)`),
    )
    await c.ok(`GETQUOTA "${an}"`)
    expect(await c.command(`GETQUOTA "${ha}"`)).to.match(/^NO/)
    expect(await c.command(`SETQUOTA "${an}" (STORAGE 1)`)).to.match(/^NO \[NOPERM\]/)
  })
  it('a second instance on the same port does not start', async () => {
    const { startSessions } = await import('#mailserver/sessions/start.ts')
    const { imap, imaps } = f.imap.ports
    let error: NodeJS.ErrnoException | undefined
    await startSessions({ ...f.given, ports: { imap, imaps: imaps!, pop3: 0, pop3s: 0, sieve: 0 } }).catch((err) => {
      error = err
    })
    expect(error?.code).to.equal('EADDRINUSE')
  })
  it('ends a session whose password was changed', async () => {
    const c = await f.as(ha)
    await f.accounts.setAccount(ha, { password: `${password}2` })
    await f.imap.sweep()
    expect(await c.untilClosed()).to.contain('* BYE')
    await f.accounts.setAccount(ha, { password })
  })
})

describe('IMAP: mailboxes', () => {
  let f: Fixture
  before(async () => {
    f = await startFixture()
  })
  after(() => f[Symbol.asyncDispose]())

  it('CREATE, LIST, RENAME, DELETE with names in Vietnamese', async () => {
    const c = await f.as(an)
    await c.ok('CREATE "&AREA4w- g&Hu0-i"') // "Đã gửi" in modified UTF-7
    expect(await c.ok('LIST "" "*"')).to.contain('&AREA4w- g&Hu0-i')
    await c.ok('CREATE "Hồ sơ/2026/Quý 4"') // UTF-8 from a client that means it
    const listed = await c.ok('LIST "" "H%"')
    expect(listed).to.match(/\* LIST \(\\HasChildren\) "\/" "H&[^"]+"|\\NonExistent.*"H&/)
    expect(await c.command('CREATE INBOX')).to.match(/^NO \[ALREADYEXISTS\]/)
    expect(await c.command('CREATE "a//b"')).to.match(/^NO/)
    expect(await c.command('CREATE "a*b"')).to.match(/^NO/)
    expect(await c.command('CREATE "&bad"')).to.match(/^BAD/)
    await c.ok('RENAME "&AREA4w- g&Hu0-i" "Cũ"')
    expect(await c.command('RENAME "không có" x')).to.match(/^NO \[NONEXISTENT\]/)
    expect(await c.command('DELETE "Hồ sơ"')).to.match(/^NO \[(HASCHILDREN|NONEXISTENT)\]/)
    await c.ok('DELETE "Cũ"')
    expect(await c.command('DELETE "Cũ"')).to.match(/^NO \[NONEXISTENT\]/)
    expect(await c.command('DELETE INBOX')).to.match(/^NO \[CANNOT\]/)
  })
  it('RENAME INBOX moves its messages', async () => {
    await f.deliver(ha, mail('một'))
    const c = await f.as(ha)
    await c.ok('RENAME inbox "Thư cũ"')
    expect(await c.ok('STATUS INBOX (MESSAGES)')).to.contain('MESSAGES 0')
    expect(await c.ok('STATUS "Thư cũ" (MESSAGES)')).to.contain('MESSAGES 1')
    expect(await c.command('RENAME INBOX "Thư cũ"')).to.match(/^NO \[ALREADYEXISTS\]/)
  })
  it('RENAME INBOX in several pieces, to a name below itself, tells the session that has it selected', async () => {
    await Promise.all(Array.from({ length: 450 }, (_, i) => f.deliver(ha, mail(`bức ${i}`))))
    const c = await f.as(ha)
    await c.ok('CREATE INBOX/Riêng')
    await c.ok('SELECT INBOX')
    await c.ok('STORE 7 +FLAGS (\\Flagged)')
    const told = await c.ok('RENAME INBOX INBOX/Cũ')
    expect(`${told}${await c.ok('NOOP')}`.match(/\* \d+ EXPUNGE|VANISHED/g)).to.have.length.of.at.least(1)
    expect(await c.ok('STATUS INBOX (MESSAGES)')).to.contain('MESSAGES 0')
    expect(await c.ok('STATUS INBOX/Riêng (MESSAGES)')).to.contain('MESSAGES 0')
    expect(await c.ok('STATUS INBOX/Cũ (MESSAGES)')).to.contain('MESSAGES 450')
    await c.ok('SELECT INBOX/Cũ')
    expect(await c.ok('SEARCH FLAGGED SUBJECT "bức"')).to.match(/\* SEARCH 7\r/)
    await f.deliver(ha, mail('sau đó'))
    expect(await c.ok('STATUS INBOX (MESSAGES)')).to.contain('MESSAGES 1')
  })
  it('special uses, subscriptions, LIST-EXTENDED, LIST-STATUS, LSUB', async () => {
    const c = await f.as(an)
    expect(await c.ok('LIST (SPECIAL-USE) "" *')).to.match(/\\Sent\) "\/" "Sent"/)
    await c.ok('CREATE Lưu')
    await c.ok('SUBSCRIBE Lưu')
    expect(await c.ok('LIST (SUBSCRIBED) "" * RETURN (CHILDREN)')).to.match(/\\HasNoChildren \\Subscribed\) "\/" "L&/)
    await c.ok('UNSUBSCRIBE Lưu')
    expect(await c.ok('LSUB "" *')).not.to.contain('"L&')
    expect(await c.ok('LIST "" INBOX RETURN (STATUS (MESSAGES UIDNEXT SIZE HIGHESTMODSEQ))')).to.match(
      /\* STATUS "INBOX" \(MESSAGES \d+ UIDNEXT \d+ SIZE \d+ HIGHESTMODSEQ \d+\)/,
    )
    expect(await c.ok('LIST "" ""')).to.contain('* LIST (\\Noselect) "/" ""')
    expect(await c.command('CREATE Nháp2 (USE (\\Drafts))')).to.match(/^NO \[USEATTR\]/)
  })
  it('APPEND with flags and date, over quota, too big, into nothing', async () => {
    const c = await f.as(an)
    expect(await c.append('INBOX', mail('thêm'), '(\\Seen $Work) " 1-Feb-2026 03:04:05 +0700" ')).to.match(
      /^OK \[APPENDUID \d+ \d+\]/,
    )
    await c.ok('SELECT INBOX')
    expect(await c.ok('FETCH 1:* (FLAGS INTERNALDATE)')).to.contain(
      'FLAGS (\\Seen $Work) INTERNALDATE " 1-Feb-2026 03:04:05 +0700"',
    )
    expect(await c.append('"Không có"', mail('x'))).to.match(/^NO \[TRYCREATE\]/)
    c.write(`big APPEND INBOX {${6 * 1024 ** 2}}\r\n`) // synchronising: refused before the octets
    expect(await c.until(/big .*\r\n/)).to.match(/big NO \[TOOBIG\]/)
    expect(await c.append('INBOX', Buffer.alloc(6 * 1024 ** 2, 97))).to.match(/^NO \[TOOBIG\]/)
    await f.accounts.setAccount(an, { quota: 1024 ** 2 })
    expect(await c.append('INBOX', Buffer.alloc(2 * 1024 ** 2, 97))).to.match(/^NO \[OVERQUOTA\]/)
    await f.accounts.setAccount(an, { quota: 20 * 1024 ** 2 })
    await c.ok('NOOP')
  })
})

describe('IMAP: messages', () => {
  let f: Fixture
  beforeEach(async () => {
    f = await startFixture()
  })
  afterEach(() => f[Symbol.asyncDispose]())

  it('FETCH of everything, partials, \\Seen', async () => {
    await f.deliver(an, mail('Bản tin', 'dòng một\r\ndòng hai'), 'Return-Path: <a@b.vn>\r\n')
    const c = await f.as(an)
    await c.ok('SELECT INBOX')
    const all = await c.ok(
      'FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE MODSEQ EMAILID THREADID)',
    )
    expect(all).to.match(/UID 1 FLAGS \(\\Recent\)|UID 1 FLAGS \(\)/)
    expect(all).to.match(/ENVELOPE \("Mon, 23 Nov 2026 08:00:00 \+0700"/)
    expect(all).to.match(/MODSEQ \(\d+\) EMAILID \(M\d+\) THREADID \(T\d+\)/)
    const size = Number(/RFC822.SIZE (\d+)/.exec(all)![1])
    const whole = await c.ok('FETCH 1 BODY.PEEK[]')
    expect(whole).to.contain(`BODY[] {${size}}\r\nReturn-Path: <a@b.vn>\r\nFrom: Ha`)
    expect(await c.ok('FETCH 1 BODY.PEEK[]<7.5>')).to.contain('BODY[]<7> {5}\r\nPath:')
    expect(await c.ok('FETCH 1 BODY.PEEK[]<999999.5>')).to.contain('BODY[]<999999> {0}\r\n')
    expect(await c.ok('FETCH 1 BODY.PEEK[HEADER.FIELDS (Subject X)]')).to.match(
      /BODY\[HEADER.FIELDS \(SUBJECT X\)\] \{\d+\}\r\nSubject: /,
    )
    expect(await c.ok('FETCH 1 BODY.PEEK[2]')).to.contain('BODY[2] NIL')
    expect(await c.ok('FETCH 1 FLAGS')).not.to.contain('\\Seen')
    expect(await c.ok('FETCH 1 BODY[TEXT]')).to.match(/FLAGS \([^)]*\\Seen/)
    expect(await c.ok('FETCH 1 FLAGS')).to.contain('\\Seen')
  })
  it('a quoted-printable part decoded by BINARY', async () => {
    await f.deliver(
      an,
      mail(
        'QP',
        'K=C3=ADnh g=E1=BB=ADi',
        'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n',
      ),
    )
    const c = await f.as(an)
    await c.ok('SELECT INBOX')
    const decoded = Buffer.from('Kính gửi\r\n')
    expect(await c.ok('FETCH 1 BINARY.SIZE[1]')).to.contain(`BINARY.SIZE[1] ${decoded.length}`)
    expect(await c.ok('FETCH 1 BINARY.PEEK[1]')).to.contain(
      `BINARY[1] {${decoded.length}}\r\n${decoded.toString('latin1')}`,
    )
    expect(await c.ok('FETCH 1 BINARY[1]<1.3>')).to.contain('BINARY[1]<1> {3}')
  })
  it('sequence numbers hold while others expunge, and EXPUNGE is told when it may be', async () => {
    for (const subject of ['a', 'b', 'c', 'd']) await f.deliver(an, mail(subject))
    const [one, two] = [await f.as(an), await f.as(an)]
    await one.ok('SELECT INBOX')
    await two.ok('SELECT INBOX')
    await two.ok('UID STORE 2 +FLAGS.SILENT (\\Deleted)')
    await two.ok('UID EXPUNGE 1:*')
    // The other thread hears of it a moment later; FETCH may never show it.
    for (let i = 0; i < 20; i++) {
      const answer = await one.ok('FETCH 1:* UID')
      expect(answer).not.to.contain('EXPUNGE')
      expect(answer).to.contain('* 4 FETCH (UID 4)')
    }
    await until('the change', async () => (await one.ok('NOOP')).includes('* 2 EXPUNGE'))
    expect(await one.ok('FETCH 2:* UID')).to.contain('* 2 FETCH (UID 3)\r\n* 3 FETCH (UID 4)')
    expect(await one.command('FETCH 4 UID')).to.match(/^BAD/)
    expect(await one.ok('UID FETCH 2 UID')).to.match(/^OK/)
    expect(await one.ok('UID FETCH 9:* UID')).to.contain('UID 4')
  })
  it('IDLE hears of mail, flags and expunges', async () => {
    const [idler, other] = [await f.as(an), await f.as(an)]
    await idler.ok('SELECT INBOX')
    idler.write('i IDLE\r\n')
    await idler.until('+ idling\r\n')
    await f.deliver(an, mail('mới'))
    expect(await idler.until(/EXISTS\r\n/)).to.contain('* 1 EXISTS')
    await other.ok('SELECT INBOX')
    await other.ok('STORE 1 +FLAGS (\\Flagged)')
    expect(await idler.until(/\* 1 FETCH .*\r\n/)).to.contain('\\Flagged')
    await other.ok('STORE 1 +FLAGS (\\Deleted)')
    await other.ok('EXPUNGE')
    await idler.until('* 1 EXPUNGE\r\n')
    idler.write('DONE\r\n')
    await idler.until('i OK')
  })
  it('STORE in all its forms, with UNCHANGEDSINCE', async () => {
    for (const subject of ['a', 'b', 'c']) await f.deliver(an, mail(subject))
    const c = await f.as(an)
    await c.ok('SELECT INBOX (CONDSTORE)')
    expect(await c.ok('STORE 1:2 FLAGS (\\Seen work)')).to.match(
      /\* 1 FETCH .*FLAGS \(\\Seen work\) MODSEQ \(\d+\)\)\r\n\* 2 FETCH/,
    )
    expect(await c.ok('STORE 1 -FLAGS work')).to.contain('FLAGS (\\Seen)')
    const silent = await c.ok('UID STORE 3 +FLAGS.SILENT (\\Answered)')
    expect(silent).to.match(/\* 3 FETCH \(UID 3 MODSEQ \(\d+\)\)/)
    expect(silent).not.to.contain('\\Answered')
    const modseq = Number(/MODSEQ \((\d+)\)/.exec(await c.ok('FETCH 2 MODSEQ'))![1])
    const conditional = await c.command(`STORE 1:3 (UNCHANGEDSINCE ${modseq}) +FLAGS (claimed)`)
    expect(conditional).to.match(/^OK \[MODIFIED 1,3\]/m)
    expect(conditional).to.match(/\* 2 FETCH .*claimed/)
    expect(await c.ok(`UID FETCH 1:* FLAGS (CHANGEDSINCE ${modseq})`)).to.match(
      /\* 1 FETCH .*\r\n\* 2 FETCH .*MODSEQ.*\r\n\* 3 FETCH/,
    )
    expect(await c.command('STORE 1 FLAGS (\\Bogus)')).to.match(/^BAD/)
    expect(await c.ok('STORE 1 +FLAGS (\\Seen)')).to.match(/\* 1 FETCH .*\\Seen/) // unchanged, but told
  })
  it('a change by one session is told once to the other, and its own not again', async () => {
    await f.deliver(an, mail('a'))
    const [one, two] = [await f.as(an), await f.as(an)]
    await one.ok('SELECT INBOX')
    await two.ok('SELECT INBOX')
    expect([...(await one.ok('STORE 1 +FLAGS (\\Flagged)')).matchAll(/FETCH/g)]).to.have.length(1)
    expect(await one.ok('NOOP')).not.to.contain('FETCH')
    await until('the change', async () => (await two.ok('NOOP')).includes('* 1 FETCH'))
    expect(await two.ok('NOOP')).not.to.contain('FETCH')
    await two.ok('STORE 1 +FLAGS.SILENT (\\Answered)')
    expect(await two.ok('NOOP')).not.to.contain('FETCH')
  })
  it('COPY and MOVE', async () => {
    for (const subject of ['a', 'b', 'c']) await f.deliver(an, mail(subject))
    const c = await f.as(an)
    await c.ok('SELECT INBOX')
    expect(await c.ok('COPY 2:3 Archive')).to.match(/^OK \[COPYUID \d+ 2:3 1:2\]/m)
    const moved = await c.ok('MOVE 1,3 Archive')
    expect(moved).to.match(/\* OK \[COPYUID \d+ 1,3 3:4\].*\r\n\* 3 EXPUNGE\r\n\* 1 EXPUNGE/)
    expect(await c.command('COPY 1 "Không có"')).to.match(/^NO \[TRYCREATE\]/)
    expect(await c.command('COPY 9 Archive')).to.match(/^BAD/)
    expect(await c.ok('UID COPY 99 Archive')).to.match(/^OK/)
    expect(await c.ok('STATUS Archive (MESSAGES)')).to.contain('MESSAGES 4')
  })
  it('EXAMINE, CLOSE, UNSELECT', async () => {
    await f.deliver(an, mail('a'))
    const c = await f.as(an)
    expect(await c.ok('EXAMINE INBOX')).to.contain('[READ-ONLY]')
    expect(await c.command('STORE 1 +FLAGS (\\Deleted)')).to.match(/^NO/)
    await c.ok('FETCH 1 BODY[]')
    expect(await c.ok('SELECT INBOX')).to.contain('* OK [CLOSED]')
    expect(await c.ok('FETCH 1 FLAGS')).not.to.contain('\\Seen')
    await c.ok('STORE 1 +FLAGS (\\Deleted)')
    await c.ok('UNSELECT')
    expect(await c.ok('STATUS INBOX (MESSAGES DELETED DELETED-STORAGE)')).to.contain(
      'MESSAGES 1 DELETED 1 DELETED-STORAGE 1',
    )
    await c.ok('SELECT INBOX')
    expect(await c.ok('CLOSE')).not.to.contain('EXPUNGE')
    expect(await c.ok('STATUS INBOX (MESSAGES)')).to.contain('MESSAGES 0')
    expect(await c.command('SELECT Nowhere')).to.match(/^NO \[NONEXISTENT\]/)
    expect(await c.command('CLOSE')).to.match(/^BAD/)
  })
  it('SEARCH, ESEARCH, SEARCHRES', async () => {
    await f.deliver(an, mail('Cấp giấy phép xuất bản', 'Nội dung đơn'))
    await f.deliver(an, mail('Báo cáo tháng', 'xin giấy xác nhận', 'CongSo-Kind: dossier.lodge\r\n'))
    await f.deliver(an, mail('Hop giao ban', 'đề nghị họp'))
    const c = await f.as(an)
    await c.ok('SELECT INBOX')
    await c.ok('STORE 1 +FLAGS (\\Seen)')
    const cases: [search: string, want: string][] = [
      ['ALL', ' 1 2 3'],
      ['UNSEEN', ' 2 3'],
      ['SUBJECT "giấy phép"', ' 1'],
      ['SUBJECT "giay phep"', ' 1'],
      ['TEXT giấy', ' 1 2'],
      ['BODY "iấy xá"', ' 2'],
      ['OR SUBJECT tháng SUBJECT hop', ' 2 3'],
      ['NOT 2', ' 1 3'],
      ['(1:2 UNSEEN)', ' 2'],
      ['UID 3:*', ' 3'],
      ['HEADER CongSo-Kind ""', ' 2'],
      ['HEADER CongSo-Kind dossier', ' 2'],
      ['SENTON 23-Nov-2026', ' 1 2 3'],
      ['SENTBEFORE 23-Nov-2026', ''],
      ['LARGER 100000', ''],
      ['FROM ngoai.vn SMALLER 100000', ' 1 2 3'],
      ['KEYWORD none', ''],
      ['YOUNGER 3600', ' 1 2 3'],
      ['OLDER 3600', ''],
      ['OLD', ' 1 2 3'],
      ['RECENT', ''],
      ['EMAILID M999999', ''],
    ]
    for (const [search, want] of cases)
      expect(await c.ok(`SEARCH ${search}`), search).to.match(new RegExp(`^\\* SEARCH${want}\r\n`))
    expect(await c.command('SEARCH CHARSET KLINGON TEXT x')).to.match(/^NO \[BADCHARSET/)
    expect(await c.ok('SEARCH RETURN (MIN MAX COUNT ALL) ALL')).to.match(
      /\* ESEARCH \(TAG "t\d+"\) MIN 1 MAX 3 ALL 1:3 COUNT 3/,
    )
    await c.ok('UID SEARCH RETURN (SAVE) SUBJECT tháng')
    expect(await c.ok('FETCH $ UID')).to.contain('* 2 FETCH (UID 2)')
    expect(await c.ok('SEARCH MODSEQ 1')).to.match(/\* SEARCH 1 2 3 \(MODSEQ \d+\)/)
  })
  it('IMAP4rev2 when enabled: names in UTF-8, ESEARCH, no RECENT', async () => {
    const c = await f.as(an)
    await c.ok('ENABLE IMAP4rev2')
    await c.ok('CREATE "Hồ sơ"')
    expect(await c.ok('LIST "" H*')).to.contain(Buffer.from('"Hồ sơ"').toString('latin1'))
    const selected = await c.ok('SELECT "Hồ sơ"')
    expect(selected).not.to.contain('RECENT')
    expect(selected).to.contain('* LIST () "/" "H')
    expect(await c.ok('SEARCH ALL')).to.match(/\* ESEARCH \(TAG "t\d+"\)\r\n/)
  })
  it('messages that somebody removes while a slow client fetches them', async () => {
    for (let i = 0; i < 12; i++) await f.deliver(an, mail(`Lớn ${i}`, `${'x'.repeat(998)}\r\n`.repeat(1000)))
    const [slow, other] = [await f.as(an), await f.as(an)]
    await slow.ok('SELECT INBOX')
    await other.ok('SELECT INBOX')
    slow.write('s FETCH 1:* BODY.PEEK[]\r\n')
    // the server has begun, and cannot come to the last: the sockets' buffers do not hold 11 MB for a client that has stopped
    await slow.until('* 1 FETCH')
    slow.socket.pause()
    await other.ok('STORE 12 +FLAGS.SILENT (\\Deleted)')
    await other.ok('EXPUNGE')
    slow.socket.resume()
    const answer = await slow.until(/^s .*\r\n/m)
    expect(answer).to.match(/^s NO \[EXPUNGEISSUED\]/m)
    expect(answer.match(/^\* \d+ FETCH/gm)).to.have.length(10)
    await until('the EXPUNGE', async () => (await slow.ok('NOOP')).includes('* 12 EXPUNGE'))
  })
  it('a mailbox deleted under a session ends it', async () => {
    const [one, two] = [await f.as(an), await f.as(an)]
    await one.ok('CREATE Tạm')
    await two.ok('SELECT Tạm')
    await one.ok('DELETE Tạm')
    two.write('a IDLE\r\n')
    expect(await two.untilClosed()).to.contain('* BYE')
  })
})
