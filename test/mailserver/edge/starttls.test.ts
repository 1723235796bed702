import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadSettings } from '#config/settings.ts'
import { type Edge, startEdge } from '#mailserver/edge/start.ts'
import { startControl } from '#test/mailserver/edge/support/control.ts'
import { freeBase, Sender } from '#test/mailserver/edge/support/smtp.ts'

describe('edge: STARTTLS that fails', () => {
  let data: string
  let control: Awaited<ReturnType<typeof startControl>>
  let edge: Edge
  before(async () => {
    data = mkdtempSync(join(tmpdir(), 'congso-edge-'))
    control = await startControl(data)
    const { settings } = loadSettings({ data, portBase: String(await freeBase([25])), rspamd: 'off' }, {})
    edge = await startEdge({ settings })
  })
  after(async () => {
    await edge[Symbol.asyncDispose]()
    await control[Symbol.asyncDispose]()
    rmSync(data, { recursive: true, force: true })
  })

  it('ends that connection only, with replies still waiting', async function () {
    this.timeout(30_000)
    using steady = new Sender(edge.port)
    await steady.reply()
    const turns = async () => {
      for (let turn = 0; turn < 20; turn++) await steady.say('NOOP')
    }
    for (let round = 0; round < 8; round++) {
      const socket = connect(edge.port, '127.0.0.1')
      socket.on('error', () => undefined)
      await once(socket, 'data')
      // more replies than the kernel keeps for a client that does not read, and no handshake behind STARTTLS
      socket.pause()
      socket.write(`${'EHLO x\r\n'.repeat(30_000)}STARTTLS\r\n`)
      await turns()
      socket.write('no handshake\r\n'.repeat(100))
      await turns()
      socket.resume()
      if (!socket.closed) await once(socket, 'close')
    }
    expect(await steady.say('NOOP')).to.match(/^250/) // the same process still serves whom it served before
  })
})
