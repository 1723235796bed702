import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as secure } from 'node:tls'
import { expect } from 'chai'
import { loadSettings } from '#config/settings.ts'
import { type Edge, startEdge } from '#mailserver/edge/start.ts'
import { startControl } from '#test/mailserver/edge/support/control.ts'
import { freeBase, Sender } from '#test/mailserver/edge/support/smtp.ts'
import { until } from '#test/until.ts'

describe('edge: STARTTLS', () => {
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

  it('what was sent in the clear behind it is not read under TLS', async () => {
    const socket = connect(edge.port, '127.0.0.1')
    await once(socket, 'data')
    const evil = 'EHLO evil\r\nMAIL FROM:<evil@example.com>\r\nRCPT TO:<ha.tran@haiduong.gov.vn>\r\n'
    socket.write(`EHLO x\r\nSTARTTLS\r\n${evil.repeat(100)}`)
    await untilSaid(socket, /^220 2\.0\.0 Ready/m)
    const secured = secure({ socket, rejectUnauthorized: false })
    await once(secured, 'secureConnect')
    secured.write('DATA\r\nMAIL FROM:<a@example.com>\r\nEHLO a.example.com\r\nDATA\r\nNOOP\r\n')
    let said = ''
    secured.on('data', (chunk) => {
      said += chunk
    })
    await until('the last reply', () => /^250 2\.0\.0 OK/m.test(said))
    // nothing of before is known: neither the greeting nor a transaction (RFC 3207 §4.2)
    expect(said.match(/^\d{3}(?= )/gm)).to.deep.equal(['503', '503', '250', '503', '250'])
    expect(said).not.to.contain('STARTTLS')
    expect(control.state.asked).to.deep.equal([])
    secured.destroy()
  })

  it('when it is asked for twice, only that connection is refused, and ends alone', async function () {
    this.timeout(30_000)
    using steady = new Sender(edge.port)
    await steady.reply()
    for (let round = 0; round < 10; round++) {
      const socket = connect(edge.port, '127.0.0.1')
      await once(socket, 'data')
      socket.write('EHLO x\r\nSTARTTLS\r\n')
      await untilSaid(socket, /^220 2\.0\.0 Ready/m)
      const secured = secure({ socket, rejectUnauthorized: false })
      secured.on('error', () => undefined)
      await once(secured, 'secureConnect')
      // asked for again under TLS, with more replies than the kernel keeps for a client that does not read
      secured.write(`${'EHLO x\r\n'.repeat(round * 200)}STARTTLS\r\n`)
      if (round < 5) await untilSaid(secured, /^503 5\.5\.1 Error: TLS already active/m)
      secured.write('NOOP\r\n'.repeat(2_000))
      socket.resetAndDestroy()
      if (!socket.closed) await once(socket, 'close')
    }
    expect(await steady.say('NOOP')).to.match(/^250/) // the same process still serves whom it served before
  })
})

async function untilSaid(socket: Socket, what: RegExp): Promise<void> {
  for (let said = ''; !what.test(said); ) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    said += chunk.toString('latin1')
  }
}
