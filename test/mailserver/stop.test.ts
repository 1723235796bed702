import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectSecured } from 'node:tls'
import { expect } from 'chai'
import { loadSettings, paths, ports } from '#config/settings.ts'
import { startMailserver } from '#mailserver/start.ts'
import { freePortBase } from '#test/suite.ts'

/** The graces of the listeners are 2 s and pass at once; the supervisor kills after 20 s. Between them is room for a machine under load. */
const soonEnoughMs = 10_000

describe('the mail service stops although clients stay connected', function () {
  this.timeout(60_000)
  const data = mkdtempSync(join(tmpdir(), 'congso-stop-'))
  const open: Socket[] = []
  after(() => {
    for (const socket of open) socket.destroy()
    rmSync(data, { recursive: true, force: true })
  })

  it('soon, with clients on every listener that never hang up', async () => {
    const { settings } = loadSettings({ data, portBase: String(await freePortBase()), imapThreads: '1' }, {})
    const at = ports(settings.portBase)
    const server = await startMailserver({ settings })
    for (const port of [at.imap, at.submission, at.lmtp]) open.push(await greeted(stubborn({ port })))
    for (const port of [at.imaps, at.submissions]) {
      open.push(await greeted(connectSecured({ port, host: '127.0.0.1', rejectUnauthorized: false })))
      open.push(await connected(stubborn({ port }))) // never begins its handshake
    }
    open.push(await connected(stubborn({ path: paths(data).control }))) // never sends its request
    const agent = new Agent({ keepAlive: true })
    await askControl(paths(data).control, agent)
    const begun = performance.now()
    await server[Symbol.asyncDispose]()
    expect(performance.now() - begun).to.be.below(soonEnoughMs)
    agent.destroy()
  })
})

/** A client that keeps its half open after the server has closed the other. */
function stubborn(to: { port: number } | { path: string }): Socket {
  const socket = connect({ host: '127.0.0.1', allowHalfOpen: true, ...to })
  socket.on('error', () => undefined) // the server may reset it; that is what is tested
  return socket
}

async function connected(socket: Socket): Promise<Socket> {
  await once(socket, 'connect')
  return socket
}

async function greeted(socket: Socket): Promise<Socket> {
  socket.on('error', () => undefined) // as above
  await once(socket, 'data')
  return socket
}

/** One refused call; its connection stays open, idle. */
function askControl(socketPath: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: '/v1/health', method: 'POST', agent }, (answer) => {
      answer.resume()
      answer.once('end', resolve)
    })
      .once('error', reject)
      .end()
  })
}
