import { expect } from 'chai'
import type { Client, Fixture } from './fixture.ts'
import { an, domain, ha, mail, office, password, register, startFixture } from './fixture.ts'

const since = '2026-01-01T00:00:00Z'
const group = `phong.bcxb@${domain}`
const others = '"Ng&AbAe3Q-i kh&AOE-c'
const shared = `${others}/${an}/`
const ofAn = (path: string) => `${shared}${path}"`
const minh = `minh.le@${domain}`

describe('IMAP: folders that persons share (RFC 4314)', () => {
  let f: Fixture
  let owner: Client
  let guest: Client
  beforeEach(async () => {
    f = await startFixture()
    await f.accounts.addAccount({ address: minh, name: 'Lê Minh', password })
    await f.store.write('openAccount', { account: f.id(minh), kind: 'person' })
    ;[owner, guest] = [await f.as(an), await f.as(ha)]
    await owner.ok('CREATE BaoCao')
    await owner.append('BaoCao', mail('Báo cáo tuần'))
  })
  afterEach(() => f[Symbol.asyncDispose]())

  it('an owner grants, lists and takes away; a guest sees the folder below the owner and no other', async () => {
    expect(await guest.ok('LIST "" *')).not.to.contain('kh&AOE-c')
    expect(await guest.command(`SELECT ${ofAn('BaoCao')}`)).to.match(/^NO \[NONEXISTENT\]/)
    await owner.ok(`SETACL BaoCao ${ha} lr`)
    expect(await owner.ok('GETACL BaoCao')).to.contain(`* ACL "BaoCao" "${an}" "lrswipkxteacd" "${ha}" "lr"\r\n`)
    expect(await guest.ok(`MYRIGHTS ${ofAn('BaoCao')}`)).to.contain(`* MYRIGHTS ${ofAn('BaoCao')} "lr"\r\n`)
    const listed = await guest.ok('LIST "" *')
    expect(listed).to.contain(`* LIST (\\NonExistent \\Noselect \\HasChildren) "/" ${others}"\r\n`)
    expect(listed).to.contain(`"/" ${ofAn('BaoCao')}\r\n`)
    expect(listed).not.to.contain(ofAn('INBOX'))
    expect(await guest.ok('LSUB "" *')).to.contain(ofAn('BaoCao'))
    expect(await guest.ok('LIST "" (*) RETURN (MYRIGHTS)')).to.contain(`* MYRIGHTS ${ofAn('BaoCao')} "lr"\r\n`)
    expect(await guest.ok(`STATUS ${ofAn('BaoCao')} (MESSAGES)`)).to.contain('MESSAGES 1')
    expect(await guest.ok('LIST "" (*) RETURN (STATUS (MESSAGES))')).to.contain(
      `* STATUS ${ofAn('BaoCao')} (MESSAGES 1)`,
    )
    expect(await guest.command(`GETACL ${ofAn('BaoCao')}`)).to.match(/^NO \[NOPERM\]/)
    expect(await guest.command(`SETACL ${ofAn('BaoCao')} ${ha} a`)).to.match(/^NO \[NOPERM\]/)
    await owner.ok(`DELETEACL BaoCao ${ha}`)
    expect(await guest.ok('LIST "" *')).not.to.contain('kh&AOE-c')
    expect(await guest.command(`MYRIGHTS ${ofAn('BaoCao')}`)).to.match(/^NO \[NONEXISTENT\]/)
  })

  it('each right opens what it opens, and nothing else', async () => {
    await owner.ok(`SETACL BaoCao ${ha} lr`)
    expect(await guest.ok(`SELECT ${ofAn('BaoCao')}`)).to.match(/PERMANENTFLAGS \(\)[\s\S]*READ-ONLY/)
    await guest.ok('FETCH 1 BODY[]')
    await guest.ok('COPY 1 INBOX')
    for (const refused of [
      'STORE 1 +FLAGS (\\Seen)',
      'EXPUNGE',
      'MOVE 1 INBOX',
      `APPEND ${ofAn('BaoCao')} {3+}\r\nabc`,
    ])
      expect(await guest.command(refused), refused).to.match(/^NO/m)
    for (const refused of [
      `CREATE ${ofAn('BaoCao/x')}`,
      `CREATE ${ofAn('x')}`,
      `DELETE ${ofAn('BaoCao')}`,
      `RENAME ${ofAn('BaoCao')} x`,
    ])
      expect(await guest.command(refused), refused).to.match(/^NO \[NOPERM\]/)

    await owner.ok(`SETACL BaoCao ${ha} +s`)
    expect(await guest.ok(`SELECT ${ofAn('BaoCao')}`)).to.match(/PERMANENTFLAGS \(\\Seen\)[\s\S]*READ-WRITE/)
    expect(await guest.ok('FETCH 1 BODY[]')).to.contain('FLAGS (\\Seen)')
    expect(await guest.command('STORE 1 +FLAGS (\\Flagged)')).to.match(/^NO \[NOPERM\]/)
    expect(await guest.ok('STORE 1 FLAGS (\\Flagged x \\Deleted)')).to.contain('FETCH (FLAGS ())')

    await owner.ok(`SETACL BaoCao ${ha} lrw`)
    expect(await guest.ok('STORE 1 FLAGS (\\Flagged \\Deleted \\Seen xong)')).to.contain(
      'FETCH (FLAGS (\\Flagged xong))',
    )
    await owner.ok(`SETACL BaoCao ${ha} lrt`)
    expect(await guest.ok('STORE 1 FLAGS (\\Deleted)')).to.contain('FETCH (FLAGS (\\Flagged \\Deleted xong))')
    expect(await guest.command('EXPUNGE')).to.match(/^NO \[NOPERM\]/)
    await owner.ok(`SETACL BaoCao ${ha} lre`)
    expect(await guest.ok('EXPUNGE')).to.contain('* 1 EXPUNGE')

    await owner.ok(`SETACL BaoCao ${ha} lis`)
    expect(await guest.command(`SELECT ${ofAn('BaoCao')}`)).to.match(/^NO \[NOPERM\]/m)
    expect(await guest.command(`STATUS ${ofAn('BaoCao')} (MESSAGES)`)).to.match(/^NO \[NOPERM\]/)
    expect(await guest.append(ofAn('BaoCao'), mail('Góp'), '(\\Seen \\Flagged) ')).to.match(/^OK \[APPENDUID/m)
    await owner.ok('SELECT BaoCao')
    expect(await owner.ok('FETCH 1 FLAGS')).to.contain('FLAGS (\\Seen)')
    await guest.append('INBOX', mail('Của tôi'), '(\\Seen \\Flagged giu) ')
    await guest.ok('SELECT INBOX')
    await guest.ok(`COPY * ${ofAn('BaoCao')}`)
    await owner.ok('NOOP')
    expect(await owner.ok('FETCH 2 FLAGS')).to.contain('FLAGS (\\Seen \\Recent)')

    await owner.ok(`SETACL BaoCao ${ha} lrk`)
    await guest.ok(`CREATE ${ofAn('BaoCao/2026')}`)
    expect(await guest.ok('LIST "" *')).to.contain(ofAn('BaoCao/2026'))
    expect(await guest.command(`DELETE ${ofAn('BaoCao/2026')}`)).to.match(/^NO \[NOPERM\]/)
    await owner.ok(`SETACL BaoCao/2026 ${ha} +x`)
    await guest.ok(`RENAME ${ofAn('BaoCao/2026')} ${ofAn('BaoCao/2027')}`)
    expect(await guest.command(`RENAME ${ofAn('BaoCao/2027')} 2027`)).to.match(/^NO \[CANNOT\]/)
    await guest.ok(`DELETE ${ofAn('BaoCao/2027')}`)
  })

  it('a drop-box that one may not look into does not say that it is there', async () => {
    await owner.ok(`SETACL BaoCao ${ha} i`)
    expect(await guest.ok('LIST "" *')).not.to.contain('BaoCao')
    expect(await guest.command(`SELECT ${ofAn('BaoCao')}`)).to.match(/^NO \[NONEXISTENT\]/m)
    expect(await guest.append(ofAn('BaoCao'), mail('x'))).to.match(/^OK/m)
  })

  it('groups, anyone and negative rights; who is put into a group sees at once', async () => {
    f.accounts.putAlias({ address: group, to: [minh], group: { name: 'Phòng BC-XB', outside: false } })
    await owner.ok(`SETACL BaoCao ${group} lrs`)
    expect(await guest.ok('LIST "" *')).not.to.contain('BaoCao')
    f.accounts.putAlias({ address: group, to: [minh, ha], group: { name: 'Phòng BC-XB', outside: false } })
    expect(await guest.ok(`MYRIGHTS ${ofAn('BaoCao')}`)).to.contain('"lrs"')
    await owner.ok(`SETACL BaoCao -${ha} s`)
    expect(await owner.ok('GETACL BaoCao')).to.contain(`"-${ha}" "s"`)
    expect(await guest.ok(`MYRIGHTS ${ofAn('BaoCao')}`)).to.contain('"lr"')
    await owner.ok('SETACL BaoCao anyone lrw')
    expect(await guest.ok(`MYRIGHTS ${ofAn('BaoCao')}`)).to.contain('"lrw"')
    f.accounts.putAlias({ address: group, to: [minh], group: { name: 'Phòng BC-XB', outside: false } })
    await owner.ok('DELETEACL BaoCao anyone')
    await owner.ok(`DELETEACL BaoCao -${ha}`)
    expect(await guest.ok('LIST "" *')).not.to.contain('BaoCao')
    // an office as identifier: those who hold it
    await owner.ok(`SETACL BaoCao ${office} lr`)
    f.accounts.addGrant({ person: ha, office, rights: ['read'], from: since })
    expect(await guest.ok('LIST "" *')).to.contain(ofAn('BaoCao'))
    expect(await owner.command(`SETACL BaoCao ai.do@${domain} lr`)).to.match(/^NO \[CANNOT\]/)
    expect(await owner.command(`SETACL BaoCao ${ha} LR`)).to.match(/^BAD/)
    expect(await owner.command(`SETACL BaoCao ${ha} lrz`)).to.match(/^BAD/)
    expect(await owner.command('SETACL BaoCao "" lr')).to.match(/^BAD/)
    expect(await owner.command(`SETACL BaoCao ${'x'.repeat(500)} lr`)).to.match(/^BAD/)
  })

  it('an owner may bind her own hands, but never loses the list', async () => {
    await owner.ok(`SETACL BaoCao ${an} r`)
    expect(await owner.ok('MYRIGHTS BaoCao')).to.contain('"lra"')
    expect(await owner.append('BaoCao', mail('x'))).to.match(/^NO \[NOPERM\]/m)
    await owner.ok(`DELETEACL BaoCao ${an}`)
    expect(await owner.append('BaoCao', mail('x'))).to.match(/^OK/m)
    await owner.ok(`SETACL BaoCao -${an} lae`)
    expect(await owner.ok('MYRIGHTS BaoCao')).to.contain('"lrswipkxtacd"')
    expect(await owner.ok(`LISTRIGHTS BaoCao ${an}`)).to.contain(`* LISTRIGHTS "BaoCao" "${an}" "la" r s w i p k x t e`)
    expect(await owner.ok(`LISTRIGHTS BaoCao ${ha}`)).to.contain(`"${ha}" "" l r s w i p k x t e a`)
  })

  it('rights follow a rename, are inherited by what is created below, and die with the mailbox', async () => {
    await owner.ok(`SETACL BaoCao ${ha} lr`)
    await owner.ok('RENAME BaoCao BaoCao2')
    expect(await guest.ok(`MYRIGHTS ${ofAn('BaoCao2')}`)).to.contain('"lr"')
    await owner.ok('CREATE BaoCao2/a/b')
    expect(await guest.ok(`MYRIGHTS ${ofAn('BaoCao2/a/b')}`)).to.contain('"lr"')
    await owner.ok('DELETE BaoCao2/a/b')
    await owner.ok('CREATE Khac')
    await owner.ok(`SETACL Khac ${ha} lr`)
    await owner.ok('DELETE Khac')
    await owner.ok('CREATE Khac')
    expect(await guest.ok('LIST "" *')).not.to.contain('Khac')
  })

  it('dates: not before the first, not from the last; a change over IMAP keeps them', async () => {
    const mailbox = f.store.read.mailbox(f.id(an), 'BaoCao')!.id
    const now = Date.now()
    const grant = (dates: { from?: number; to?: number }) =>
      f.store.write('setAcl', {
        mailbox,
        identifier: ha,
        negative: false,
        change: { op: 'set', rights: 'lr' },
        dates,
        by: an,
        at: now,
      })
    await grant({ from: now + 3_600_000 })
    expect(await guest.ok('LIST "" *')).not.to.contain('BaoCao')
    await grant({ from: now - 1000, to: now + 3_600_000 })
    expect(await guest.ok('LIST "" *')).to.contain('BaoCao')
    await owner.ok(`SETACL BaoCao ${ha} +s`)
    expect(f.store.read.acl(mailbox)[0]).to.deep.include({ rights: 'lrs', to: now + 3_600_000 })
    await grant({ to: now - 1 })
    expect(await guest.command(`SELECT ${ofAn('BaoCao')}`)).to.match(/^NO \[NONEXISTENT\]/)
    await owner.ok(`SETACL BaoCao ${ha} lr`)
    await guest.ok(`SELECT ${ofAn('BaoCao')}`)
    expect(f.store.read.aclHistory(f.id(an), 10).map((r) => [r.path, r.identifier, r.rights, r.by])).to.deep.equal(
      ['lr', 'lr', 'lrs', 'lr', 'lr'].map((rights) => ['BaoCao', ha, rights, an]),
    )
  })

  it('a withdrawn right ends new commands at once and the running session at the next look', async () => {
    await owner.ok(`SETACL BaoCao ${ha} lrswit`)
    await guest.ok(`SELECT ${ofAn('BaoCao')}`)
    const idle = await f.as(ha)
    await idle.ok(`SELECT ${ofAn('BaoCao')}`)
    idle.write('i IDLE\r\n')
    await idle.until('+ idling')
    await owner.ok(`DELETEACL BaoCao ${ha}`)
    for (const refused of ['FETCH 1 FLAGS', 'SEARCH ALL', 'STORE 1 +FLAGS (\\Seen)', 'COPY 1 INBOX'])
      expect(await guest.command(refused), refused).to.match(/^NO \[NOPERM\]/)
    await f.imap.sweep()
    expect(await idle.untilClosed()).to.contain('* BYE')
    expect(await guest.untilClosed()).to.contain('* BYE')
  })

  it('registers stay append-only whatever is granted, and who acts for an office does not administer it', async () => {
    f.accounts.addGrant({ person: ha, office: register, rights: ['read'], from: since })
    f.accounts.addGrant({ person: ha, office, rights: ['act'], from: since })
    const ledger = f.store.read.mailbox(f.id(register), 'Ledger')!.id
    await f.store.write('setAcl', {
      mailbox: ledger,
      identifier: ha,
      negative: false,
      change: { op: 'set', rights: 'lrswipkxtea' },
      by: ha,
      at: Date.now(),
    })
    expect(await guest.ok('MYRIGHTS Chung/so.stttt/Ledger')).to.contain('"lra"')
    expect(await guest.append('Chung/so.stttt/Ledger', mail('x'))).to.match(/^NO/m)
    expect(await guest.command('DELETE Chung/so.stttt/Ledger')).to.match(/^NO \[CANNOT\]/)
    expect(await guest.ok('MYRIGHTS Chung/motcua.stttt/INBOX')).to.contain('"lrswipkxtecd"')
    expect(await guest.command(`SETACL Chung/motcua.stttt/INBOX ${an} lr`)).to.match(/^NO \[NOPERM\]/)
  })

  it('what a person shares ends with their last day', async () => {
    for (const [name, to] of [
      ['da.nghi', '2026-01-02'],
      ['con.lam', '2999-01-02'],
    ] as const) {
      const address = `${name}@${domain}`
      await f.accounts.addAccount({ address, name, from: '2020-01-01', to })
      await f.store.write('openAccount', { account: f.id(address), kind: 'person' })
      await f.store.write('setAcl', {
        mailbox: f.store.read.mailbox(f.id(address), 'INBOX')!.id,
        identifier: ha,
        negative: false,
        change: { op: 'set', rights: 'lr' },
        by: address,
        at: Date.now(),
      })
    }
    const listed = await guest.ok('LIST "" *')
    expect(listed).to.contain(`con.lam@${domain}/INBOX`).and.not.contain('da.nghi')
    await guest.ok(`SELECT ${others}/con.lam@${domain}/INBOX"`)
    expect(await guest.command(`SELECT ${others}/da.nghi@${domain}/INBOX"`)).to.match(/^NO \[NONEXISTENT\]/m)
  })

  it('no more entries than a list may have; names of accounts without folders for us are nobody', async () => {
    const mailbox = f.store.read.mailbox(f.id(an), 'BaoCao')!.id
    for (let n = 0; n < 200; n++)
      await f.store.write('setAcl', {
        mailbox,
        identifier: `x${n}@${domain}`,
        negative: false,
        change: { op: 'set', rights: 'l' },
        by: an,
        at: n,
      })
    expect(await owner.command(`SETACL BaoCao ${ha} lr`)).to.match(/^NO \[LIMIT\]/)
    await owner.ok(`DELETEACL BaoCao x7@${domain}`)
    await owner.ok(`SETACL BaoCao ${ha} lr`)
    for (const name of [register, office, ha, 'x', '', '../..'])
      expect(await guest.command(`SELECT ${others}/${name}/INBOX"`), name).to.match(/^NO \[NONEXISTENT\]/)
    expect(await guest.command(`CREATE ${others}"`)).to.match(/^NO/)
  })
})
