import { connect } from 'node:net'
import { expect } from 'chai'
import { until } from '#test/until.ts'
import { an, Client, type Fixture, ha, mail, office, register, startFixture } from './fixture.ts'

const since = '2026-01-01T00:00:00Z'

describe('IMAP: folders of offices and registers', () => {
  let f: Fixture
  beforeEach(async () => {
    f = await startFixture()
  })
  afterEach(() => f[Symbol.asyncDispose]())

  it('shows an office to those who hold it, and to nobody else', async () => {
    f.accounts.addGrant({ person: ha, office, rights: ['read', 'act'], from: since })
    await f.deliver(office, mail('Gửi một cửa'))
    const holder = await f.as(ha)
    const listed = await holder.ok('LIST "" *')
    expect(listed).to.contain('* LIST (\\NonExistent \\Noselect \\HasChildren) "/" "Chung"\r\n')
    expect(listed).to.contain('"Chung/motcua.stttt/INBOX"')
    expect(listed).not.to.match(/\\Sent\) "\/" "Chung/)
    expect(await holder.ok('LSUB "" "*"')).to.contain('"Chung/motcua.stttt/INBOX"')
    expect(await holder.ok('LIST "Chung/" "%"')).to.contain('"Chung/motcua.stttt"')
    expect(await holder.ok('SELECT Chung/motcua.stttt/inbox')).to.contain('[READ-WRITE]')
    await holder.ok('STORE 1 +FLAGS (\\Seen)')
    await holder.ok('CREATE "Chung/motcua.stttt/Đã xong"')
    expect(await holder.ok('UID MOVE 1 "Chung/motcua.stttt/Đã xong"')).to.contain('COPYUID')
    expect(await holder.append('Chung/motcua.stttt/INBOX', mail('thêm'))).to.match(/APPENDUID/)
    expect(await holder.command('CREATE Chung/khac/x')).to.match(/^NO/)
    expect(await holder.command('CREATE Chung')).to.match(/^NO/)

    const other = await f.as(an)
    expect(await other.ok('LIST "" *')).not.to.contain('Chung')
    expect(await other.command('SELECT Chung/motcua.stttt/INBOX')).to.match(/^NO \[NONEXISTENT\]/)
    expect(await other.append('Chung/motcua.stttt/INBOX', mail('x'))).to.match(/^NO \[TRYCREATE\]/)
  })

  it('read is read-only', async () => {
    f.accounts.addGrant({ person: ha, office, rights: ['read'], from: since })
    await f.deliver(office, mail('Gửi một cửa'))
    const c = await f.as(ha)
    expect(await c.ok('SELECT Chung/motcua.stttt/INBOX')).to.contain('[READ-ONLY]')
    await c.ok('FETCH 1 BODY[]')
    expect(await c.ok('FETCH 1 FLAGS')).not.to.contain('\\Seen')
    expect(await c.command('STORE 1 +FLAGS (\\Seen)')).to.match(/^NO \[NOPERM\]/)
    expect(await c.command('MOVE 1 INBOX')).to.match(/^NO/)
    expect(await c.append('Chung/motcua.stttt/INBOX', mail('x'))).to.match(/^NO \[NOPERM\]/)
    expect(await c.command('DELETE Chung/motcua.stttt/Sent')).to.match(/^NO \[NOPERM\]/)
    await c.ok('COPY 1 INBOX')
  })

  it('the right to send alone shows nothing', async () => {
    f.accounts.addGrant({ person: ha, office, rights: ['send'], from: since })
    expect(await (await f.as(ha)).ok('LIST "" *')).not.to.contain('Chung')
  })

  it('a withdrawn right ends new commands at once and the running session at the next look', async () => {
    const { grant } = f.accounts.addGrant({ person: ha, office, rights: ['read', 'act'], from: since })
    await f.deliver(office, mail('Gửi một cửa'))
    const [idle, busy] = [await f.as(ha), await f.as(ha)]
    await idle.ok('SELECT Chung/motcua.stttt/INBOX')
    idle.write('i IDLE\r\n')
    await idle.until('+ idling')
    await busy.ok('SELECT Chung/motcua.stttt/INBOX')
    f.accounts.endGrant(grant, new Date().toISOString())
    expect(await busy.command('STORE 1 +FLAGS (\\Seen)')).to.match(/^NO \[NOPERM\]/)
    expect(await busy.command('STATUS Chung/motcua.stttt/INBOX (MESSAGES)')).to.match(/^NO/)
    await f.imap.sweep()
    expect(await idle.untilClosed()).to.contain('* BYE')
    expect(await busy.untilClosed()).to.contain('* BYE')
  })

  async function registerClient(): Promise<Client> {
    const { token } = f.accounts.issueToken(f.id(register), 'workers')
    const c = new Client(connect(f.imap.ports.imap, '127.0.0.1'))
    await c.until('\r\n')
    await c.ok(`LOGIN ${register} ${token}`)
    return c
  }

  async function commit(): Promise<void> {
    const uid = await f.deliver(register, mail('Lenh'))
    const entry = Buffer.from(mail('Su kien'))
    const { result } = await f.store.write('ledgerCommit', {
      account: f.id(register),
      expectedHead: 0,
      command: { id: 'Lenh@ngoai.vn', uid },
      entry: {
        raw: entry,
        data: JSON.stringify({ seq: 1, prev: f.store.read.ledgerHead(f.id(register)).hash }),
        messageId: 'Sukien@ngoai.vn',
      },
      year: 2026,
      notices: [],
      at: Date.now(),
    })
    expect(result).to.equal('committed')
  }

  it('a service token opens the register; nothing changes a ledger', async () => {
    await commit()
    const c = await registerClient()
    expect(await c.ok('SELECT Ledger/2026')).to.contain('[READ-ONLY]')
    expect(await c.ok('FETCH 1 BODY.PEEK[HEADER]')).to.contain('Subject: Su kien')
    await f.deliver(register, mail('Lenh hai'))
    const refused = [
      'STORE 1 +FLAGS (\\Deleted)',
      'EXPUNGE',
      'UID EXPUNGE 1',
      'MOVE 1 INBOX',
      'COPY 1 INBOX',
      'RENAME Ledger/2026 x',
      'RENAME INBOX x',
      'DELETE Ledger/2026',
      'DELETE Handled/2026',
      'CREATE Ledger/2099',
      'RENAME "Dead letters" y',
    ]
    for (const command of refused) expect(await c.command(command), command).to.match(/^NO \[CANNOT\]/)
    for (const mailbox of ['INBOX', 'Ledger/2026', 'Handled/2026', '"Dead letters"'])
      expect(await c.append(mailbox, mail('giả')), mailbox).to.match(/^NO \[CANNOT\]/)
    await c.ok('SELECT INBOX')
    for (const mailbox of ['Ledger/2026', 'Handled/2026', '"Dead letters"']) {
      expect(await c.command(`COPY 1 ${mailbox}`), mailbox).to.match(/^NO \[CANNOT\]/)
      expect(await c.command(`MOVE 1 ${mailbox}`), mailbox).to.match(/^NO \[CANNOT\]/)
    }
    await c.ok('SELECT Ledger/2026')
    await c.ok('CLOSE')
    expect(await c.ok('STATUS Ledger/2026 (MESSAGES)')).to.contain('MESSAGES 1')
  })

  it('a token is good for its own mailbox only', async () => {
    const { token } = f.accounts.issueToken(f.id(register), 'workers')
    const c = await f.connect()
    expect(await c.command(`LOGIN ${an} ${token}`)).to.match(/^NO/)
  })

  it('whoever sees a register may have a dead letter tried again', async () => {
    const uid = await f.deliver(register, mail('Hong'))
    await f.store.write('ledgerDeadLetter', { account: f.id(register), uid, why: 'refused five times', at: Date.now() })
    f.accounts.addGrant({ person: ha, office: register, rights: ['read'], from: since })
    const c = await f.as(ha)
    expect(await c.ok('LIST "" Chung/*')).to.match(/"Chung\/so.stttt\/Dead letters"/)
    await c.ok('SELECT "Chung/so.stttt/Dead letters"')
    expect(await c.ok('FETCH 1 BODY.PEEK[HEADER.FIELDS (Delivery-Failure)]')).to.contain('refused five times')
    const date = /INTERNALDATE "[^"]+"/.exec(await c.ok('FETCH 1 INTERNALDATE'))![0]
    expect(await c.command('STORE 1 +FLAGS (\\Seen)')).to.match(/^NO/)
    expect(await c.command('MOVE 1 INBOX')).to.match(/^NO/)
    expect(await c.ok('MOVE 1 Chung/so.stttt/INBOX')).to.contain('* 1 EXPUNGE')
    await c.ok('EXAMINE Chung/so.stttt/INBOX')
    expect(await c.ok('FETCH 1 INTERNALDATE')).to.contain(date)
  })

  it('a register announces new commands to an idle worker', async () => {
    const c = await registerClient()
    await c.ok('SELECT INBOX')
    c.write('i IDLE\r\n')
    await c.until('+ idling')
    await f.deliver(register, mail('Lenh moi'))
    await c.until('* 1 EXISTS')
    c.write('DONE\r\n')
    await c.until('i OK')
    await until('the message', async () => (await c.ok('UID SEARCH ALL')).includes('SEARCH 1'))
  })
})
