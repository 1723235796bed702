/**
 * Rebuild of a register's projection from a ledger of 100,000 events, by the code of `congso rebuild`. The ledger is one
 * story decided by the real acts and repeated with other cases and numbers; its entries come from memory, in the pages
 * that the control API would give.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event } from '#kit/act/act.ts'
import type { LedgerEntry } from '#kit/directory/calls.ts'
import { eventText } from '#kit/message/data.ts'
import { newReference } from '#portal/reference.ts'
import { flow, register, TestLedger } from '#test/workflow/ledger.ts'
import { rebuild } from '#workflow/projection/rebuild.ts'
import type { Line } from './table.ts'

const events = 100_000
const aim = 20_000

export async function measureRebuild(): Promise<Line[]> {
  using ledger = await TestLedger.open()
  const entries = await longLedger(ledger)
  const folder = mkdtempSync(join(tmpdir(), 'congso-bench-rebuild-'))
  try {
    const begun = performance.now()
    const head = await rebuild({
      folder,
      register,
      registry: ledger.registry,
      directory: {
        'ledger.head': async () => ({ seq: entries.length, hash: '' }),
        'ledger.read': async ({ after, limit = 1_000 }) => ({
          entries: entries.slice(after, after + limit),
        }),
      },
    })
    const seconds = (performance.now() - begun) / 1000
    if (head.seq !== entries.length) throw new Error(`the rebuild ended at entry ${head.seq}`)
    return [
      {
        what: 'rebuild of a ledger',
        how: `${entries.length.toLocaleString('en-US')} events of ${Math.round(entries.length / flow('').length).toLocaleString('en-US')} cases in ${seconds.toFixed(1)} s, read from memory`,
        unit: 'events/s',
        measured: entries.length / seconds,
        aim: { least: aim },
      },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function longLedger(ledger: TestLedger): Promise<LedgerEntry[]> {
  for (const step of flow(newReference())) await ledger.act(step)
  const story = ledger.entries.map((e) => JSON.parse(e.data) as Event & { is: string })
  const entries: LedgerEntry[] = []
  let prev = story[0]!.prev
  for (let n = 1; entries.length < events; n++) {
    const id = newReference()
    for (const step of story) {
      const seq = entries.length + 1
      const { is: _is, ...event } = step
      const data = eventText({ ...event, seq, prev, case: id, command: `c${seq}@test`, data: numbered(step, n) })
      entries.push({ ledger: register, seq, prev, data, messageId: `e${seq}@test` })
      prev = createHash('sha256').update(data).digest('hex')
    }
  }
  return entries.slice(0, events)
}

/** The numbers that case `n` drew from the series of the year. */
function numbered({ kind, data }: Event, n: number): Event['data'] {
  if (kind === 'dossier.receive') {
    const { code, numbers, arrival } = data as { code: string; numbers: { n: number }[]; arrival: { n: number } }
    return {
      ...(data as object),
      code: code.replace(/\d+$/, String(n).padStart(4, '0')),
      numbers: numbers.map((drawn) => ({ ...drawn, n })),
      arrival: { ...arrival, n },
    } as Event['data']
  }
  if (kind === 'dossier.issue') {
    const number = (data as { number: string }).number.replace(/^\d+/, String(n).padStart(2, '0'))
    return { ...(data as object), n, number } as Event['data']
  }
  return data
}
