import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Supervised } from '#kit/process/supervise.ts'
import { until } from '#test/until.ts'

describe('kit/process/supervise', () => {
  let folder: string
  let running: Supervised[] = []
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'congso-supervise-'))
  })
  afterEach(async () => {
    await Promise.all(running.map((r) => r.stop()))
    running = []
    rmSync(folder, { recursive: true, force: true })
  })

  const child = (body: string) => {
    const program = join(folder, 'child.mjs')
    writeFileSync(program, `process.once('disconnect', () => process.exit()); setInterval(() => {}, 1000);\n${body}`)
    const supervised = new Supervised({
      name: 'child',
      program,
      argv: [],
      env: process.env,
      logFolder: folder,
      changed: () => undefined,
    })
    running.push(supervised)
    return supervised
  }

  it('is ready when the child says so, and starts it again after kill -9', async () => {
    const supervised = child(`process.send({ congso: 'ready' })`)
    expect(await supervised.start()).to.include({ state: 'ready', restarts: 0 })
    const before = supervised.pid
    process.kill(before!, 'SIGKILL')
    await until('the next child', () => supervised.state.state === 'ready' && supervised.pid !== before)
    expect(supervised.state).to.include({ restarts: 1 })
  })

  it('shows what a child warns of, until it takes that back; a new child begins without', async () => {
    const supervised = child(`
      process.send({ congso: 'ready' })
      process.send({ congso: 'warning', text: 'sắp hết hạn' })
      process.once('SIGUSR2', () => process.send({ congso: 'warning' }))`)
    await supervised.start()
    await until('the warning', () => 'warning' in supervised.state)
    expect(supervised.state).to.include({ state: 'ready', warning: 'sắp hết hạn' })
    process.kill(supervised.pid!, 'SIGUSR2')
    await until('its end', () => !('warning' in supervised.state))
    expect(supervised.state).to.include({ state: 'ready' })
  })

  it('leaves a child that is off alone', async () => {
    const supervised = child(`process.send({ congso: 'off', reason: 'chưa cài' }); setImmediate(() => process.exit(0))`)
    expect(await supervised.start()).to.deep.equal({ state: 'off', reason: 'chưa cài' })
    await until('its end', () => supervised.pid === undefined)
    expect(supervised.state).to.deep.equal({ state: 'off', reason: 'chưa cài' })
  })

  it('says why a child that cannot start is down', async () => {
    const supervised = child('process.exit(3)')
    expect(await supervised.start()).to.include({ state: 'down', reason: 'ended with code 3' })
  })

  it('says what a child that cannot start said last, and does not wait for one whose start failed', async () => {
    const run = join(import.meta.dirname, '../../../kit/process/child.ts')
    const supervised = child(`
      import { runProcess } from ${JSON.stringify(run)}
      await runProcess(async () => { throw new Error('port 25 is taken') }).catch((err) => {
        console.error('congso: ' + err.message)
        process.exitCode = 1
      })`)
    expect(await supervised.start()).to.include({
      state: 'down',
      reason: 'ended with code 1: congso: port 25 is taken',
    })
  })

  it('stops a child by SIGTERM and does not start it again', async () => {
    const supervised = child(`process.once('SIGTERM', () => process.exit(0)); process.send({ congso: 'ready' })`)
    await supervised.start()
    await supervised.stop()
    expect(supervised.state).to.include({ state: 'down', reason: 'stopped' })
    expect(supervised.pid).to.equal(undefined)
  })
})
