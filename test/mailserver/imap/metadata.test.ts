import { expect } from 'chai'
import { an, type Client, domain, type Fixture, ha, startFixture } from './fixture.ts'

const literal = (text: string) => `{${Buffer.byteLength(text)}+}\r\n${text}`

describe('IMAP: METADATA', () => {
  let f: Fixture
  let c: Client
  beforeEach(async () => {
    f = await startFixture({ threads: 1 })
    c = await f.as(an)
  })
  afterEach(() => f[Symbol.asyncDispose]())

  it('sets and gets entries of mailboxes and of the server, with DEPTH and MAXSIZE', async () => {
    expect(await c.ok('CAPABILITY')).to.contain(' METADATA ')
    await c.ok(`SETMETADATA INBOX (/private/Comment "Ghi ch\\"u" /shared/comment ${literal('Của chung')})`)
    expect(await c.ok('GETMETADATA INBOX /PRIVATE/comment')).to.contain(
      '* METADATA "INBOX" (/private/comment "Ghi ch\\"u")',
    )
    expect(
      Buffer.from(await c.ok('GETMETADATA INBOX (/shared/comment /private/none)'), 'latin1').toString(),
    ).to.contain(
      `* METADATA "INBOX" (/private/none NIL /shared/comment {${Buffer.byteLength('Của chung')}}\r\nCủa chung)`,
    )
    await c.ok('SETMETADATA INBOX (/private/vendor/a/x "1" /private/vendor/a/y/z "2" /private/vendor "0")')
    const depth = async (options: string) =>
      (await c.ok(`GETMETADATA ${options} INBOX (/private/vendor)`)).match(/\/private[a-z/]+/g)
    expect(await depth('(DEPTH 0)')).to.deep.equal(['/private/vendor'])
    expect(await depth('(DEPTH 1)')).to.deep.equal(['/private/vendor'])
    expect(await depth('(DEPTH infinity MAXSIZE 100)')).to.have.members([
      '/private/vendor',
      '/private/vendor/a/x',
      '/private/vendor/a/y/z',
    ])
    expect(await c.ok('GETMETADATA INBOX (DEPTH 1) (/private/vendor/a)')).to.contain('(/private/vendor/a/x "1")')
    await c.ok(`SETMETADATA "" (/private/comment ${literal('x'.repeat(2000))})`)
    expect(await c.ok('GETMETADATA "" (MAXSIZE 100) (/private/comment)')).to.match(/^OK \[METADATA LONGENTRIES 2000\]/)
    expect(await c.ok('GETMETADATA "" /private/comment')).to.contain('{2000}\r\nxxx')
    await c.ok('SETMETADATA "" (/private/comment NIL)')
    expect(await c.ok('GETMETADATA "" /private/comment')).to.contain('(/private/comment NIL)')
    await c.ok(`SETMETADATA INBOX (/private/bin ~${literal('a\0b')})`)
    expect(await c.ok('GETMETADATA INBOX /private/bin')).to.contain('~{3}\r\na\0b)')
    await c.ok('SETMETADATA INBOX (/private/empty "")')
    expect(await c.ok('GETMETADATA INBOX /private/empty')).to.contain('(/private/empty "")')
  })
  it('LIST tells entries of each mailbox that may be read (RFC 9590)', async () => {
    expect(await c.ok('CAPABILITY')).to.contain(' LIST-METADATA ')
    await c.ok('SETMETADATA INBOX (/shared/vendor/x/color "red" /private/comment "mine")')
    await c.ok('CREATE A')
    const told = await c.ok('LIST "" (INBOX A) RETURN (METADATA ("/shared/vendor/x/Color" /private/comment))')
    expect(told).to.contain('* METADATA "INBOX" (/shared/vendor/x/color "red" /private/comment "mine")')
    expect(told).to.contain('* METADATA "A" (/shared/vendor/x/color NIL /private/comment NIL)')
    for (const wrong of ['METADATA', 'METADATA ()', 'METADATA (color)', 'METADATA (/shared/*)', 'METADATA /shared/x'])
      expect(await c.command(`LIST "" * RETURN (${wrong})`), wrong).to.match(/^BAD/m)
  })
  it('follow RENAME, die with DELETE, and INBOX keeps its own', async () => {
    await c.ok('CREATE A')
    await c.ok('SETMETADATA A (/shared/comment "a")')
    await c.ok('RENAME A B')
    expect(await c.ok('GETMETADATA B /shared/comment')).to.contain('* METADATA "B" (/shared/comment "a")')
    await c.ok('DELETE B')
    expect(await c.command('GETMETADATA B /shared/comment')).to.match(/^NO \[NONEXISTENT\]/)
    await c.ok('CREATE B')
    expect(await c.ok('GETMETADATA B /shared/comment')).to.contain('NIL')
    await c.ok('SETMETADATA INBOX (/shared/comment "in")')
    await c.ok('RENAME INBOX Old')
    expect(await c.ok('GETMETADATA INBOX /shared/comment')).to.contain('"in"')
  })
  it('rights: private entries are each one’s own, shared ones want w, the server’s shared ones who administers', async () => {
    await c.ok('CREATE Chia')
    await c.ok('SETMETADATA Chia (/private/comment "an" /shared/comment "all")')
    await c.ok(`SETACL Chia ${ha} lr`)
    const h = await f.as(ha)
    const name = `"Ng&AbAe3Q-i kh&AOE-c/${an}/Chia"`
    expect(await h.ok(`GETMETADATA ${name} (/private/comment /shared/comment)`)).to.match(
      /\/private\/comment NIL \/shared\/comment "all"/,
    )
    expect(await h.command(`SETMETADATA ${name} (/private/comment "ha" /shared/comment "x")`)).to.match(
      /^NO \[NOPERM\]/,
    )
    expect(await h.ok(`GETMETADATA ${name} (/private/comment)`), 'all or none').to.contain('NIL')
    await h.ok(`SETMETADATA ${name} (/private/comment "ha")`)
    expect(await c.ok('GETMETADATA Chia /private/comment')).to.contain('"an"')
    expect(await c.command('SETMETADATA "" (/shared/comment "x")')).to.match(/^NO \[NOPERM\]/)
    await c.ok(`DELETEACL Chia ${ha}`)
    expect(await h.command(`GETMETADATA ${name} /shared/comment`)).to.match(/^NO \[NONEXISTENT\]/)
    expect(await h.command(`GETMETADATA "Chung/motcua.stttt/INBOX" /shared/comment`)).to.match(/^NO/)
  })
  it('the server’s shared entries: set by who administers, read by all, /shared/admin a URI', async () => {
    expect(await c.ok('GETMETADATA "" (/shared/comment /shared/admin)')).to.contain(
      '(/shared/comment NIL /shared/admin NIL)',
    )
    const admin = `quantri@${domain}`
    await f.accounts.addAccount({ address: admin, name: 'Quản trị', kind: 'office' })
    expect(await c.ok('GETMETADATA "" (DEPTH infinity) /shared')).to.contain(`(/shared/admin "mailto:${admin}")`)
    f.accounts.addGrant({ person: an, office: admin, rights: ['read', 'manage'], from: '2026-01-01T00:00:00Z' })
    expect(await c.command('SETMETADATA "" (/shared/comment "x")'), 'manages, but does not act').to.match(
      /^NO \[NOPERM\]/,
    )
    f.accounts.addGrant({ person: an, office: admin, rights: ['act'], from: '2026-01-01T00:00:00Z' })
    await c.ok(
      `SETMETADATA "" (/shared/comment ${literal('Thư tỉnh')} /shared/vendor/x "1" /shared/admin "mailto:hotro@${domain}")`,
    )
    const h = await f.as(ha)
    const read = Buffer.from(await h.ok('GETMETADATA "" (/shared/comment /shared/admin)'), 'latin1').toString()
    expect(read).to.contain('Thư tỉnh').and.to.contain(`/shared/admin "mailto:hotro@${domain}"`)
    for (const bad of ['hotro', 'javascript:alert(1)', 'mailto:', 'mailto:a b@c', 'http://', ''])
      expect(await c.command(`SETMETADATA "" (/shared/admin "${bad}")`), bad).to.match(/^NO \[CANNOT\]/)
    await c.ok('SETMETADATA "" (/shared/admin NIL)')
    expect(await h.ok('GETMETADATA "" /shared/admin')).to.contain(`"mailto:${admin}"`)
    expect(f.accounts.record({ limit: 1 })[0]).to.include({
      by: an,
      what: 'metadata.set',
      detail: '/shared/admin removed',
    })
  })
  it('limits: number, size, names; and bad syntax', async () => {
    const many = (from: number, n: number) => Array.from({ length: n }, (_, i) => `/private/n${from + i} "x"`).join(' ')
    await c.ok(`SETMETADATA INBOX (${many(0, 100)})`)
    expect(await c.command('SETMETADATA INBOX (/private/n0 "y" /private/one "more")')).to.match(
      /^NO \[METADATA TOOMANY\]/,
    )
    expect(await c.ok('GETMETADATA INBOX /private/n0'), 'nothing changed').to.contain('"x"')
    expect(await c.command(`SETMETADATA INBOX (/private/n0 ${literal('x'.repeat(16 * 1024 + 1))})`)).to.match(
      /^NO \[METADATA MAXSIZE 16384\]/m,
    )
    for (const bad of [
      '/private',
      '/other/x',
      '/private//x',
      '/private/x/',
      '/private/%',
      '"/private/*"',
      'private/x',
      `/private/${'x'.repeat(300)}`,
      '""',
      '/private/é',
    ])
      expect(await c.command(`SETMETADATA INBOX (${bad} "x")`), bad).to.match(/^BAD/)
    for (const bad of [
      'SETMETADATA INBOX ()',
      'SETMETADATA INBOX (/private/x)',
      'GETMETADATA INBOX ()',
      'GETMETADATA',
      'GETMETADATA (DEPTH 2) INBOX /private/x',
      'GETMETADATA (MAXSIZE) INBOX /private/x',
      'GETMETADATA (SIZE 1) INBOX /private/x',
      'SETMETADATA INBOX /private/x "1"',
    ])
      expect(await c.command(bad), bad).to.match(/^BAD/)
    await c.ok('NOOP')
  })
})
