import { createPrivateKey, createPublicKey } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openAccounts } from '#mailserver/accounts/open.ts'
import { at, emptyBook, password, refusalOf, smallOffice } from './book.ts'

const addresses = (found: ReturnType<ReturnType<typeof emptyBook>['book']['deliver']>) =>
  found.verdict === 'ok' ? found.accounts.map((a) => a.address).sort() : found.verdict

describe('delivery', () => {
  it('knows what is ours and what is not', async () => {
    using office = await smallOffice()
    const { book } = office
    expect(addresses(book.deliver('HA.TRAN+riêng@haiduong.gov.vn'))).to.deep.equal([at('ha.tran')])
    expect(addresses(book.deliver(at('khong.co')))).to.equal('unknown')
    expect(addresses(book.deliver('ai@example.com'))).to.equal('not-ours')
    expect(addresses(book.deliver('"><script>@haiduong.gov.vn'))).to.equal('unknown')
    book.disable(at('ha.tran'), true)
    expect(addresses(book.deliver(at('ha.tran')))).to.equal('disabled')
  })

  it('follows groups of groups once, cuts loops, and leaves out who is switched off', async () => {
    using office = await smallOffice()
    const { book } = office
    book.putAlias({
      address: at('vanthu'),
      to: [at('ha.tran'), at('motcua.stttt')],
      group: { name: 'Văn thư', outside: false },
    })
    book.putAlias({
      address: at('moinguoi'),
      to: [at('vanthu'), at('ha.tran')],
      group: { name: 'Mọi người', outside: false },
    })
    book.putAlias({
      address: at('vanthu'),
      to: [at('moinguoi'), at('ha.tran'), at('motcua.stttt')],
      group: { name: 'Văn thư', outside: false },
    })
    expect(addresses(book.deliver(at('vanthu')))).to.deep.equal([at('ha.tran'), at('motcua.stttt')])
    expect(addresses(book.deliver(at('moinguoi')))).to.deep.equal([at('ha.tran'), at('motcua.stttt')])
    book.disable(at('ha.tran'), true)
    expect(addresses(book.deliver(at('moinguoi')))).to.deep.equal([at('motcua.stttt')])
  })

  it('closes groups to the outside unless they are open, and aliases never', async () => {
    using office = await smallOffice()
    const { book } = office
    book.putAlias({ address: at('noibo'), to: [at('ha.tran')], group: { name: 'Nội bộ', outside: false } })
    book.putAlias({ address: at('gopy'), to: [at('noibo')], group: { name: 'Góp ý', outside: true } })
    book.putAlias({ address: at('tran.ha'), to: [at('ha.tran')] })
    expect(addresses(book.deliver(at('noibo'), 'outside'))).to.equal('internal-only')
    expect(addresses(book.deliver(at('noibo'), 'inside'))).to.deep.equal([at('ha.tran')])
    expect(addresses(book.deliver(at('gopy'), 'outside'))).to.deep.equal([at('ha.tran')])
    expect(addresses(book.deliver(at('tran.ha'), 'outside'))).to.deep.equal([at('ha.tran')])
  })

  it('a group of itself is refused, and so are strangers in it', async () => {
    using office = await smallOffice()
    const put = (to: string[]) => () =>
      office.book.putAlias({ address: at('nhom'), to, group: { name: 'Nhóm', outside: false } })
    expect(put([])).to.throw('to is not valid')
    expect(put(['ai@example.com'])).to.throw('owner is not valid')
    expect(put([at('khong.co')])).to.throw('to is not valid')
    expect(put([at('nhom')])).not.to.throw() // it reaches nobody, and says so
    expect(addresses(office.book.deliver(at('nhom')))).to.equal('disabled')
    expect(() => office.book.putAlias({ address: at('ha.tran'), to: [at('motcua.stttt')] })).to.throw(
      'address is taken',
    )
  })
})

describe('grants', () => {
  it('hold from their first instant to their last, and say which right', async () => {
    using office = await smallOffice()
    const { book, grant, clock } = office
    const held = (when: string) => book.grants(at('ha.tran'), Date.parse(when)).map((g) => g.grant)
    expect(held('2026-01-31T23:59:59Z')).to.deep.equal([])
    expect(held('2026-02-01T00:00:00Z')).to.deep.equal([grant.grant])
    book.endGrant(grant.grant, new Date(clock.now + 1000).toISOString())
    expect(book.grants(at('ha.tran'))).to.have.length(1)
    clock.now += 1000
    expect(book.grants(at('ha.tran'))).to.deep.equal([])
  })

  it('withdrawn since then does not heal what was done before, nor does a new one', async () => {
    using office = await smallOffice()
    const { book, grant, clock } = office
    const did = clock.now - 60_000
    const q = { person: at('ha.tran'), office: at('motcua.stttt'), right: 'act', at: did } as const
    expect(book.holds(q)?.grant).to.equal(grant.grant)
    book.endGrant(grant.grant, new Date(clock.now).toISOString())
    expect(book.holds(q)).to.equal(undefined)
    book.addGrant({
      person: at('ha.tran'),
      office: at('motcua.stttt'),
      rights: ['act'],
      from: new Date(clock.now).toISOString(),
    })
    expect(book.holds(q)).to.equal(undefined)
    expect(book.holds({ ...q, at: clock.now })).not.to.equal(undefined)
    expect(book.holds({ ...q, at: clock.now, right: 'send' })).to.equal(undefined)
  })

  it('do not outlive their person or office', async () => {
    using office = await smallOffice()
    office.book.disable(at('motcua.stttt'), true)
    expect(office.book.grants(at('ha.tran'))).to.deep.equal([])
    office.book.disable(at('motcua.stttt'), false)
    office.book.disable(at('ha.tran'), true)
    expect(office.book.grants(at('ha.tran'))).to.deep.equal([])
  })

  it('on a register are for reading only, and are for persons only', async () => {
    using office = await smallOffice()
    const { book } = office
    const add = (person: string, target: string, rights: ('read' | 'act' | 'send')[]) => () =>
      book.addGrant({ person: at(person), office: at(target), rights, from: '2026-02-01T00:00:00Z' })
    expect(add('ha.tran', 'so.stttt', ['read', 'send'])).to.throw('rights is not valid')
    expect(add('ha.tran', 'so.stttt', ['read'])).not.to.throw()
    expect(add('motcua.stttt', 'so.stttt', ['read'])).to.throw('person is not valid')
    expect(add('ha.tran', 'ha.tran', ['read'])).to.throw('office is not valid')
    expect(add('ha.tran', 'motcua.stttt', [])).to.throw('rights is not valid')
  })
})

describe('the name in From', () => {
  it('is oneself, an own alias, or an office with the right to send', async () => {
    using office = await smallOffice()
    const { book, grant } = office
    const ha = book.byAddress(at('ha.tran'))!
    await book.addAccount({ address: at('an.nguyen'), name: 'An', password, from: '2026-01-01' })
    const an = book.byAddress(at('an.nguyen'))!
    book.putAlias({ address: at('tran.ha'), to: [at('ha.tran')] })
    book.putAlias({ address: at('nhom'), to: [at('ha.tran')], group: { name: 'Nhóm', outside: false } })
    expect(book.mayBe(ha, at('Ha.Tran'))).to.deep.equal({ as: 'self' })
    expect(book.mayBe(ha, at('tran.ha'))).to.deep.equal({ as: 'self' })
    expect(book.mayBe(ha, at('motcua.stttt'))).to.include({ as: 'office', grant: grant.grant })
    for (const [who, from] of [
      [an, at('ha.tran')],
      [an, at('motcua.stttt')],
      [ha, at('so.stttt')],
      [ha, at('nhom')],
      [ha, at('khong.co')],
      [ha, 'ha.tran@example.com'],
      [ha, ''],
    ] as const)
      expect(book.mayBe(who, from), from).to.equal(undefined)
  })
})

describe('accounts', () => {
  const wrong: [what: string, change: object, status: number][] = [
    ['another domain', { address: 'a@example.com' }, 422],
    ['a detail', { address: at('a+b') }, 422],
    ['a taken address', { address: at('ha.tran') }, 409],
    ['a short password', { password: 'ngắn' }, 422],
    ['an empty name', { name: '  ' }, 422],
    ['a name of two lines', { name: 'A\r\nBcc: x' }, 422],
    ['a password for an office', { kind: 'office' }, 422],
    ['a quota for an office', { kind: 'office', password: undefined, quota: 5 }, 422],
    ['a negative quota', { quota: -1 }, 422],
  ]
  for (const [what, change, status] of wrong)
    it(`refuses ${what}`, async () => {
      using office = await smallOffice()
      const add = office.book.addAccount({ address: at('moi'), name: 'Mới', password, ...change })
      expect((await refusalOf(add)).status).to.equal(status)
    })

  it('of persons have 1 GB, others none', async () => {
    using office = await smallOffice()
    expect(office.book.byAddress(at('ha.tran'))?.quota).to.equal(1_000_000_000)
    expect(office.book.byAddress(at('motcua.stttt'))).not.to.have.property('quota')
  })

  it('are listed in pages, filtered by what is typed', async () => {
    using office = await smallOffice()
    const first = office.book.page({ limit: 2 })
    expect(first.total).to.equal(3)
    const rest = office.book.page({ limit: 2, after: first.accounts[1]!.address })
    expect([...first.accounts, ...rest.accounts].map((a) => a.address)).to.deep.equal([
      at('ha.tran'),
      at('motcua.stttt'),
      at('so.stttt'),
    ])
    expect(office.book.page({ limit: 9, q: '%' }).total).to.equal(0)
    expect(office.book.page({ limit: 9, q: 'tran thi' }).accounts.map((a) => a.address)).to.deep.equal([at('ha.tran')])
    expect(office.book.page({ limit: 9, kind: 'person' }).total).to.equal(1)
  })
})

describe('seal keys', () => {
  it('are made once, kept by every opening, private halves for this user alone', () => {
    using empty = emptyBook()
    const keys = empty.book.sealKeys('haiduong.gov.vn')
    expect(keys.map((k) => k.algorithm)).to.deep.equal(['ed25519', 'rsa'])
    using other = openAccounts(empty.path, { now: () => empty.clock.now })
    expect(other.sealKeys('HaiDuong.gov.vn')).to.deep.equal(keys)
    for (const key of keys) {
      const file = join(empty.folder, 'keys', `haiduong.gov.vn.${key.selector}.pem`)
      expect(statSync(file).mode & 0o777).to.equal(0o600)
      const derived = createPublicKey(createPrivateKey(key.privateKey).export({ type: 'pkcs8', format: 'pem' }))
      expect(derived.export({ type: 'spki', format: 'pem' })).to.equal(key.publicKey)
    }
    expect(JSON.stringify(empty.book.keys())).not.to.contain('PRIVATE')
    expect(() => empty.book.sealKeys('example.com')).to.throw('not ours')
  })
})
