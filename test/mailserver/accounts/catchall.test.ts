import { expect } from 'chai'
import { at, refusalOf, smallOffice } from './book.ts'

const all = '@haiduong.gov.vn'

describe('the catch-all of a domain', () => {
  it('takes what nobody there has, and nothing that somebody has', async () => {
    using office = await smallOffice()
    const { book } = office
    await book.addAccount({ address: at('nghi'), name: 'Nghỉ', from: '2026-01-01' })
    book.disable(at('nghi'), true)
    book.putAlias({ address: at('kin'), to: [at('ha.tran')], group: { name: 'Kín', outside: false } })
    const reached = (address: string) => {
      const found = book.deliver(address, 'outside')
      return found.verdict === 'ok' ? found.accounts.map((a) => a.address) : found.verdict
    }
    expect(reached(at('khong.co'))).to.equal('unknown')
    book.putAlias({ address: all.toUpperCase(), to: [at('motcua.stttt')] })
    expect(reached(at('khong.co'))).to.deep.equal([at('motcua.stttt')])
    expect(reached(at('khong.co+chi.tiet'))).to.deep.equal([at('motcua.stttt')])
    expect(reached(at('ha.tran+viec'))).to.deep.equal([at('ha.tran')])
    expect(reached(at('nghi'))).to.equal('disabled')
    expect(reached(at('kin'))).to.equal('internal-only')
    expect(reached('ai@noi.khac.vn')).to.equal('not-ours')
    expect(reached(all)).to.equal('unknown')
    expect(book.alias(all)).to.deep.equal([at('motcua.stttt')])
    book.removeAlias(all)
    expect(reached(at('khong.co'))).to.equal('unknown')
  })

  it('gives nobody a name of his own, and no rights', async () => {
    using office = await smallOffice()
    const { book } = office
    book.putAlias({ address: all, to: [at('ha.tran')] })
    const ha = book.byAddress(at('ha.tran'))!
    expect(book.mayBe(ha, at('khong.co'))).to.equal(undefined)
    expect(book.otherNames(ha)).to.deep.equal([])
    expect(book.identifier(at('khong.co'))).to.equal(undefined)
  })

  it('is of our domains, no group, and stands for somebody', async () => {
    using office = await smallOffice()
    const { book } = office
    const refused = async (work: () => unknown) => (await refusalOf((async () => work())())).status
    expect(await refused(() => book.putAlias({ address: '@noi.khac.vn', to: [at('ha.tran')] }))).to.equal(422)
    expect(await refused(() => book.putAlias({ address: all, to: [at('khong.co')] }))).to.equal(422)
    const group = { name: 'Tất cả', outside: true }
    expect(await refused(() => book.putAlias({ address: all, to: [at('ha.tran')], group }))).to.equal(422)
  })
})

describe('removing aliases and groups', () => {
  it('is refused while others name them', async () => {
    using office = await smallOffice()
    const { book, clock } = office
    const refused = async (address: string) => (await refusalOf((async () => book.removeAlias(address))())).status
    const group = (address: string, ...to: string[]) =>
      book.putAlias({ address: at(address), to: to.map(at), group: { name: address, outside: false } })
    group('trong', 'ha.tran')
    group('ngoai', 'trong')
    const grant = book.addGrant({
      person: at('ngoai'),
      office: at('motcua.stttt'),
      rights: ['read'],
      from: new Date(clock.now + 1000).toISOString(),
    })
    expect(await refused(at('trong'))).to.equal(409)
    expect(await refused(at('ngoai'))).to.equal(409)
    expect(await refused(at('khong.co'))).to.equal(404)
    clock.now += 2000
    expect(await refused(at('ngoai'))).to.equal(409)
    book.endGrant(grant.grant, new Date(clock.now).toISOString())
    book.removeAlias(at('ngoai'))
    book.removeAlias(at('trong'))
    expect(book.deliver(at('trong')).verdict).to.equal('unknown')
  })
})
