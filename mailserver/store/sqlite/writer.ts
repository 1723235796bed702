/**
 * The cell's one writer thread. Jobs come by message ports, wait in a fair queue, and what has queued up during one
 * commit is the next group. No timer: a 3 ms wait lowered throughput at every load (findings §3).
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { subsystem } from '#kit/log.ts'
import { crashPoint } from '#kit/process/crash.ts'
import { isDiskFull } from '#kit/store/diskfull.ts'
import { migrate } from '#kit/store/migrate.ts'
import { openDatabase } from '#kit/store/open.ts'
import { Statements } from '#kit/store/statements.ts'
import { useCounters } from '#mailserver/metrics/counters.ts'
import type { Change, JobName } from '../port.ts'
import { emptyTemporary, makeBlobFolders, removeFile, Sweep } from './blobs.ts'
import { Checkpoints } from './checkpoint.ts'
import { Commits } from './commits.ts'
import type { Content } from './content.ts'
import { FairQueue } from './fairqueue.ts'
import { isMissing, runGroup, type Turn, type TurnResult } from './group.ts'
import { idleStep, indexStep } from './idle.ts'
import { IndexDue } from './indexing.ts'
import { lineOf, mayBeSliced, weightOf } from './lines.ts'
import { lockCell } from './lock.ts'
import type { Answer, FromHost, FromWriter, Request, ToHost, WriterData } from './protocol.ts'
import { Room } from './room.ts'
import { PAGE_SIZE, steps } from './schema.ts'
import { Settling } from './settling.ts'
import type { Undoable, Undoing } from './tx.ts'
import { Wants } from './wants.ts'

const { dir, commits: shared, counters } = workerData as WriterData
if (counters) useCounters(counters)
const commits = new Commits(shared)
const host = parentPort!
const path = `${dir}/cell.sqlite`

/** Rows that a group touches at most: about 20 ms of work, so that nobody's answer waits longer. */
const GROUP_ROWS = 1000
/** Nothing to do for this long: time for housekeeping. */
const IDLE_AFTER_MS = 500
/** Housekeeping that failed (a full disk) is not tried again at once. */
const AFTER_FAILURE_MS = 60_000
/** Files in one step of looking for those that a crash left: a millisecond. */
const SWEEP_STEP = 500
const log = subsystem('store')

const lock = lockCell(dir)
const db = openDatabase(path, { pageSize: PAGE_SIZE })
db.exec('pragma wal_autocheckpoint = 0; pragma cache_size = -32000; pragma temp_store = memory')
migrate(db, steps)
const sql = new Statements(db)
makeBlobFolders(dir)
const unfinished = emptyTemporary(dir)
if (unfinished > 0) log.info({ unfinished }, 'removed files that a crash had left half-way')
// before anybody looks
const settling = new Settling(sql, dir)
let settled = 0
while (settling.step()) settled++
if (settled > 0) log.info({ steps: settled }, 'settled what a stop had interrupted')
// a delivery that a crash interrupted may or may not have reached the other side: it is tried again
sql.run("update queue set state = 'waiting' where state = 'sending'")

type Waiting = Turn & { port: MessagePort; id: number }
const queue = new FairQueue<Waiting>()
const ports = new Map<MessagePort, Wants>()
const room = new Room(dir)
const checkpoints = new Checkpoints(path, sql)
const indexDue = new IndexDue(sql)
let sweep: Sweep | undefined = new Sweep(dir, (sha) => sql.get('select 1 from blob where sha = ?', sha) !== undefined)
let scheduled = false
let stopping = false
let idleTimer: NodeJS.Timeout | undefined

host.on('message', (message: FromHost) => {
  if ('join' in message) join(message.join, new Wants(message.wants))
  else {
    stopping = true
    schedule()
  }
})
host.postMessage('ready' satisfies ToHost)
schedule() // what a stop, a crash or an earlier version has left waits for no job

function join(port: MessagePort, wants: Wants): void {
  ports.set(port, wants)
  port.on('message', (request: Request) => {
    enqueue(port, request)
    schedule()
  })
  port.on('close', () => ports.delete(port))
}

function enqueue(port: MessagePort, { id, job, input }: Request): void {
  if (room.refuses(job)) {
    for (const f of temporaryFiles(input)) removeFile(f)
    const answer: Answer = { id, failed: `${job}: the disk is nearly full`, full: true }
    port.postMessage({ answers: [answer] } satisfies FromWriter)
    return
  }
  queue.add(lineOf(sql, job, input), { port, id, job, input, at: undefined })
}

function schedule(): void {
  if (scheduled) return
  scheduled = true
  clearTimeout(idleTimer)
  setImmediate(work)
}

function work(): void {
  scheduled = false
  for (const port of ports.keys())
    for (let m = receiveMessageOnPort(port); m; m = receiveMessageOnPort(port)) enqueue(port, m.message as Request)
  if (queue.size > 0) {
    const taken = queue.take(GROUP_ROWS, weightOf, mayBeSliced)
    const { results, changes, unindexed } = runGroup(
      sql,
      dir,
      taken.map((t) => t.item),
    )
    commits.add()
    const answers = new Map<MessagePort, Answer[]>()
    results.forEach((result, i) => {
      const { key, item } = taken[i]!
      const at = placeAfter(result, item.at)
      if (at !== undefined) {
        queue.putBack(key, { ...item, at })
        crashPoint('store.betweenSlices')
        return
      }
      for (const f of temporaryFiles(item.input)) removeFile(f)
      const answer: Answer =
        'step' in result && 'out' in result.step
          ? { id: item.id, out: result.step.out }
          : 'failed' in result && isMissing(result.failed)
            ? { id: item.id, missing: true }
            : { id: item.id, ...describe(item.job, faultOf(result)) }
      const mine = answers.get(item.port)
      if (mine) mine.push(answer)
      else answers.set(item.port, [answer])
    })
    tell(changes, answers)
    indexDue.noted(unindexed)
    checkpoints.afterCommit()
  }
  if (indexDue.isNow(queue.size > 0)) index()
  if (queue.size > 0) schedule()
  else if (stopping) stop()
  else idleTimer = setTimeout(idle, IDLE_AFTER_MS)
}

/** Between two groups, when it can wait no longer for the writer to be idle. */
function index(): void {
  try {
    if (!indexed()) return
    commits.add()
    checkpoints.afterCommit()
  } catch (err) {
    commits.add() // it may have come as far as the commit
    // searches read what waits; mail must go on
    log.error({ err }, 'the full-text index could not be written')
    indexDue.failed()
  }
}

/** One step of the index, when there is something to write. */
function indexed(): boolean {
  if (!indexDue.waiting) return false
  const some = indexStep(sql, dir)
  indexDue.written(some)
  return some
}

/** Where a job goes on that has not ended with this turn: with its next slice, or undoing those before. */
function placeAfter(result: TurnResult, before: unknown): unknown {
  if ('step' in result) return 'next' in result.step ? result.step.next : undefined
  const undo = (before as Undoable | undefined)?.undo
  return undo === undefined ? undefined : ({ undoing: undo, why: result.failed } satisfies Undoing)
}

function faultOf(result: TurnResult): Error {
  if ('failed' in result) return result.failed
  return 'failed' in result.step ? result.step.failed : new Error('no result')
}

/** Those who wait for an answer first, in one message; whoever wants to hear of nothing in it is not woken. */
function tell(all: readonly Change[], answers: ReadonlyMap<MessagePort, Answer[]>): void {
  const heardBy = (wants: Wants | undefined) => {
    const changes = wants ? all.filter((change) => wants.has(change)) : []
    return changes.length > 0 ? { changes } : {}
  }
  for (const [port, list] of answers)
    port.postMessage({ ...heardBy(ports.get(port)), answers: list } satisfies FromWriter)
  for (const [port, wants] of ports) {
    const heard = answers.has(port) ? {} : heardBy(wants)
    if (heard.changes) port.postMessage(heard satisfies FromWriter)
  }
}

const describe = (job: JobName, err: Error): { failed: string; limit?: true; full?: true } => ({
  failed: `${job}: ${err.message}`,
  ...(err instanceof RangeError ? { limit: true } : {}),
  ...(isDiskFull(err) ? { full: true } : {}),
})

/** One short step, then a look at the ports: a job that comes meanwhile waits for one step only. */
function idle(): void {
  if (scheduled) return
  try {
    const changes = settling.step()
    if (changes || indexed() || idleStep(sql, dir) || sweepStep()) {
      commits.add()
      if (changes) tell(changes, new Map())
      checkpoints.afterCommit()
      idleTimer = setTimeout(idle, 0)
    } else {
      checkpoints.whenIdle()
      if (settling.waits !== undefined) idleTimer = setTimeout(idle, settling.waits)
    }
  } catch (err) {
    commits.add()
    // what is put off here costs room, nothing else; mail must go on
    log.error({ err }, 'housekeeping failed')
    idleTimer = setTimeout(idle, AFTER_FAILURE_MS)
  }
}

/** @returns whether there is more to look at */
function sweepStep(): boolean {
  if (!sweep) return false
  if (sweep.step(SWEEP_STEP)) return true
  if (sweep.swept > 0) log.info({ swept: sweep.swept }, 'removed files that a crash had left')
  sweep = undefined
  return false
}

function* temporaryFiles(input: unknown): Generator<string> {
  if (typeof input !== 'object' || input === null || ArrayBuffer.isView(input)) return
  if (Array.isArray(input) && typeof input[0] === 'number') return // thousands of UIDs
  const { facts } = input as Partial<Content>
  if (facts) for (const f of facts.files) yield f.temporary
  else for (const value of Object.values(input)) yield* temporaryFiles(value)
}

async function stop(): Promise<void> {
  await checkpoints.end()
  db.close()
  lock.close()
  for (const port of ports.keys()) port.close()
  host.close()
}
