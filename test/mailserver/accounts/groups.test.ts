import { expect } from 'chai'
import { at, password, refusalOf, smallOffice } from './book.ts'

const since = '2026-02-01T00:00:00Z'

async function withGroup() {
  const office = await smallOffice()
  const { book } = office
  await book.addAccount({ address: at('an.nguyen'), name: 'An', password, from: '2026-01-01' })
  await book.addAccount({ address: at('phong'), name: 'Phòng', kind: 'office', from: '2026-01-01' })
  const group = (address: string, ...members: string[]) =>
    book.putAlias({ address: at(address), to: members.map(at), group: { name: address, outside: false } })
  group('nhom', 'an.nguyen', 'ha.tran')
  return { ...office, group }
}

describe('grants to groups', () => {
  it('are one row, held by each member while they are one, groups in groups included', async () => {
    using office = await withGroup()
    const { book, group, clock } = office
    group('tat-ca', 'nhom')
    const grant = book.addGrant({
      person: at('tat-ca'),
      office: at('phong'),
      rights: ['read', 'send'],
      from: since,
      by: at('ha.tran'),
    })
    expect(grant).to.include({ person: at('tat-ca'), group: at('tat-ca'), by: at('ha.tran') })
    const held = () => book.grants(at('an.nguyen')).map(({ grant, person, group }) => ({ grant, person, group }))
    expect(held()).to.deep.equal([{ grant: grant.grant, person: at('an.nguyen'), group: at('tat-ca') }])
    const an = book.byAddress(at('an.nguyen'))!
    expect(book.mayBe(an, at('phong'))).to.include({ as: 'office', grant: grant.grant })
    const q = { person: at('an.nguyen'), office: at('phong'), right: 'send', at: clock.now } as const
    expect(book.holds(q)?.grant).to.equal(grant.grant)
    expect(book.heldBy(book.allGrants({ office: at('phong') })).map((g) => g.person)).to.have.members([
      at('an.nguyen'),
      at('ha.tran'),
    ])
    group('nhom', 'ha.tran')
    expect(held()).to.deep.equal([])
    expect(book.mayBe(an, at('phong'))).to.equal(undefined)
    group('nhom', 'an.nguyen')
    book.endGrant(grant.grant, new Date(clock.now).toISOString(), at('ha.tran'))
    expect(held()).to.deep.equal([])
  })

  it('who joined a group after an act did not hold its right then', async () => {
    using office = await withGroup()
    const { book, clock, group } = office
    book.addGrant({ person: at('nhom'), office: at('phong'), rights: ['act'], from: since })
    const did = clock.now
    const q = { person: at('ha.tran'), office: at('phong'), right: 'act', at: did } as const
    expect(book.holds(q)).not.to.equal(undefined)
    clock.now += 1000
    group('nhom', 'an.nguyen')
    expect(book.holds(q)).to.equal(undefined)
    clock.now += 1000
    group('nhom', 'an.nguyen', 'ha.tran')
    expect(book.holds(q)).to.equal(undefined)
    expect(book.holds({ ...q, at: clock.now })).not.to.equal(undefined)
    expect(book.holds({ ...q, person: at('an.nguyen') })).not.to.equal(undefined)
  })

  it('loops of groups end', async () => {
    using office = await withGroup()
    office.group('a', 'nhom')
    office.group('nhom', 'a', 'an.nguyen')
    expect([...office.book.identities(office.book.byAddress(at('an.nguyen'))!)]).to.have.members([
      at('an.nguyen'),
      at('nhom'),
      at('a'),
      'anyone',
    ])
  })

  it('an alias is no group', async () => {
    using office = await withGroup()
    office.book.putAlias({ address: at('bi.danh'), to: [at('an.nguyen'), at('ha.tran')] })
    expect(() =>
      office.book.addGrant({ person: at('bi.danh'), office: at('phong'), rights: ['read'], from: since }),
    ).to.throw('person is not valid')
  })
})

describe('sending on behalf', () => {
  it('is given by its owner to a person or a group, holds between its dates, and stays on record', async () => {
    using office = await withGroup()
    const { book, clock, group } = office
    const an = book.byAddress(at('an.nguyen'))!
    const from = new Date(clock.now + 1000).toISOString()
    const given = book.addBehalf({
      owner: at('ha.tran'),
      person: at('nhom'),
      from,
      to: new Date(clock.now + 5000).toISOString(),
      by: at('ha.tran'),
    })
    expect(book.mayBe(an, at('ha.tran'))).to.equal(undefined)
    clock.now += 1000
    expect(book.mayBe(an, at('ha.tran'))).to.deep.include({ as: 'behalf', grant: given.behalf })
    expect(book.behalf({ person: at('an.nguyen') })).to.have.length(1)
    // herself is not spoken for by her own group
    expect(book.mayBe(book.byAddress(at('ha.tran'))!, at('ha.tran'))).to.deep.equal({ as: 'self' })
    expect(book.behalf({ person: at('ha.tran') })).to.deep.equal([])
    group('nhom', 'ha.tran')
    expect(book.mayBe(an, at('ha.tran'))).to.equal(undefined)
    group('nhom', 'an.nguyen')
    clock.now += 4000
    expect(book.mayBe(an, at('ha.tran'))).to.equal(undefined)
    expect(book.behalf({ owner: at('ha.tran') }).map((b) => [b.person, b.by])).to.deep.equal([
      [at('nhom'), at('ha.tran')],
    ])
  })

  it('ends at once when it is withdrawn, and never begins when it was to come', async () => {
    using office = await withGroup()
    const { book, clock } = office
    const [an, now] = [book.byAddress(at('an.nguyen'))!, () => new Date(clock.now).toISOString()]
    const add = (from: string) =>
      book.addBehalf({ owner: at('ha.tran'), person: at('an.nguyen'), from, by: at('ha.tran') })
    const first = add(now())
    book.endBehalf(first.behalf, now(), at('ha.tran'))
    expect(book.mayBe(an, at('ha.tran'))).to.equal(undefined)
    expect(() => book.endBehalf(first.behalf, now(), at('ha.tran'))).to.throw('has ended')
    const later = add(new Date(clock.now + 5000).toISOString())
    book.endBehalf(later.behalf, now(), at('ha.tran'))
    clock.now += 10_000
    expect(book.mayBe(an, at('ha.tran'))).to.equal(undefined)
    expect(() => book.endBehalf('b-none', now(), at('ha.tran'))).to.throw('no behalf')
  })

  it('is for persons: not offices, registers, oneself, strangers, or a group as owner', async () => {
    using office = await withGroup()
    const add = async (owner: string, person: string) =>
      office.book.addBehalf({ owner: at(owner), person: at(person), from: since, by: at('ha.tran') })
    for (const [owner, person] of [
      ['phong', 'an.nguyen'],
      ['so.stttt', 'an.nguyen'],
      ['nhom', 'an.nguyen'],
      ['ha.tran', 'ha.tran'],
      ['ha.tran', 'phong'],
      ['ha.tran', 'khong.co'],
    ] as const)
      expect((await refusalOf(add(owner, person))).status, `${owner} ${person}`).to.equal(422)
  })
})
