import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadSettings } from '#config/settings.ts'
import { startEdge } from '#mailserver/edge/start.ts'
import { startControl } from '#test/mailserver/edge/support/control.ts'
import { freeBase, Sender } from '#test/mailserver/edge/support/smtp.ts'
import { until } from '#test/until.ts'

const message = 'From: an@example.com\r\nMessage-ID: <crash@example.com>\r\n\r\nXin chao\r\n'
const to = ['ha.tran@haiduong.gov.vn']

describe('edge killed at its crash points', () => {
  for (const [point, handed] of [
    ['edge.beforeHandover', 1],
    ['edge.afterHandover', 2],
  ] as const)
    it(`${point}: the sender hears no 250 and its repeat is known as one`, async () => {
      const data = mkdtempSync(join(tmpdir(), 'congso-crash-'))
      process.env['CONGSO_CRASH_AT'] = point // Haraka, the child, takes it over; this process has read its own already
      process.env['CONGSO_CRASH_FILE'] = join(data, 'crashed')
      await using control = await startControl(data)
      const { settings } = loadSettings({ data, portBase: String(await freeBase([25])), rspamd: 'off' }, {})
      try {
        await using edge = await startEdge({ settings })
        const send = () => Sender.send(edge.port, { to, message }).then((r) => r.at(-1)!)
        expect(await send()).to.equal('closed')
        expect(existsSync(join(data, 'crashed'))).to.equal(true)
        await until('250 to the repeat', async () => (await send()).startsWith('250'))
        expect(control.state.handed).to.have.length(handed)
        expect(new Set(control.state.handed.map((h) => h.id)).size).to.equal(1)
      } finally {
        delete process.env['CONGSO_CRASH_AT']
        delete process.env['CONGSO_CRASH_FILE']
        rmSync(data, { recursive: true, force: true })
      }
    })
})
