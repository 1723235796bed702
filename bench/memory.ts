/** Memory of the idle suite: proportional set size (PSS) of all its processes, so that shared pages count once. */
import { readdirSync, readFileSync } from 'node:fs'
import type { TestSuite } from '#test/suite.ts'
import type { Line } from './table.ts'

const aimMb = 600

export function measureMemory(suite: TestSuite): { lines: Line[]; detail: string } {
  const each = processesOf(suite).map(({ name, pid }) => ({
    name,
    mb: family(pid).reduce((sum, p) => sum + pssMb(p), 0),
  }))
  const total = each.reduce((sum, p) => sum + p.mb, 0)
  return {
    lines: [
      {
        what: 'memory of the idle suite without rspamd',
        how: `PSS of ${each.length} processes and their children`,
        unit: 'MB',
        measured: total,
        aim: { most: aimMb },
      },
    ],
    detail: each.map((p) => `${p.name} ${Math.round(p.mb)}`).join(', '),
  }
}

function processesOf(suite: TestSuite): { name: string; pid: number }[] {
  const running = Object.entries(suite.status()).flatMap(([name, s]) => ('pid' in s ? [{ name, pid: s.pid }] : []))
  const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${running[0]!.pid}/status`, 'utf8'))![1])
  const parentOnly = { name: 'parent', pid: parent }
  // children that the status file does not know (a helper of a process) are counted with their parent
  return [parentOnly, ...running]
}

/** A process and what it started itself; the parent of all alone, since its children are listed by name. */
function family(pid: number): number[] {
  const children = childrenOf(pid)
  const isParentOfAll = children.some((c) => readFileSync(`/proc/${c}/cmdline`, 'utf8').includes('\0serve\0'))
  return isParentOfAll ? [pid] : [pid, ...children.flatMap(family)]
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
}

/** smaps_rollup counts in kB of 1,024 octets; an MB here has 1,048,576. */
function pssMb(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]) / 1024
}
