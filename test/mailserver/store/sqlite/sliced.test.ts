/**
 * Jobs of many messages take several transactions. A process is killed behind each of them, and before the first and behind the
 * last; after the next start everything is as the RFCs say, the store is sound, and the job can be asked for again.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { serialize } from 'node:v8'
import { expect } from 'chai'
import { openStoreHost } from '#mailserver/store/open.ts'
import type { StoreHost } from '#mailserver/store/port.ts'
import { until } from '#test/until.ts'
import { noPrefix } from '../contract.ts'
import { text, withFile } from '../messages.ts'
import {
  all,
  archive,
  at,
  contents,
  inbox,
  type Job,
  look,
  many,
  old,
  place,
  resyncs,
  type Seen,
  slice,
  walks,
} from './walks.ts'

describe('store on SQLite: jobs in several transactions', function () {
  this.timeout(60_000)
  let folder: string
  let known: Seen
  let store: StoreHost
  let open = false
  const template = () => join(folder, 'template')
  const dir = () => join(folder, 'store')
  const start = async () => {
    store = await openStoreHost({ dir: dir() })
    open = true
  }
  const close = async () => {
    if (open) await store[Symbol.asyncDispose]()
    open = false
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'congso-sliced-'))
    await using made = await openStoreHost({ dir: template() })
    for (const account of [1, 2]) await made.write('openAccount', { account, kind: 'person' })
    await made.write('createMailbox', { account: 1, path: 'Đầy' })
    for (const [name, word] of [
      [inbox, 'Thư'],
      ['1 Đầy', 'Cũ'],
    ] as const)
      for (let from = 0; from < many; from += 500)
        await made.write('appendAll', {
          mailbox: place(made, name).id,
          messages: all.slice(from, from + 500).map((n) => ({
            raw: text(`${word} ${n}`, `${word} số ${n}`),
            flags: [...(n % 3 ? ['\\Seen'] : []), ...(n % 10 ? ['\\Deleted'] : [])],
            internalDate: at,
          })),
        })
    const recipients = [{ account: 2, mailbox: 'Archive', prefix: noPrefix }]
    await made.write('deliver', { raw: withFile('Có tệp', 1000), recipients, at })
    // so that the housekeeping of the walks is that of their jobs alone
    await until('the index', () => rows(template(), 'select 1 from unindexed').length === 0)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  beforeEach(async () => {
    cpSync(template(), dir(), { recursive: true })
    await start()
    known = look(store)
  })
  afterEach(async () => {
    try {
      expect(await store.audit()).to.deep.equal([])
    } finally {
      await close()
      rmSync(dir(), { recursive: true, force: true })
    }
  })

  /** Does the job, if there is one, in a process that is killed there. */
  async function killed(point: string, job?: Job): Promise<void> {
    await close()
    const file = join(folder, 'job')
    if (job) writeFileSync(file, serialize(job))
    const child = spawn(process.execPath, [join(import.meta.dirname, 'onejob.ts'), dir(), ...(job ? [file] : [])], {
      env: { ...process.env, CONGSO_CRASH_AT: point },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const [, signal] = await once(child, 'exit')
    expect(signal, point).to.equal('SIGKILL')
  }

  for (const walk of walks)
    for (const done of walk.at ?? Array.from({ length: walk.turns + 1 }, (_, i) => i)) {
      const point =
        done === 0
          ? 'store.beforeCommit'
          : walk.housekeeping && done > 1
            ? `store.afterHousekeeping ${done - 1}`
            : done < walk.turns && !walk.housekeeping
              ? `store.betweenSlices ${done}`
              : `store.afterCommit ${done}`
      it(`${walk.what}: killed at ${point}`, async () => {
        if (walk.prepare) {
          await walk.prepare(store)
          known = look(store)
        }
        const job = walk.job(store)
        await killed(point, job)
        await start()
        expect(await store.audit()).to.deep.equal([])
        walk.holds(look(store), known, done, store)
        resyncs(store, known)
        const said = await store.write(job.job, job.input as never)
        resyncs(store, known)
        walk.again?.(said, look(store), known, done, store)
      })
    }

  for (const [what, done] of [
    ['COPY', 2],
    ['RENAME of INBOX', 1],
  ] as const)
    for (const point of ['store.beforeCommit', 'store.afterCommit', 'store.beforeCommit 2'])
      it(`${what}: killed behind slice ${done}, and at ${point} of the start that follows`, async () => {
        const walk = walks.find((w) => w.what === what)!
        await killed(`store.betweenSlices ${done}`, walk.job(store))
        await killed(point)
        await start()
        walk.holds(look(store), known, done, store)
        resyncs(store, known)
      })

  it('takes the copies away when a later slice of a COPY fails', async () => {
    const target = place(store, archive)
    rows(dir(), `update mailbox set uid_next = 4294967295 - 1500 where id = ${target.id}`)
    known = look(store)
    const copied = store.write('copy', { from: place(store, inbox).id, to: target.id, uids: all, move: false })
    const next = store.write('copy', { from: place(store, inbox).id, to: target.id, uids: [1], move: false })
    expect(await copied.catch((e: Error) => e)).to.be.instanceOf(RangeError)
    expect(await next, 'who waited behind it finds it undone').to.have.nested.property('pairs.length', 1)
    expect(contents(look(store), archive)).to.deep.equal(contents(known, inbox).slice(0, 1))
    expect(store.read.vanished(target.id, 0)).to.have.length(slice)
    expect(rows(dir(), 'select n from unfinished')).to.deep.equal([])
  })

  it('finishes the RENAME of an INBOX when a later slice fails and then would not', async () => {
    const next = Number(rows(dir(), 'select max(id) + 1 as id from mailbox')[0]!['id'])
    const stray = next * 2 ** 32 + 1500 // it takes a place that the second slice needs
    rows(
      dir(),
      `insert into message select ${stray}, ${next}, 1, 0, '', 0, size, content, x'', 0, null from message limit 1`,
    )
    const renamed = store.write('renameMailbox', { account: 1, from: 'INBOX', to: 'Cũ' })
    expect(await renamed.catch((e: Error) => e)).to.be.instanceOf(Error)
    expect(contents(look(store), old)).to.have.length(slice + 1)
    // the first tries of the idle writer fail as well, and keep it from nothing
    await store.write('deleteMailbox', { account: 1, path: 'Đầy' })
    await until('the housekeeping', () => rows(dir(), 'select 1 from mailbox where doomed = 1').length === 0)
    rows(dir(), `delete from message where id = ${stray}`)
    await until('the rest of the messages', () => place(store, inbox).messages === 0)
    expect(contents(look(store), old)).to.deep.equal(contents(known, inbox))
    expect(rows(dir(), 'select n from unfinished')).to.deep.equal([])
  })

  it('leaves in INBOX what comes while it is renamed', async () => {
    const renamed = store.write('renameMailbox', { account: 1, from: 'INBOX', to: 'Cũ' })
    // its first recipient's line is another one, in which nobody waits
    const recipients = [2, 1].map((account) => ({ account, mailbox: 'INBOX', prefix: noPrefix }))
    const delivered = store.write('deliver', { raw: text('Mới', 'mới'), recipients, at })
    await Promise.all([renamed, delivered])
    expect(place(store, inbox).messages).to.equal(1)
    expect(contents(look(store), old)).to.deep.equal(contents(known, inbox))
  })
})

/** Beside the writer, as nobody else may. */
function rows(dir: string, statement: string): Record<string, unknown>[] {
  const db = new DatabaseSync(join(dir, 'cell.sqlite'), { timeout: 10_000 })
  const found = db.prepare(statement).all()
  db.close()
  return found
}
