import { once } from 'node:events'
import { statSync } from 'node:fs'
import { connect } from 'node:net'
import { expect } from 'chai'
import type { CallName, ProcessName } from '#kit/directory/calls.ts'
import { createDirectory, DirectoryUnavailable } from '#kit/directory/client.ts'
import { callers } from '#mailserver/control/secrets.ts'
import { table } from '#mailserver/control/table.ts'
import { refusalOf } from '../accounts/book.ts'
import { letter, passwords, province, startService } from './service.ts'

type Service = Awaited<ReturnType<typeof startService>>
const ha = 'ha.tran@haiduong.gov.vn'
const motcua = 'motcua.stttt@haiduong.gov.vn'
const so = 'so.stttt@haiduong.gov.vn'
const portal = 'portal@haiduong.gov.vn'

describe('control API', () => {
  let service: Service
  const provisioned = async () => {
    service = await startService()
    await service.as('cli').provision({ province, passwords })
    return service
  }
  const ended = () => service[Symbol.asyncDispose]()

  describe('who may call', () => {
    before(provisioned)
    after(ended)

    it('socket and secrets are for this user alone, and each process has its own', async () => {
      expect(statSync(service.at.control).mode & 0o777).to.equal(0o600)
      const secrets = callers.map((name) => {
        expect(statSync(service.at.secret(name)).mode & 0o777).to.equal(0o600)
        return service.secret(name)
      })
      expect(new Set(secrets).size).to.equal(callers.length)
    })

    const wrong: [what: string, headers: (s: Service) => Record<string, string>][] = [
      ['no secret', () => ({ 'x-process': 'cli' })],
      ['no process', (s) => ({ authorization: `Bearer ${s.secret('cli')}` })],
      ['a wrong secret', () => ({ 'x-process': 'cli', authorization: `Bearer ${'A'.repeat(43)}` })],
      ['an empty secret', () => ({ 'x-process': 'cli', authorization: 'Bearer ' })],
      ['the secret of another process', (s) => ({ 'x-process': 'cli', authorization: `Bearer ${s.secret('portal')}` })],
      [
        'a process that never calls',
        (s) => ({ 'x-process': 'mailserver', authorization: `Bearer ${s.secret('cli')}` }),
      ],
      ['a name of an object', (s) => ({ 'x-process': '__proto__', authorization: `Bearer ${s.secret('cli')}` })],
      ['basic authorization', (s) => ({ 'x-process': 'cli', authorization: `Basic ${s.secret('cli')}` })],
    ]
    for (const [what, headers] of wrong)
      it(`refuses ${what}`, async () => {
        const { status, body } = await service.raw('/v1/domain.list', headers(service))
        expect(status).to.equal(401)
        expect(body.error.advice).to.be.a('string')
      })

    it('knows a caller by each call, also on a connection that has proved another', async () => {
      const [cli, edge] = [service.secret('cli'), service.secret('edge')]
      const then: [process: string, secret: string, status: number][] = [
        ['cli', cli, 400],
        ['edge', cli, 401],
        ['cli', edge, 401],
        ['cli', `${cli}x`, 401],
        ['cli', '', 401],
        ['portal', service.secret('portal'), 403],
      ]
      for (const [process, secret, status] of then) {
        const socket = connect(service.at.control)
        const call = async (process: string, secret: string) => {
          const headers = `Host: x\r\nX-Process: ${process}\r\nAuthorization: Bearer ${secret}\r\nContent-Length: 2`
          socket.write(`POST /v1/domain.add HTTP/1.1\r\n${headers}\r\n\r\n{}`)
          const [answer] = (await once(socket, 'data')) as [Buffer]
          return Number(/^HTTP\/1\.1 (\d{3})/.exec(String(answer))![1])
        }
        expect(await call('cli', cli)).to.equal(400) // known, and has nothing to add
        expect(await call(process, secret), process).to.equal(status)
        socket.destroy()
      }
    })

    it('refuses every call to every process that the table does not give it', async () => {
      for (const name of Object.keys(table) as CallName[])
        for (const process of callers.filter((p) => !table[name].may.includes(p))) {
          const headers = { 'x-process': process, authorization: `Bearer ${service.secret(process)}` }
          expect((await service.raw(`/v1/${name}`, headers)).status, `${process} ${name}`).to.equal(403)
        }
    })

    it('the portal cannot change, search, read or commit', () => {
      const may = (process: ProcessName) =>
        (Object.keys(table) as CallName[]).filter((n) => table[n].may.includes(process))
      expect(may('portal')).to.deep.equal([
        'auth.serviceToken',
        'auth.signOut',
        'auth.whoami',
        'directory.agencies',
        'directory.agency',
        'directory.lookup',
        'keys.list',
      ])
      expect(may('edge')).to.deep.equal(['domain.list', 'handover', 'keys.list', 'rcpt.check'])
      expect(may('sink')).to.deep.equal([])
    })
  })

  describe('what is read', () => {
    before(provisioned)
    after(ended)

    const cli = () => ({ 'x-process': 'cli', authorization: `Bearer ${service.secret('cli')}` })
    const broken: [what: string, path: string, body: string, status: number, method?: string][] = [
      ['no JSON', '/v1/domain.add', '{', 400],
      ['a list', '/v1/domain.add', '[]', 400],
      ['null', '/v1/domain.add', 'null', 400],
      ['a number for a text', '/v1/domain.add', '{"domain":5}', 400],
      ['an object for a text', '/v1/account.list', '{"after":{"$ne":1}}', 400],
      ['too many rows', '/v1/account.list', '{"limit":100000}', 400],
      ['half a row', '/v1/account.list', '{"limit":1.5}', 400],
      ['no such call', '/v1/account.remove', '{}', 404],
      ['an inherited name', '/v1/constructor', '{}', 404],
      ['another path', '/etc/passwd', '{}', 404],
      ['a longer path', '/v1/domain.list/x', '{}', 404],
      ['GET', '/v1/domain.list', '', 405, 'GET'],
      ['a large body', '/v1/domain.list', ' '.repeat(256 * 1024 + 1), 413],
    ]
    for (const [what, path, body, status, method] of broken)
      it(`refuses ${what} with ${status}`, async () => {
        expect((await service.raw(path, cli(), body, method)).status).to.equal(status)
      })

    it('does not keep a body of unknown length', async () => {
      const socket = connect(service.at.control)
      const lines = [
        'POST /v1/domain.list HTTP/1.1',
        'Host: x',
        'X-Process: cli',
        `Authorization: Bearer ${service.secret('cli')}`,
      ]
      socket.write(`${[...lines, 'Transfer-Encoding: chunked'].join('\r\n')}\r\n\r\nffffff\r\n`)
      const [answer] = await once(socket, 'data')
      expect(String(answer)).to.match(/^HTTP\/1\.1 411 /)
      socket.destroy()
    })

    it('refuses a declared body of 10 GB before it comes, whoever sends it', async () => {
      const socket = connect(service.at.control)
      const lines = [
        'POST /v1/handover HTTP/1.1',
        'Host: x',
        'X-Process: edge',
        `Authorization: Bearer ${service.secret('edge')}`,
      ]
      socket.write(`${[...lines, 'Content-Length: 10000000000'].join('\r\n')}\r\n\r\n`)
      const [answer] = await once(socket, 'data')
      expect(String(answer)).to.match(/^HTTP\/1\.1 413 /)
      socket.destroy()
    })

    it('serves others while a slow caller holds its body back', async () => {
      const slow = Array.from({ length: 40 }, () => {
        const socket = connect(service.at.control)
        socket.write(
          `POST /v1/domain.list HTTP/1.1\r\nHost: x\r\nX-Process: cli\r\nAuthorization: Bearer ${service.secret('cli')}\r\nContent-Length: 100\r\n\r\n{`,
        )
        return socket
      })
      expect((await service.as('cli')['domain.list']({})).domains).to.deep.equal(['haiduong.gov.vn'])
      for (const socket of slow) socket.destroy()
    })

    it('tells nothing of what broke inside', async () => {
      service.accounts[Symbol.dispose]() // the database is gone
      const { status, body } = await service.raw('/v1/domain.list', cli())
      expect(status).to.equal(500)
      expect(JSON.stringify(body)).not.to.match(/sqlite|database|\.ts|\/tmp/i)
      expect(body.error.advice).to.match(/mã [0-9a-f]{12}/)
    })
  })

  describe('client', () => {
    beforeEach(provisioned)
    afterEach(ended)

    it('throws a Refusal with the fields, and DirectoryUnavailable when nobody is there', async () => {
      const cli = service.as('cli')
      const refused = await cli['account.add']({ address: 'x@example.com', name: 'X' }).catch((e: unknown) => e)
      expect(refused).to.include({ name: 'Refusal', status: 422 })
      expect(refused).to.have.nested.property('fields.address')
      using nobody = createDirectory({ socket: `${service.at.control}.not`, process: 'cli', secret: 'x' })
      const failed = await nobody['domain.list']({}).catch((e: unknown) => e)
      expect(failed).to.be.instanceOf(DirectoryUnavailable)
      expect(failed).to.include({ later: true })
    })

    it('can be returned from an async function, and serves many calls at once', async () => {
      const cli = await (async () => service.as('cli'))()
      const all = await Promise.all(Array.from({ length: 200 }, () => cli['directory.lookup']({ address: ha })))
      expect(all.every((a) => a.account?.name === 'Trần Thị Hà')).to.equal(true)
    })
  })

  describe('provision', () => {
    beforeEach(provisioned)
    afterEach(ended)

    it('brings the province in once; repeating it changes nothing', async () => {
      const cli = service.as('cli')
      expect(await cli.provision({ province, passwords })).to.deep.equal({ added: 0 })
      const { agency, accounts, grants } = await cli['directory.agency']({ id: 'stttt' })
      expect(agency.code).to.equal('000.00.15.H23')
      expect(agency).not.to.have.property('offices')
      expect(accounts.map((a) => a.address).sort()).to.deep.equal(
        [ha, 'lan.pham@haiduong.gov.vn', motcua, 'phongbcxb.stttt@haiduong.gov.vn', so].sort(),
      )
      expect(grants).to.have.length(1)
      expect(grants[0]).to.include({ person: ha, office: motcua, from: '2019-12-31T17:00:00.000Z' })
      expect(service.store.read.mailboxes(service.accounts.byAddress(so)!.id).map((m) => m.type)).to.include(
        'registerInbox',
      )
      expect(await service.as('edge')['rcpt.check']({ address: 'postmaster@haiduong.gov.vn' })).to.deep.equal({
        verdict: 'ok',
      })
    })

    it('never replaces a password or switches an account on again', async () => {
      const cli = service.as('cli')
      await cli['account.set']({ address: ha, password: 'do quản trị đặt' })
      await cli['account.disable']({ address: 'lan.pham@haiduong.gov.vn', disabled: true })
      await cli.provision({ province, passwords })
      await service
        .as('desk')
        ['auth.signIn']({ address: ha, password: 'do quản trị đặt', ip: '127.0.0.1', client: 'test' })
      expect((await cli['directory.lookup']({ address: 'lan.pham@haiduong.gov.vn' })).account?.disabled).to.equal(true)
    })

    it('refuses what is no province', async () => {
      for (const p of [null, 5, {}, { ...province, agencies: 1 }, { ...province, people: [{}] }])
        expect((await refusalOf(service.as('cli').provision({ province: p, passwords: {} }))).status).to.equal(422)
    })
  })

  describe('sign-in', () => {
    beforeEach(provisioned)
    afterEach(ended)

    it('gives a token that says who it is, until signed out', async () => {
      const desk = service.as('desk')
      const { token, person } = await desk['auth.signIn']({
        address: ha,
        password: passwords[ha],
        ip: '127.0.0.1',
        client: 'test',
      })
      expect(person).to.include({ address: ha, title: 'Văn thư', used: 0 })
      expect(person).not.to.have.any.keys('id', 'password')
      expect((await desk['auth.whoami']({ token })).person.address).to.equal(ha)
      const again = desk['auth.signIn']({ address: ha, password: token, ip: '127.0.0.1', client: 'test' })
      expect((await refusalOf(again)).status).to.equal(401)
      await desk['auth.signOut']({ token })
      expect((await refusalOf(desk['auth.whoami']({ token }))).status).to.equal(401)
    })

    const tokens: [process: 'workers' | 'portal', mailbox: string, allowed: boolean][] = [
      ['workers', so, true],
      ['workers', ha, false],
      ['workers', motcua, false],
      ['workers', portal, false],
      ['workers', 'khong.co@haiduong.gov.vn', false],
      ['portal', portal, true],
      ['portal', so, false],
      ['portal', ha, false],
    ]
    for (const [process, mailbox, allowed] of tokens)
      it(`${process} ${allowed ? 'gets' : 'does not get'} a token for ${mailbox}`, async () => {
        const asked = service.as(process)['auth.serviceToken']({ mailbox })
        if (allowed) expect((await asked).token).to.match(/^cs_/)
        else expect((await refusalOf(asked)).status).to.equal(403)
      })
  })

  describe('hand-over', () => {
    beforeEach(provisioned)
    afterEach(ended)

    const base = { from: 'cong.dan@example.com', spam: false, helo: 'mx.example.com', ip: '192.0.2.1' }

    it('delivers once for each account, with its own prefix, and says for each recipient what became of it', async () => {
      const raw = letter('Hỏi về hồ sơ')
      const to = [
        motcua,
        `${ha.replace('@', '+riêng@')}`,
        'abuse@haiduong.gov.vn',
        'khong.co@haiduong.gov.vn',
        'x@example.com',
      ]
      const input = { ...base, to, raw, id: 'h1' }
      const { results } = await service.as('edge').handover(input)
      expect(results.map((r) => [r.ok, r.code])).to.deep.equal([
        [true, 250],
        [true, 250],
        [true, 250],
        [false, 550],
        [false, 550],
      ])
      expect(results.every((r) => /^[\x20-\x7e]+$/.test(r.message))).to.equal(true)
      const [got] = service.messages(motcua)
      expect(got?.text).to.equal(
        `Return-Path: <cong.dan@example.com>\r\nDelivered-To: ${motcua}\r\n${raw.toString('utf8')}`,
      )
      expect(service.messages('quantri@haiduong.gov.vn')).to.have.length(1)
      await service.as('edge').handover(input)
      expect(service.messages(motcua)).to.have.length(1)
    })

    it('puts spam into Junk, except for a register', async () => {
      await service.as('edge').handover({ ...base, spam: true, to: [ha, so], raw: letter('Trúng thưởng'), id: 'h2' })
      expect(service.messages(ha)).to.have.length(0)
      expect(service.messages(ha, 'Junk')[0]?.text).to.contain('X-Spam-Flag: YES\r\n')
      expect(service.messages(so)).to.have.length(1)
    })

    it('refuses a full personal mailbox and never an office', async () => {
      await service.as('cli')['account.set']({ address: ha, quota: 2_000 })
      const edge = service.as('edge')
      const send = (id: string, octets: number) =>
        edge.handover({ ...base, to: [ha, motcua], raw: letter(id, { octets }), id })
      expect((await send('a', 1_200)).results.map((r) => r.code)).to.deep.equal([250, 250])
      expect((await send('b', 1_200)).results.map((r) => r.code)).to.deep.equal([452, 250])
      expect((await send('c', 9_000)).results.map((r) => r.code)).to.deep.equal([552, 250])
      expect(await edge['rcpt.check']({ address: ha, size: 1_200 })).to.deep.equal({ verdict: 'over-quota' })
      expect(await edge['rcpt.check']({ address: motcua, size: 1_200 })).to.deep.equal({ verdict: 'ok' })
      expect(service.messages(motcua)).to.have.length(3)
    })

    it('a sender cannot write header lines', async () => {
      const from = 'a@b.c>\r\nX-Evil: 1\r\n\r\nbody'
      await service.as('edge').handover({ ...base, from, to: [ha], raw: letter('x'), id: 'h3' })
      expect(service.messages(ha)[0]?.text).to.match(/^Return-Path: <a@b\.cX-Evil: 1body>\r\nDelivered-To/)
    })

    it('refuses what are no octets, too many of them, or for a thousand and one', async () => {
      const edge = service.as('edge')
      const given = { ...base, to: [ha], raw: letter('x'), id: 'h4' }
      for (const change of [
        { raw: 'không phải octet' as never },
        { raw: { octets: 7 } as never },
        { raw: Buffer.alloc(2 * 1024 * 1024) },
        { to: Array.from({ length: 1_001 }, () => ha) },
        { id: '' },
      ])
        expect((await refusalOf(edge.handover({ ...given, ...change }))).status).to.equal(400)
      expect(service.messages(ha)).to.have.length(0)
    })

    it('knows closed groups and what is not ours at RCPT', async () => {
      await service.as('cli')['group.add']({ address: 'noibo@haiduong.gov.vn', name: 'Nội bộ', members: [ha] })
      const verdict = async (address: string) => (await service.as('edge')['rcpt.check']({ address })).verdict
      expect(await verdict('noibo@haiduong.gov.vn')).to.equal('internal-only')
      expect(await verdict('x@example.com')).to.equal('not-ours')
      expect(await verdict('Postmaster')).to.equal('ok')
      expect(await verdict('khong.co@haiduong.gov.vn')).to.equal('unknown')
      await service.as('cli')['account.disable']({ address: ha, disabled: true })
      expect(await verdict(ha)).to.equal('disabled')
    })
  })
})
