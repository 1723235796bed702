import { expect } from 'chai'
import { refusalOf } from '../accounts/book.ts'
import { passwords, province, startService } from './service.ts'

const ha = 'ha.tran@haiduong.gov.vn'
const lan = 'lan.pham@haiduong.gov.vn'
const motcua = 'motcua.stttt@haiduong.gov.vn'
const group = 'bcxb@haiduong.gov.vn'

describe('control API: sharing', () => {
  let service: Awaited<ReturnType<typeof startService>>
  before(async () => {
    service = await startService()
    await service.as('cli').provision({ province, passwords })
    await service.as('cli')['group.add']({ address: group, name: 'Phòng Báo chí', members: [lan] })
  })
  after(() => service[Symbol.asyncDispose]())

  it('a folder is given to a group for a time, listed, and taken back; the record keeps all of it', async () => {
    const desk = service.as('desk')
    const to = new Date(service.clock.now + 86_400_000).toISOString()
    const set = (rights: string, more: object = {}) =>
      desk['share.set']({ owner: ha, folder: 'Archive', with: group, rights, by: ha, ...more })
    await set('lr', { to })
    const { shares } = await desk['share.list']({ owner: ha })
    expect(shares).to.deep.equal([
      {
        folder: 'Archive',
        with: group,
        name: 'Phòng Báo chí',
        negative: false,
        rights: 'lr',
        to,
        by: ha,
        at: new Date(service.clock.now).toISOString(),
      },
    ])
    await set('')
    expect((await desk['share.list']({ owner: ha })).shares).to.deep.equal([])
    const { shares: record } = await desk['share.list']({ owner: ha, history: true })
    expect(record.map((r) => r.rights)).to.deep.equal(['', 'lr'])
  })

  it('a folder of an office is given by who manages it, from the day on which she does, and by the administrator', async () => {
    const desk = service.as('desk')
    const from = new Date(service.clock.now + 1000).toISOString()
    const set = (by: string) => desk['share.set']({ owner: motcua, folder: 'Archive', with: lan, rights: 'lr', by })
    const { grant } = await desk['grant.add']({
      person: ha,
      office: motcua,
      rights: ['manage'],
      from,
      by: 'tam.mac@haiduong.gov.vn',
    })
    expect((await refusalOf(set(ha))).status).to.equal(403)
    service.clock.now += 2000
    await set(ha)
    const shares = async () =>
      (await desk['share.list']({ owner: motcua })).shares.map((s) => [s.folder, s.with, s.rights, s.by])
    expect(await shares()).to.deep.equal([['Archive', lan, 'lr', ha]])
    expect((await refusalOf(set(lan))).status).to.equal(403)
    await service.as('cli')['share.set']({ owner: motcua, folder: 'Archive', with: lan, rights: '', by: 'root@cli' })
    expect(await shares()).to.deep.equal([])
    const { shares: record } = await desk['share.list']({ owner: motcua, history: true })
    expect(record.map((r) => [r.with, r.rights, r.by])).to.deep.equal([
      [lan, '', 'root@cli'],
      [lan, 'lr', ha],
    ])
    await desk['grant.end']({ grant: grant.grant, at: new Date(service.clock.now).toISOString(), by: ha })
    expect((await refusalOf(set(ha))).status).to.equal(403)
  })

  const wrong: [what: string, change: object, status: number][] = [
    ['a folder that is not there', { folder: 'Không có' }, 404],
    ['a folder of an office that one does not manage', { owner: motcua, folder: 'INBOX' }, 403],
    [
      'a folder of a register',
      { owner: 'so.stttt@haiduong.gov.vn', folder: 'Ledger', by: 'so.stttt@haiduong.gov.vn' },
      404,
    ],
    ['a folder of another person', { by: lan }, 403],
    ['nobody', { with: 'ai@haiduong.gov.vn' }, 422],
    ['the owner', { with: ha }, 422],
    ['an unknown right', { rights: 'lrz' }, 422],
    ['an end before the beginning', { from: '2027-01-02T00:00:00Z', to: '2027-01-01T00:00:00Z' }, 422],
    ['an end that has passed', { to: '2020-01-01T00:00:00Z' }, 422],
    ['no date', { to: 'mai' }, 422],
    ['a huge name', { with: 'x'.repeat(500) }, 400],
  ]
  for (const [what, change, status] of wrong)
    it(`refuses ${what}`, async () => {
      const given = { owner: ha, folder: 'Archive', with: lan, rights: 'lr', by: ha, ...change }
      expect((await refusalOf(service.as('desk')['share.set'](given))).status).to.equal(status)
    })

  it('the server’s shared entries are set and listed; what is no entry, or leads nowhere, is refused', async () => {
    const cli = service.as('cli')
    const by = 'root@cli'
    await cli['metadata.set']({ entry: '/Shared/Comment', value: 'Thư điện tử tỉnh Hải Dương', by })
    const listed = async () => (await cli['metadata.list']({})).entries
    expect(await listed()).to.deep.equal([
      { entry: '/shared/admin', value: 'mailto:quantri@haiduong.gov.vn' },
      { entry: '/shared/comment', value: 'Thư điện tử tỉnh Hải Dương' },
    ])
    for (const [entry, value] of [
      ['/private/comment', 'x'],
      ['/shared', 'x'],
      ['/shared/é', 'x'],
      ['/shared/a\r\nb', 'x'],
      ['comment', 'x'],
      ['/shared/admin', 'Anh Tâm'],
    ] as const)
      expect((await refusalOf(cli['metadata.set']({ entry, value, by }))).status, entry).to.equal(422)
    await cli['metadata.set']({ entry: '/shared/comment', by })
    expect((await listed()).map((e) => e.entry)).to.deep.equal(['/shared/admin'])
  })

  it('sending on behalf is given, found by who may, and withdrawn', async () => {
    const desk = service.as('desk')
    const from = new Date(service.clock.now).toISOString()
    const { behalf } = await desk['behalf.add']({ owner: ha, person: group, from, by: ha })
    expect((await desk['behalf.list']({ person: lan })).behalf).to.deep.equal([{ ...behalf, person: lan }])
    expect((await desk['behalf.list']({ owner: ha })).behalf).to.deep.equal([behalf])
    service.clock.now += 1000
    await desk['behalf.end']({ behalf: behalf.behalf, at: new Date(service.clock.now).toISOString(), by: ha })
    expect((await desk['behalf.list']({ person: lan })).behalf).to.deep.equal([])
    expect((await desk['behalf.list']({ owner: ha })).behalf).to.deep.equal([])
    expect((await desk['behalf.list']({ owner: ha, all: true })).behalf).to.have.length(1)
  })

  it('a grant to a group is listed as given, and by its members where holders are asked for', async () => {
    const desk = service.as('desk')
    const from = new Date(service.clock.now).toISOString()
    const { grant } = await desk['grant.add']({ person: group, office: motcua, rights: ['read', 'act'], from, by: ha })
    expect(grant).to.include({ person: group, group, by: ha })
    const holders = async () => (await desk['directory.grants']({ office: motcua })).grants.map((g) => g.person)
    expect(await holders()).to.have.members([ha, lan])
    expect((await desk['directory.grants']({ person: lan })).grants).to.deep.equal([{ ...grant, person: lan }])
    const all = await desk['directory.grants']({ office: motcua, all: true })
    expect(all.grants.map((g) => g.person))
      .to.include.members([ha, group])
      .and.not.include(lan)
    const { grants } = await desk['directory.agency']({ id: 'stttt' })
    expect(grants.filter((g) => g.grant === grant.grant).map((g) => g.person)).to.deep.equal([lan])
    expect((await desk['directory.holds']({ person: lan, office: motcua, right: 'act', at: from })).grant).to.include({
      grant: grant.grant,
    })
    const found = await desk['directory.search']({ q: 'bao chi', limit: 10, groups: true })
    expect(found.groups).to.deep.equal([{ address: group, name: 'Phòng Báo chí', members: 1 }])
    expect((await desk['directory.search']({ q: 'bao chi', limit: 10 })).groups).to.deep.equal([])
  })
})
