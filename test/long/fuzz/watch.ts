/** What must hold of the suite whatever it is sent: the same processes, no fault in a log, bounded memory. */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { TestSuite } from '#test/suite.ts'

/**
 * MB of proportional set size that a process (its children with it) may have under fire. Idle they have 60 to 190; room for what
 * each may hold by its own limits: messages under way (192 MB in a session thread, 64 at the edge), pages of 4,000 connections.
 */
const ceilings: Readonly<Record<string, number>> = {
  mailserver: 700,
  edge: 450,
  workers: 350,
  desk: 400,
  portal: 400,
  sink: 400,
}

/** What parts log at level error or fatal is a fault of ours; so is anything that a runtime writes by itself. */
const fault =
  /"level":"(?:error|fatal)"|unhandled|uncaught|^\s+at \S+ \(|"level":"(?:CRIT|ERROR|ALERT|EMERG)"|FATAL ERROR|SERVERBUG/i

/** of a log in which there is a fault */
const linesShown = 30

export class Watch {
  readonly #suite: TestSuite
  readonly #pids: Readonly<Record<string, number>>
  readonly #read = new Map<string, number>()

  constructor(suite: TestSuite) {
    this.#suite = suite
    this.#pids = pidsOf(suite)
    this.faults()
  }

  /** @returns what is wrong now, in words; nothing when all is well */
  look(): string[] {
    const now = pidsOf(this.#suite)
    const changed = Object.entries(this.#pids).flatMap(([name, pid]) =>
      now[name] === pid && alive(pid) ? [] : [`${name} (pid ${pid}) has ended`],
    )
    const heavy = Object.entries(this.memory()).flatMap(([name, mb]) =>
      mb > (ceilings[name] ?? 300) ? [`${name} holds ${mb} MB, ${ceilings[name] ?? 300} allowed`] : [],
    )
    return [...changed, ...heavy, ...this.faults()]
  }

  /** MB by process, its children with it */
  memory(): Record<string, number> {
    const parents = parentsOf()
    return Object.fromEntries(
      Object.entries(this.#pids).map(([name, pid]) => {
        const own = [pid, ...[...parents].filter(([, parent]) => parent === pid).map(([child]) => child)]
        return [name, Math.round(own.reduce((sum, each) => sum + pss(each), 0) / 1024)]
      }),
    )
  }

  /** Lines since the last look that tell of faults. */
  faults(): string[] {
    const folder = join(this.#suite.data, 'logs')
    return readdirSync(folder).flatMap((name) => {
      const path = join(folder, name)
      const file = openSync(path, 'r')
      const { size } = fstatSync(file)
      const from = Math.min(this.#read.get(path) ?? 0, size)
      const more = Buffer.alloc(size - from)
      readSync(file, more, 0, more.length, from)
      closeSync(file)
      this.#read.set(path, size)
      const lines = more.toString().split('\n')
      // with what was said around it: a process that dies says why before others say that it has
      return lines.some((line) => fault.test(line))
        ? lines.slice(-linesShown).map((line) => `${name}: ${line.slice(0, 1_500)}`)
        : []
    })
  }
}

function pidsOf(suite: TestSuite): Record<string, number> {
  return Object.fromEntries(Object.entries(suite.status()).flatMap(([name, s]) => ('pid' in s ? [[name, s.pid]] : [])))
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** KB */
function pss(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0 // it has ended, which `look` says
  }
}

/** child → parent, of all processes */
function parentsOf(): Map<number, number> {
  return new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name): [number, number][] => {
        try {
          const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
          return [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]]
        } catch {
          return [] // it has just ended
        }
      }),
  )
}
