import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ports } from '#config/settings.ts'
import { leanEnv } from '#kit/process/lean.ts'
import { startControl } from '#test/mailserver/edge/support/control.ts'
import { freeBase, Sender } from '#test/mailserver/edge/support/smtp.ts'
import { until } from '#test/until.ts'

const root = join(import.meta.dirname, '../../..')
const message = 'From: an@example.com\r\nMessage-ID: <crash@example.com>\r\n\r\nXin chao\r\n'
const to = ['ha.tran@haiduong.gov.vn']

describe('edge killed at its crash points', function () {
  this.timeout(60_000)
  for (const [point, handed] of [
    ['edge.beforeHandover', 1],
    ['edge.afterHandover', 2],
  ] as const)
    it(`${point}: the sender hears no 250 and its repeat is known as one`, async () => {
      const data = mkdtempSync(join(tmpdir(), 'congso-crash-'))
      await using control = await startControl(data)
      const base = await freeBase([25])
      const crashed = join(data, 'crashed')
      const start = async () => {
        const edge = spawn(process.execPath, ['congso.ts', 'serve', 'edge'], {
          cwd: root,
          env: {
            ...process.env,
            ...leanEnv(root),
            CONGSO_DATA: data,
            CONGSO_PORT_BASE: String(base),
            CONGSO_RSPAMD: 'off',
            CONGSO_CRASH_AT: point,
            CONGSO_CRASH_FILE: crashed,
          },
          stdio: 'ignore',
        })
        await until('a greeting', async () => {
          using s = new Sender(ports(base).smtp)
          return (await s.reply()).startsWith('220')
        })
        return edge
      }
      const send = () => Sender.send(ports(base).smtp, { to, message }).then((replies) => replies.at(-1)!)
      let edge = await start()
      try {
        const ended = once(edge, 'exit')
        expect(await send()).to.equal('closed')
        expect(await ended).to.deep.equal([null, 'SIGKILL'])
        expect(existsSync(crashed)).to.equal(true)
        edge = await start()
        expect(await send()).to.match(/^250/)
        expect(control.state.handed).to.have.length(handed)
        expect(new Set(control.state.handed.map((h) => h.id)).size).to.equal(1)
      } finally {
        edge.kill('SIGKILL')
        rmSync(data, { recursive: true, force: true })
      }
    })
})
