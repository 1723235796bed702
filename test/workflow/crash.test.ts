import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { paths } from '#config/settings.ts'
import { loadActs } from '#kit/act/registry.ts'
import { leanEnv } from '#kit/process/lean.ts'
import { until } from '#test/until.ts'
import { checkRebuild } from '#workflow/projection/rebuild.ts'
import { verifyRegisters } from '#workflow/verify/verify.ts'
import { actsFolder } from '#workflow/worker/start.ts'
import { clerk, people, register } from './ledger.ts'
import { TestMail } from './mailserver.ts'

const root = join(import.meta.dirname, '../..')
const scan = { name: 'to-khai.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.7\nTờ khai\n') }
const points = [
  'worker.beforeDecide',
  'worker.beforeCommit',
  'worker.afterCommit',
  'projection.beforeApply',
  'projection.afterApply',
]

/** Workers that a power cut meets at each of their named points, and that start again. */
describe('workers killed at a crash point', function () {
  this.timeout(180_000)
  let mail: TestMail
  before(async () => {
    mail = await TestMail.start()
  })
  after(() => mail[Symbol.asyncDispose]())

  function child(env: Record<string, string>) {
    const { data, portBase } = mail.settings
    return fork(join(root, 'congso.ts'), ['--data', data, '--port-base', String(portBase), 'serve', 'workers'], {
      cwd: root,
      env: { ...process.env, ...leanEnv(root), CONGSO_LOG_LEVEL: 'warn', ...env },
      silent: true,
    })
  }

  for (const [i, point] of points.entries())
    it(`${point}: nothing lost, nothing twice`, async () => {
      const id = `AAAA-AAA${i}-A`
      const crashed = join(mail.settings.data, `crashed-${i}`)
      const first = child({ CONGSO_CRASH_AT: point, CONGSO_CRASH_FILE: crashed })
      const dead = once(first, 'exit')
      const lodged = await mail.lodge(id, scan)
      await dead
      expect(existsSync(crashed), 'it died where it was told to').to.equal(true)

      const second = child({})
      const ended = once(second, 'exit')
      using reader = mail.reader()
      try {
        const { seq } = await mail.entry(reader, lodged)
        const received = await mail.command({
          by: people.clerk,
          office: clerk,
          kind: 'dossier.receive',
          case: id,
          saw: seq,
        })
        await mail.entry(reader, received)
      } finally {
        second.kill('SIGTERM')
        await ended
      }
      expect(reader.entries(id).map((e) => e.kind)).to.deep.equal(['dossier.lodge', 'dossier.receive'])
      const lines = reader.arrivals({ year: new Date().getFullYear(), now: '' }).rows
      expect(lines.map((l) => l.n)).to.deep.equal(Array.from({ length: i + 1 }, (_, k) => i + 1 - k))
      const { rows } = await mail.directory('cli')['queue.list']({ limit: 100 })
      expect(
        rows.filter((r) => r.to === 'hop.thu@indongthanh.example'),
        'one receipt for each',
      ).to.have.length(i + 1)
    })

  it('leave registers that are equal when rebuilt and sound when recounted', async () => {
    const projections = paths(mail.settings.data).projections
    const registry = await loadActs(actsFolder)
    const checked = await checkRebuild({ folder: projections, register, registry, directory: mail.directory('cli') })
    expect(checked.differences).to.deep.equal([])
    const directory = mail.directory('workers')
    const { findings } = await verifyRegisters({
      registers: [register],
      directory,
      mail: mail.access('imap', register),
      projections,
    })
    expect(findings).to.deep.equal([])
    await until('an empty INBOX', async () => {
      await using box = await mail.registerBox()
      return (await box.counts('INBOX')).messages === 0
    })
  })
})
