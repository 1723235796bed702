import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { scanner } from '#mailserver/spam/available.ts'
import { freeBase } from '#test/mailserver/edge/support/smtp.ts'
import { until } from '#test/until.ts'

const root = join(import.meta.dirname, '../../..')

describe('rspamd whose main process is killed', function () {
  this.timeout(180_000)
  let data: string
  let child: ChildProcess | undefined

  before(function () {
    const found = scanner({ rspamd: 'auto' })
    if (!found.on) {
      console.log(`      left out: ${found.why}`)
      this.skip()
    }
    data = realpathSync(mkdtempSync(join(tmpdir(), 'congso-rspamd-')))
  })
  after(async () => {
    if (child?.exitCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
    if (data) rmSync(data, { recursive: true, force: true })
  })

  /** every rspamd of this folder, with its parent */
  const running = () =>
    readdirSync('/proc').flatMap((pid) => {
      try {
        if (!/^\d+$/.test(pid) || readlinkSync(`/proc/${pid}/cwd`) !== join(data, 'rspamd/db')) return []
        const [, state, parent] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!
        return state === 'Z' ? [] : [{ pid: Number(pid), parent: Number(parent) }]
      } catch {
        return []
      }
    })

  it('takes its workers along, and can be started again', async () => {
    const portBase = await freeBase([333, 334])
    const answers = () =>
      fetch(`http://127.0.0.1:${portBase + 333}/ping`).then(
        (r) => r.ok,
        () => false,
      )
    const start = async () => {
      const args = ['--data', data, '--port-base', String(portBase), 'serve', 'rspamd']
      child = fork(join(root, 'congso.ts'), args, { cwd: root, silent: true })
      await until('rspamd to answer', answers, { timeoutMs: 120_000 })
      return child
    }
    const first = await start()
    await until('its workers', () => running().length > 2)
    const ended = once(first, 'exit')
    process.kill(running().find(({ parent }) => parent === first.pid)!.pid, 'SIGKILL')
    expect((await ended)[0]).to.equal(1)
    expect(running()).to.deep.equal([])

    const second = await start()
    // a suite that is killed whole leaves all of it behind
    const gone = once(second, 'exit')
    second.kill('SIGKILL')
    await gone
    expect(running()).not.to.deep.equal([])
    const former = running().map(({ pid }) => pid)
    await start()
    await until('the former to be gone', () => running().every(({ pid }) => !former.includes(pid)))
    await until('the new one to answer', answers, { timeoutMs: 120_000 })
  })
})
