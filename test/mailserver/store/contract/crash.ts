import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import type { Bench, Engine } from '../contract.ts'

type Acked = { subject: string; uid: number }

export function crashContract(b: Bench, engine: Engine): void {
  /** A process that delivers until it is killed. @returns what it was told is kept */
  const load = async (env: Record<string, string>, killAfter?: number): Promise<Acked[]> => {
    await b.store[Symbol.asyncDispose]()
    const child = spawn(process.execPath, [join(import.meta.dirname, 'load.ts'), engine.module, b.dir], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const acked: Acked[] = []
    createInterface({ input: child.stdout }).on('line', (line) => {
      acked.push(JSON.parse(line) as Acked)
      if (acked.length === killAfter) child.kill('SIGKILL')
    })
    const [, signal] = await once(child, 'exit')
    if (child.stdout.readable) await once(child.stdout, 'close')
    expect(signal).to.equal('SIGKILL')
    b.store = await engine.open(b.dir)
    return acked
  }
  const check = (acked: Acked[]) => {
    const kept = new Map(b.rows(b.inbox(1)).map((r) => [r.uid, r]))
    for (const { subject, uid } of acked) {
      const row = kept.get(uid)
      expect(row, `acknowledged ${subject} as UID ${uid}`).to.not.equal(undefined)
      expect(b.octets(row!.message).toString('utf8')).to.include(subject)
    }
    const uids = [...kept.keys()]
    expect(uids).to.deep.equal(uids.map((_, i) => i + 1))
  }

  describe('crashes', () => {
    it('loses nothing that it acknowledged when it is killed under load', async () => {
      for (const after of [20, 150]) {
        const acked = await load({}, after)
        expect(acked.length).to.be.at.least(after)
        check(acked)
        expect(await b.store.audit()).to.deep.equal([])
      }
    }).timeout(30_000)

    for (const point of ['store.beforeCommit', 'store.afterCommit'])
      it(`is whole after a crash at ${point}, and takes the same mail again`, async () => {
        const mark = join(b.dir, `crashed-${point}`)
        check(await load({ CONGSO_CRASH_AT: point, CONGSO_CRASH_FILE: mark }))
        expect(existsSync(mark)).to.equal(true)
        expect(await b.store.audit()).to.deep.equal([])
        check(await load({ CONGSO_CRASH_AT: point, CONGSO_CRASH_FILE: mark }, 30))
      }).timeout(30_000)
  })
}
