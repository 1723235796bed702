import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ports } from '#config/settings.ts'
import { freePortBase } from '#test/suite.ts'

describe('congso start', () => {
  it('ends, and says which port is taken and where more is written', async () => {
    const data = mkdtempSync(join(tmpdir(), 'congso-taken-'))
    const base = await freePortBase()
    const port = ports(base).submission
    const taken = createServer().listen(port, '127.0.0.1')
    await once(taken, 'listening')
    try {
      const parent = spawn(process.execPath, ['congso.ts', 'start'], {
        cwd: join(import.meta.dirname, '..'),
        env: { ...process.env, CONGSO_DATA: data, CONGSO_PORT_BASE: String(base) },
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let said = ''
      parent.stderr.on('data', (d: Buffer) => (said += d.toString()))
      const [code] = await once(parent, 'close')
      expect(said).to.match(new RegExp(`mailserver does not start: .*EADDRINUSE.*:${port} .*mailserver\\.log`))
      expect(code).to.equal(1)
    } finally {
      taken.close()
      rmSync(data, { recursive: true, force: true })
    }
  })
})
