import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'chai'
import type { Client, Fixture } from './fixture.ts'
import { an, domain, ha, mail, office, password, startFixture } from './fixture.ts'

const since = '2026-01-01T00:00:00Z'
const root = 'Chung/motcua.stttt'
const minh = `minh.le@${domain}`
const group = `phong.bcxb@${domain}`

describe('IMAP: single folders of an office (RFC 4314)', () => {
  let f: Fixture
  /** manages the office; was given no folder of it by name */
  let manager: Client
  /** holds nothing of the office */
  let guest: Client
  let grant: string
  beforeEach(async () => {
    f = await startFixture()
    await f.accounts.addAccount({ address: minh, name: 'Lê Minh', password })
    await f.store.write('openAccount', { account: f.id(minh), kind: 'person' })
    ;({ grant } = f.accounts.addGrant({ person: ha, office, rights: ['act', 'manage'], from: since }))
    await f.deliver(office, mail('Gửi một cửa'))
    ;[manager, guest] = [await f.as(ha), await f.as(an)]
    await manager.ok(`CREATE ${root}/KhieuNai`)
    await manager.append(`${root}/KhieuNai`, mail('Khiếu nại'))
  })
  afterEach(() => f[Symbol.asyncDispose]())

  it('somebody without the office sees the one folder in the shared namespace, and nothing beside it', async () => {
    expect(await guest.ok('LIST "" *')).not.to.contain('Chung')
    await manager.ok(`SETACL ${root}/KhieuNai ${an} lrs`)
    expect(await guest.ok('NAMESPACE')).to.contain('"Chung/"')
    expect((await guest.ok('LIST "" *')).match(/[^"]*Chung[^"]*/g)).to.deep.equal(['Chung', root, `${root}/KhieuNai`])
    expect(await guest.ok('LIST "" "Chung/%"')).to.contain(`(\\NonExistent \\Noselect \\HasChildren) "/" "${root}"`)
    expect(await guest.ok('LSUB "" *')).to.contain(`"${root}/KhieuNai"`)
    expect(await guest.ok(`MYRIGHTS ${root}/KhieuNai`)).to.contain('"lrs"')
    expect(await guest.ok(`SELECT ${root}/KhieuNai`)).to.match(/PERMANENTFLAGS \(\\Seen\)[\s\S]*READ-WRITE/)
    expect(await guest.ok('FETCH 1 BODY[]')).to.contain('\\Seen')
    for (const name of ['INBOX', 'Archive', 'x'])
      expect(await guest.command(`SELECT ${root}/${name}`), name).to.match(/^NO \[NONEXISTENT\]/m)
    for (const refused of [`CREATE ${root}/x`, `CREATE ${root}/KhieuNai/x`, `DELETE ${root}/KhieuNai`])
      expect(await guest.command(refused), refused).to.match(/^NO \[NOPERM\]/)
    expect(await guest.command(`GETACL ${root}/KhieuNai`)).to.match(/^NO \[NOPERM\]/)
    expect(await guest.command(`SETACL ${root}/KhieuNai ${minh} lr`)).to.match(/^NO \[NOPERM\]/)
    expect(await guest.ok(`GETQUOTAROOT ${root}/KhieuNai`)).to.contain(office)
  })

  it('the list names whom the administration gave the office to, and says that this is not taken back here', async () => {
    f.accounts.putAlias({ address: group, to: [minh], group: { name: 'Phòng', outside: false } })
    f.accounts.addGrant({ person: group, office, rights: ['read'], from: since })
    f.accounts.addGrant({ person: an, office, rights: ['send'], from: since })
    await manager.ok(`SETACL ${root}/KhieuNai ${an} lr`)
    await manager.ok(`SETACL ${root}/KhieuNai ${group} lrs`)
    const listed = await manager.ok(`GETACL ${root}/KhieuNai`)
    const pairs = [...listed.matchAll(/"([^" ]*@[^" ]*)" "([a-z]*)"/g)].map((found) => found.slice(1))
    expect(pairs).to.have.deep.members([
      [ha, 'lrswipkxteacd'],
      [group, 'lrs'],
      [an, 'lr'],
    ])
    expect(await manager.ok(`LISTRIGHTS ${root}/KhieuNai ${group}`)).to.contain(`"${group}" "lr" s w i p k x t e a`)
    expect(await manager.ok(`LISTRIGHTS ${root}/KhieuNai ${an}`)).to.contain(`"${an}" "" l r s`)
    await manager.ok(`DELETEACL ${root}/KhieuNai ${group}`)
    expect(await manager.ok(`GETACL ${root}/KhieuNai`)).to.contain(`"${group}" "lr"`)
    expect(await (await f.as(minh)).ok(`MYRIGHTS ${root}/KhieuNai`)).to.contain('"lr"')
  })

  it('a folder is closed to those who hold the office by taking rights away; who manages it never loses the list', async () => {
    f.accounts.addGrant({ person: an, office, rights: ['act'], from: since })
    expect(await guest.ok(`MYRIGHTS ${root}/KhieuNai`)).to.contain('"lrswipkxtecd"')
    await manager.ok(`SETACL ${root}/KhieuNai -${an} lrswipkxte`)
    expect(await guest.ok('LIST "" *'))
      .to.contain(`${root}/INBOX`)
      .and.not.contain('KhieuNai')
    await manager.ok(`SETACL ${root}/KhieuNai -${office} lrswipkxtea`)
    expect(await manager.ok(`MYRIGHTS ${root}/KhieuNai`)).to.contain('"la"')
    await manager.ok(`DELETEACL ${root}/KhieuNai -${office}`)
    expect(await manager.ok(`MYRIGHTS ${root}/KhieuNai`)).to.contain('"lrswipkxteacd"')
  })

  it('to manage is to read and to administer, and to change nothing', async () => {
    f.accounts.addGrant({ person: minh, office, rights: ['manage'], from: since })
    const other = await f.as(minh)
    expect(await other.ok(`MYRIGHTS ${root}/INBOX`)).to.contain('"lra"')
    expect(await other.ok(`SELECT ${root}/INBOX`)).to.contain('READ-ONLY')
    await other.ok(`SETACL ${root}/INBOX ${an} lr`)
    expect(await guest.ok('LIST "" *')).to.contain(`${root}/INBOX`)
    const mailbox = f.store.read.mailbox(f.id(office), 'INBOX')!.id
    expect(f.store.read.acl(mailbox)).to.deep.include.members([
      { mailbox, identifier: an, negative: false, rights: 'lr', by: minh, at: f.store.read.acl(mailbox)[0]!.at },
    ])
    expect(f.store.read.aclHistory(f.id(office), 5)[0]).to.include({ path: 'INBOX', identifier: an, by: minh })
  })

  it('a withdrawn folder, and a withdrawn management, end new commands at once and the running session at the next look', async () => {
    await manager.ok(`SETACL ${root}/KhieuNai ${an} lrs`)
    await guest.ok(`SELECT ${root}/KhieuNai`)
    guest.write('i IDLE\r\n')
    await guest.until('+ idling')
    await manager.ok(`DELETEACL ${root}/KhieuNai ${an}`)
    await f.imap.sweep()
    expect(await guest.untilClosed()).to.contain('* BYE')
    await manager.ok(`SELECT ${root}/KhieuNai`)
    f.accounts.endGrant(grant, new Date().toISOString())
    expect(await manager.command(`SETACL ${root}/KhieuNai ${an} lr`)).to.match(/^NO/)
    await f.imap.sweep()
    expect(await manager.untilClosed()).to.contain('* BYE')
  })

  it('dates, the last day of the office, and a locked office', async () => {
    const mailbox = f.store.read.mailbox(f.id(office), 'KhieuNai')!.id
    const now = Date.now()
    const give = (dates: { from?: number; to?: number }) =>
      f.store.write('setAcl', {
        mailbox,
        identifier: an,
        negative: false,
        change: { op: 'set', rights: 'lr' },
        dates,
        by: ha,
        at: now,
      })
    await give({ from: now + 3_600_000 })
    expect(await guest.ok('LIST "" *')).not.to.contain('KhieuNai')
    await give({ from: now - 1000, to: now + 3_600_000 })
    expect(await guest.ok('LIST "" *')).to.contain('KhieuNai')
    f.accounts.disable(office, true)
    expect(await guest.ok('LIST "" *')).not.to.contain('KhieuNai')
    expect(await guest.command(`SELECT ${root}/KhieuNai`)).to.match(/^NO \[NONEXISTENT\]/m)
  })

  it('Python’s imaplib: the manager gives, the guest reads, and loses it', async () => {
    const script = `
import imaplib, sys
port, manager, guest, password, root = int(sys.argv[1]), *sys.argv[2:6]
def sign_in(who):
    c = imaplib.IMAP4('127.0.0.1', port); c.authenticate('PLAIN', lambda _: f'\\0{who}\\0{password}'.encode()); return c
m, g = sign_in(manager), sign_in(guest)
names = lambda: [line.decode().split(' "/" ')[1].strip('"') for line in g.list()[1] if b'Chung' in line]
assert names() == [], names()
assert m.setacl(root + '/KhieuNai', guest, 'lr')[0] == 'OK'
assert names() == ['Chung', root, root + '/KhieuNai'], names()
assert g.select(root + '/KhieuNai', readonly=True) == ('OK', [b'1'])
assert b'Khi' in g.fetch('1', '(RFC822.HEADER)')[1][0][1]
assert g.myrights(root + '/KhieuNai')[1][0].endswith(b'"lr"')
assert m.deleteacl(root + '/KhieuNai', guest)[0] == 'OK'
assert names() == [], names()
assert g.select(root + '/KhieuNai')[0] == 'NO'
print('done')
`
    const { stdout } = await promisify(execFile)('python3', [
      '-c',
      script,
      ...[String(f.imap.ports.imap), ha, an, password, root],
    ])
    expect(stdout).to.equal('done\n')
  })
})
