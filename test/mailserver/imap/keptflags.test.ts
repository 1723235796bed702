/**
 * Flags that are kept in memory (keptflags.ts, watch.ts) beside what the store says: sessions of two threads read while others change
 * everything at random. The same numbers in every run.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { type MailboxWatch, Watches } from '#mailserver/imap/watch.ts'
import type { Change, Mailbox, MessageRow, SearchKey, Store, StoreReader } from '#mailserver/store/port.ts'
import { numbers } from '../store/contract/random.ts'
import { an, type Client, type Fixture, mail, startFixture } from './fixture.ts'

const systemFlags = ['\\Seen', '\\Answered', '\\Flagged', '\\Deleted', '\\Draft']
const keywords = ['$Forwarded', 'Khan', 'khanh', 'Cho', '$label1']

type Told = { uid: number; modseq: number; flags: string[] }
const toldOf = (answer: string): Told[] =>
  [...answer.matchAll(/^\* \d+ FETCH \(UID (\d+) FLAGS \(([^)]*)\) MODSEQ \((\d+)\)\)\r$/gm)].map((m) => ({
    uid: Number(m[1]),
    flags: m[2]!.split(' ').filter(Boolean),
    modseq: Number(m[3]),
  }))
const rowOf = ({ uid, modseq, flags }: MessageRow): Told => ({ uid, flags: [...flags], modseq })
const uidsOf = (answer: string): number[] =>
  [...(/^\* ESEARCH .*?ALL ([\d:,]+)/m.exec(answer)?.[1]?.split(',') ?? [])].flatMap((part) => {
    const [from, to = from] = part.split(':').map(Number) as [number, number?]
    return Array.from({ length: to! - from + 1 }, (_, i) => from + i)
  })

class Trial {
  readonly f: Fixture
  readonly random: (below: number) => number
  readonly mailbox: Mailbox
  readonly other: Mailbox
  readonly #changes: Change[] = []
  /** by "uid modseq": flags that somebody was told */
  readonly #heard = new Map<string, string>()

  constructor(f: Fixture, seed: number) {
    this.f = f
    this.random = numbers(seed)
    this.mailbox = f.store.read.mailbox(f.id(an), 'INBOX')!
    this.other = f.store.read.mailbox(f.id(an), 'Other')!
    f.store.onChange((change) => this.#changes.push(change))
  }

  pick<T>(of: readonly T[]): T {
    return of[this.random(of.length)]!
  }

  rows(): Told[] {
    return this.f.store.read.rows(this.mailbox.id, { ranges: [[1, 2 ** 32 - 1]], limit: 10_000 }).map(rowOf)
  }

  #some(): number[] {
    const uids = [...this.f.store.read.uids(this.mailbox.id)]
    const few = this.random(3)
    return uids.filter(() => this.random(few ? 12 : 2) === 0)
  }

  /** Something that changes the mailbox, by a session or past all of them. */
  change(writer: Client): Promise<unknown> {
    const { store } = this.f
    const flags = [...systemFlags, ...keywords].filter(() => this.random(5) === 0)
    const uids = this.#some()
    const set = uids.join(',') || '1'
    switch (this.random(8)) {
      case 0:
      case 1:
        return store.write('storeFlags', {
          mailbox: this.mailbox.id,
          uids,
          change: { op: this.pick(['add', 'remove', 'set'] as const), flags },
        })
      case 2:
      case 3:
        return writer.ok(
          `UID STORE ${set} ${this.pick(['+', '-', ''])}FLAGS${this.pick(['', '.SILENT'])} (${flags.join(' ')})`,
        )
      case 4:
        return this.f.deliver(an, mail(`thư ${this.random(1e6)}`))
      case 5:
        return store.write('copy', {
          from: this.other.id,
          uids: [1 + this.random(3)],
          to: this.mailbox.id,
          move: false,
        })
      case 6:
        return writer.ok(`UID EXPUNGE ${set}`)
      default:
        return uids.length > 60
          ? store.write('copy', { from: this.mailbox.id, uids: uids.slice(0, 20), to: this.other.id, move: true })
          : writer.ok(`UID COPY ${set} Other`)
    }
  }

  /** A search in two languages. */
  key(depth = 0): [text: string, key: SearchKey] {
    const uid = 1 + this.random(200)
    switch (this.random(depth > 2 ? 5 : 8)) {
      case 0: {
        const flag = this.pick(keywords)
        return [`KEYWORD ${flag}`, { key: 'flag', flag }]
      }
      case 1: {
        const flag = this.pick(systemFlags)
        return [flag.slice(1).toUpperCase(), { key: 'flag', flag }]
      }
      case 2: {
        const since = 1 + this.random(this.f.store.read.highestModseq(this.mailbox.id)! + 5)
        return [`MODSEQ ${since}`, { key: 'modseq', since }]
      }
      case 3:
        return [
          `UID ${uid}:${uid + 40},3`,
          {
            key: 'uid',
            ranges: [
              [uid, uid + 40],
              [3, 3],
            ],
          },
        ]
      case 4:
        return ['ALL', { key: 'all' }]
      case 5: {
        const [text, key] = this.key(depth + 1)
        return [`NOT ${text}`, { key: 'not', of: key }]
      }
      default: {
        const [one, two] = [this.key(depth + 1), this.key(depth + 1)]
        return this.random(2)
          ? [`OR ${one[0]} ${two[0]}`, { key: 'or', of: [one[1], two[1]] }]
          : [`(${one[0]} ${two[0]})`, { key: 'and', of: [one[1], two[1]] }]
      }
    }
  }

  /** Everything said of one message at one mod-sequence must be the same, whoever says it. */
  agree(told: readonly Told[]): void {
    for (const { uid, modseq, flags } of told) {
      const before = this.#heard.get(`${uid} ${modseq}`)
      if (before !== undefined) expect(flags.join(' '), `UID ${uid} at ${modseq}`).to.equal(before)
      else this.#heard.set(`${uid} ${modseq}`, flags.join(' '))
    }
  }

  /** … and what the writer told of its changes. */
  async agreeWithNotices(): Promise<void> {
    await this.f.store.write('storeFlags', { mailbox: this.mailbox.id, uids: [], change: { op: 'add', flags: [] } }) // behind all notices
    for (const change of this.#changes.splice(0)) {
      if (change.kind !== 'flags' || change.mailbox !== this.mailbox.id) continue
      for (const [i, uid] of change.uids.entries()) {
        const heard = this.#heard.get(`${uid} ${change.modseq}`)?.split(' ').filter(Boolean)
        if (!heard) continue
        const system = systemFlags.filter((_, bit) => change.system[i]! & (1 << bit))
        const said = change.keywords
          ? change.keywords[i]!.split(' ').filter(Boolean)
          : heard.filter((flag) => !flag.startsWith('\\'))
        expect(heard, `UID ${uid} at ${change.modseq}`).to.deep.equal([...system, ...said])
      }
    }
  }
}

describe('IMAP: flags in memory', () => {
  for (const seed of [1, 2, 3])
    it(`says what the store says, whatever others do meanwhile (${seed})`, async () => {
      await using f = await startFixture()
      const writers = [await f.as(an), await f.as(an)]
      await writers[0]!.ok('CREATE Other')
      for (let i = 0; i < 30; i++) await f.deliver(an, mail(`thư ${i}`))
      for (const writer of writers) await writer.ok('SELECT INBOX')
      await writers[0]!.ok('UID COPY 1:10 Other')
      const trial = new Trial(f, seed)
      const readers: Client[] = []
      for (let i = 0; i < 5; i++) {
        const reader = await f.as(an)
        await reader.ok(i % 2 ? 'ENABLE QRESYNC IMAP4rev2' : 'ENABLE IMAP4rev2')
        await reader.ok('SELECT INBOX')
        readers.push(reader)
      }
      let searched = 0
      for (let round = 0; round < 40; round++) {
        // some at once, while readers ask
        const reading = readers.map(async (reader) => {
          let last = new Map<number, number>()
          for (let i = 0; i < 2; i++) {
            const told = toldOf(
              await reader.ok(trial.pick(['UID FETCH 1:* (FLAGS MODSEQ)', 'FETCH 1:* (UID FLAGS MODSEQ)'])),
            )
            trial.agree(told)
            for (const { uid, modseq } of told) expect(modseq, `UID ${uid}`).to.be.at.least(last.get(uid) ?? 0)
            last = new Map(told.map(({ uid, modseq }) => [uid, modseq]))
          }
        })
        const changing = writers.map(async (writer) => {
          for (let i = trial.random(5); i >= 0; i--) await trial.change(writer)
        })
        await Promise.all([...reading, ...changing])
        await trial.agreeWithNotices()
        // and when all is still
        const rows = trial.rows()
        trial.agree(rows)
        const reader = readers[round % readers.length]!
        await reader.ok('NOOP')
        expect(toldOf(await reader.ok('UID FETCH 1:* (FLAGS MODSEQ)'))).to.deep.equal(rows)
        const since = trial.random(f.store.read.highestModseq(trial.mailbox.id)! + 1)
        expect(toldOf(await reader.ok(`UID FETCH 1:* (FLAGS) (CHANGEDSINCE ${since})`))).to.deep.equal(
          rows.filter(({ modseq }) => modseq > since),
        )
        for (let i = 0; i < 4; i++) {
          const [text, key] = trial.key()
          const found = f.store.read.search(trial.mailbox.id, key)
          const answer = await reader.ok(`UID SEARCH RETURN (ALL) ${text}`)
          expect(uidsOf(answer), text).to.deep.equal(found)
          searched += found.length
          const highest = /^\* ESEARCH .* MODSEQ (\d+)/m.exec(answer)?.[1]
          if (highest)
            expect(Number(highest)).to.equal(
              Math.max(...rows.filter(({ uid }) => found.includes(uid)).map((r) => r.modseq)),
            )
        }
      }
      expect(searched).to.be.greaterThan(500)
    })

  it('is right when everything changes while it is read, piece by piece', async () => {
    await using f = await startFixture()
    const { store } = f
    const account = f.id(an)
    const created = await store.write('createMailbox', { account, path: 'Lớn' })
    if ('refused' in created) throw new Error(created.refused)
    const mailbox = () => store.read.mailbox(account, 'Lớn')!
    const { id } = mailbox()
    for (let i = 0; i < 7; i++)
      await store.write('append', {
        mailbox: id,
        raw: Buffer.from(mail(`thư ${i}`)),
        flags: i % 2 ? ['\\Seen'] : [],
        internalDate: 0,
      })
    while (mailbox().messages < 12_000)
      await store.write('copy', { from: id, uids: [...store.read.uids(id)], to: id, move: false })
    // one is told of changes as sessions' threads are, one so late that it never hears
    const told = new Watches(store)
    store.onChange((change) => told.changed(change))
    const { watch } = told.open(mailbox(), {} as never, true)
    const deaf = new Watches(store).open(mailbox(), {} as never, true).watch
    expect(watch.flags).to.equal(undefined)
    let turns = 0
    const change = (uids: number[], op: 'add' | 'remove', ...flags: string[]) =>
      store.write('storeFlags', { mailbox: id, uids, change: { op, flags } })
    await Promise.all([
      watch.load(async () => {
        turns++
        await change([3, 4, 5001, 11_000], 'add', '\\Flagged', `$t${turns}`)
        await change([7], 'remove', '\\Seen')
        await store.write('expunge', { mailbox: id, uids: [5, 6, 6001, 11_001], force: true })
        await store.write('append', {
          mailbox: id,
          raw: Buffer.from(mail(`mới ${turns}`)),
          flags: ['\\Draft', 'Moi'],
          internalDate: 0,
        })
      }),
      watch.load(async () => expect.fail('the second waits for the first')),
    ])
    expect(turns).to.be.greaterThan(1)
    const sameIn = (watch: MailboxWatch) => {
      const flags = watch.flags!
      const kept = Array.from(watch.uids.subarray(0, watch.count), (uid, place) => ({
        uid,
        flags: flags.written(place).split(' ').filter(Boolean),
        modseq: flags.modseq(place),
      }))
      const rows = store.read.rows(id, { ranges: [[1, 2 ** 32 - 1]], limit: 100_000 }).map(rowOf)
      expect(kept.length).to.equal(rows.length)
      for (const [i, row] of rows.entries()) expect(kept[i]).to.deep.equal(row)
    }
    const same = () => [watch, deaf].forEach(sameIn)
    await deaf.load(async () => {})
    same()
    await change([1, 2, 11_500], 'add', '\\Answered', '$later')
    await change([2], 'remove', '$later')
    await store.write('expunge', { mailbox: id, uids: [9, 11_500], force: true })
    await store.write('append', { mailbox: id, raw: Buffer.from(mail('mới nữa')), flags: ['$new'], internalDate: 0 })
    same()
    // more than is mended row by row
    await change([...store.read.uids(id)].slice(0, 9_000), 'add', '$All')
    await store.write('expunge', { mailbox: id, uids: [...store.read.uids(id)].slice(100, 4_000), force: true })
    expect(deaf.flags).to.equal(undefined)
    for (const each of [watch, deaf]) await each.load(async () => {})
    same()
  })

  it('is written as rows are: numbers of this session, \\Recent in it alone, items in the order that was asked', async () => {
    await using f = await startFixture()
    for (let i = 0; i < 3; i++) await f.deliver(an, mail(`thư ${i}`))
    const [early, late] = [await f.as(an), await f.as(an)]
    await early.ok('SELECT INBOX')
    await f.deliver(an, mail('mới'))
    await late.ok('SELECT INBOX')
    await late.ok('UID STORE 2,4 +FLAGS ($Forwarded \\Seen)')
    await late.ok('UID STORE 1 +FLAGS.SILENT \\Deleted')
    await early.ok('NOOP')
    await late.ok('EXPUNGE')
    const lines = async (client: Client, command: string) =>
      (await client.ok(command)).split('\r\n').filter((line) => /^\* \d+ FETCH /.test(line))
    // `early` has not been told that the first one went: its numbers are those from before
    expect(await lines(early, 'FETCH 1:* (UID FLAGS)')).to.deep.equal([
      '* 2 FETCH (UID 2 FLAGS (\\Seen $Forwarded))',
      '* 3 FETCH (UID 3 FLAGS ())',
      '* 4 FETCH (UID 4 FLAGS (\\Seen $Forwarded \\Recent))',
    ])
    expect(await lines(early, 'FETCH 2:4 (FLAGS)')).to.deep.equal([
      '* 2 FETCH (FLAGS (\\Seen $Forwarded))',
      '* 3 FETCH (FLAGS ())',
      '* 4 FETCH (FLAGS (\\Seen $Forwarded \\Recent))',
    ])
    expect(await lines(late, 'UID FETCH 3:* (FLAGS UID)')).to.deep.equal([
      '* 2 FETCH (FLAGS () UID 3)',
      '* 3 FETCH (FLAGS (\\Seen $Forwarded) UID 4)',
    ])
    await early.ok('NOOP')
    expect(await lines(early, 'FETCH 2:* (UID FLAGS)')).to.deep.equal([
      '* 2 FETCH (UID 3 FLAGS ())',
      '* 3 FETCH (UID 4 FLAGS (\\Seen $Forwarded \\Recent))',
    ])
  })

  it('is not set back by a notice that is older than what was read', async () => {
    await using f = await startFixture()
    const { store } = f
    await f.deliver(an, mail('một'))
    const mailbox = store.read.mailbox(f.id(an), 'INBOX')!
    const notices: Change[] = []
    store.onChange((change) => notices.push(change))
    // others commit between a look at the mod-sequence and the reading of rows
    let behind = 0
    const read = new Proxy(store.read, {
      get(target, name: keyof StoreReader) {
        if (name === 'highestModseq') return (id: number) => target.highestModseq(id)! - behind
        return (...given: unknown[]) => Reflect.apply(target[name], target, given)
      },
    })
    const follow = (account: number) => store.follow(account)
    const watches = new Watches({ ...store, read, follow } as Store)
    const { watch } = watches.open(mailbox, {} as never, true)
    await watch.load(async () => {})
    for (const flag of ['\\Seen', '\\Flagged', '\\Draft'])
      await store.write('storeFlags', { mailbox: mailbox.id, uids: [1], change: { op: 'set', flags: [flag] } })
    behind = 2
    expect(watch.flags?.written(0)).to.equal('\\Draft')
    for (const change of notices) {
      watches.changed(change)
      behind = store.read.highestModseq(mailbox.id)! - watch.modseq
      expect(watch.flags?.written(0)).to.equal('\\Draft')
    }
    expect(watch.modseq).to.equal(store.read.highestModseq(mailbox.id))
  })

  it('needs no log of earlier changes: a store that an earlier version kept has none', async () => {
    await using f = await startFixture()
    const { store } = f
    for (let i = 0; i < 3; i++) await f.deliver(an, mail(`thư ${i}`))
    const db = new DatabaseSync(join(f.dir, 'cell', 'cell.sqlite'))
    db.exec('delete from changed')
    db.close()
    const mailbox = store.read.mailbox(f.id(an), 'INBOX')!
    const { watch } = new Watches(store).open(mailbox, {} as never, true)
    await watch.load(async () => {})
    expect(watch.flags?.modseq(2)).to.equal(mailbox.highestModseq)
    await store.write('storeFlags', { mailbox: mailbox.id, uids: [2], change: { op: 'add', flags: ['\\Seen'] } })
    await watch.load(async () => {})
    expect([0, 1, 2].map((place) => watch.flags?.written(place))).to.deep.equal(['', '\\Seen', ''])
  })

  it('is bounded: the mailbox that nobody asked for longest gives way, and one with too many sets of keywords is not kept', async () => {
    await using f = await startFixture()
    const { store } = f
    const account = f.id(an)
    const watches = new Watches(store, { flagOctets: 700 })
    store.onChange((change) => watches.changed(change))
    const views = []
    for (const path of ['Một', 'Hai', 'Ba']) {
      const created = await store.write('createMailbox', { account, path })
      if ('refused' in created) throw new Error(created.refused)
      for (let i = 0; i < 30; i++)
        await store.write('append', {
          mailbox: created.mailbox.id,
          raw: Buffer.from(mail(`thư ${i}`)),
          flags: [],
          internalDate: 0,
        })
      views.push(watches.open(store.read.mailbox(account, path)!, {} as never, true))
    }
    const [one, two, three] = views.map(({ watch }) => watch)
    const turn = async () => {}
    await one!.load(turn)
    await two!.load(turn)
    expect(one!.flags?.written(0)).to.equal('') // asked for after the other
    await three!.load(turn)
    expect([one, two, three].map((watch) => watch!.flags !== undefined)).to.deep.equal([true, false, true])
    watches.close(views[2]!)
    expect(three!.flags).not.to.equal(undefined)
    const { id } = one!
    for (let n = 0; n < 30; n++)
      await store.write('storeFlags', {
        mailbox: id,
        uids: [n + 1],
        change: { op: 'add', flags: Array.from({ length: 100 }, (_, i) => `${'x'.repeat(90)}.${n}.${i}`) },
      })
    await one!.load(turn)
    expect(one!.flags).to.equal(undefined)
    const client = await f.as(an)
    await client.ok('SELECT M&HtkA-t')
    expect(await client.ok('UID SEARCH UNSEEN')).to.match(/^\* SEARCH 1 2 3 /)
    const answer = await client.ok('UID FETCH 1:* (FLAGS)')
    expect(answer.match(/FLAGS \(x{90}\.\d+\.0 /g)).to.have.length(30)
  })
})
