import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadSettings, paths, ports } from '#config/settings.ts'
import { createDirectory } from '#kit/directory/client.ts'
import { readSecrets } from '#mailserver/control/secrets.ts'
import { startMailserver } from '#mailserver/start.ts'
import { passwords, province } from '#test/mailserver/control/service.ts'

describe('the mail service as one process', () => {
  const data = mkdtempSync(join(tmpdir(), 'congso-mailserver-'))
  after(() => rmSync(data, { recursive: true, force: true }))

  async function settingsOnFreePorts() {
    for (;;) {
      const base = 11_000 + Math.floor(Math.random() * 17_000) // below the ports of outgoing connections
      const { settings } = loadSettings({ data, portBase: String(base) }, {})
      const wanted = [
        ports(base).imap,
        ports(base).imaps,
        ports(base).submission,
        ports(base).submissions,
        ports(base).lmtp,
      ]
      if ((await Promise.all(wanted.map(isFree))).every(Boolean)) return settings
    }
  }
  const cli = () =>
    createDirectory({
      socket: paths(data).control,
      process: 'cli',
      secret: readSecrets(paths(data).secret).get('cli')!,
    })

  it('answers on every port, keeps what it was told over a restart, and refuses to run twice', async () => {
    const settings = await settingsOnFreePorts()
    const at = ports(settings.portBase)
    {
      await using _server = await startMailserver({ settings })
      using directory = cli()
      expect((await directory.provision({ province, passwords })).added).to.be.greaterThan(5)
      for (const [port, greeting] of [
        [at.imap, /^\* OK /],
        [at.submission, /^220 /],
        [at.lmtp, /^220 /],
      ] as const)
        expect(await firstLine(port)).to.match(greeting)
      const second = await startMailserver({ settings }).then(
        () => 'started',
        (err: unknown) => String(err),
      )
      expect(second).not.to.equal('started')
      expect((await directory['domain.list']({})).domains, 'the first one still serves').to.deep.equal([
        'haiduong.gov.vn',
      ])
    }
    expect(await isFree(at.imap)).to.equal(true)
    await using _again = await startMailserver({ settings })
    using directory = cli()
    expect((await directory['account.list']({ kind: 'person' })).total).to.equal(2)
    expect(await directory['store.verify']({})).to.deep.equal({ findings: [] })
  })
})

async function firstLine(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const [line] = await once(socket, 'data')
  socket.destroy()
  return String(line)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
