/** The store's jobs of many messages: what must hold when a process is killed in the middle of one. */
import { expect } from 'chai'
import type { JobName, Jobs, Mailbox, MessageRow, Store } from '#mailserver/store/port.ts'
import { text } from '../messages.ts'

export const at = Date.UTC(2026, 10, 23)
/** 1,000 to a transaction: three of them */
export const many = 2500
export const slice = 1000
export const all = Array.from({ length: many }, (_, i) => i + 1)

export type Job = { [N in JobName]: { job: N; input: Jobs[N]['in'] } }[JobName]
type Folder = { mailbox: Mailbox; rows: MessageRow[] }
/** Mailboxes by account and path. */
export type Seen = ReadonlyMap<string, Folder>
export const inbox = '1 INBOX'
export const archive = '1 Archive'
export const old = '1 Cũ'
export const others = '2 INBOX'
/** where a letter lies whose file has not been read */
export const unread = '2 Archive'

export type Walk = {
  what: string
  /** transactions that it takes */
  turns: number
  /** how many of them are done when it is killed; each number when absent */
  at?: readonly number[]
  /** all but the first are housekeeping, not the job's own */
  housekeeping?: true
  prepare?(store: Store): Promise<unknown>
  job(store: Store): Job
  /** after a kill behind so many of them and a new start */
  holds(now: Seen, before: Seen, done: number, store: Store): void
  /** what asking again is answered by, and comes to */
  again?(said: unknown, end: Seen, before: Seen, done: number, store: Store): void
}

export const walks: Walk[] = [
  ...([archive, others] as const).map(
    (target): Walk => ({
      what: target === archive ? 'COPY' : 'COPY into the mailbox of somebody else, whose quota holds them just once',
      turns: 3,
      ...(target === others && { at: [1, 2] }),
      job: (store) => ({
        job: 'copy',
        input: {
          from: place(store, inbox).id,
          to: place(store, target).id,
          uids: all,
          move: false,
          ...(target === others && { quota: place(store, inbox).size + store.read.usage(2).octets }),
        },
      }),
      holds(now, before, done) {
        expect(contents(now, inbox)).to.deep.equal(contents(before, inbox))
        expect(contents(now, target)).to.deep.equal(done === 3 ? contents(before, inbox) : [])
      },
      again(said, end, before, done) {
        if (done === 3) return // nobody can know that it was done: it is done twice
        expect(said).to.have.property('pairs').with.length(many)
        expect(contents(end, target)).to.deep.equal(contents(before, inbox))
        expect(end.get(target)!.rows[0]!.uid, 'UIDs that were given once').to.equal(done * slice + 1)
      },
    }),
  ),
  ...([archive, others] as const).map(
    (target): Walk => ({
      what: target === archive ? 'MOVE' : 'MOVE into the mailbox of somebody else',
      turns: 3,
      ...(target === others && { at: [2] }),
      job: (store) => ({
        job: 'copy',
        input: { from: place(store, inbox).id, to: place(store, target).id, uids: all, move: true },
      }),
      holds(now, before, done) {
        const messages = contents(before, inbox)
        expect(contents(now, target)).to.deep.equal(messages.slice(0, done * slice))
        expect(contents(now, inbox)).to.deep.equal(messages.slice(done * slice))
      },
      again(_, end, before) {
        expect(contents(end, target)).to.deep.equal(contents(before, inbox))
        expect(contents(end, inbox)).to.deep.equal([])
      },
    }),
  ),
  {
    what: 'EXPUNGE of what is marked',
    turns: 3,
    job: (store) => ({ job: 'expunge', input: { mailbox: place(store, inbox).id, keep } }),
    holds(now, before, done, store) {
      const marked = before
        .get(inbox)!
        .rows.filter(isMarked)
        .slice(0, done * slice)
      expect(contents(now, inbox)).to.deep.equal(without(contents(before, inbox), marked))
      expect(restorable(store)).to.deep.equal(marked.map((r) => r.content))
    },
    again(_, end, before) {
      expect(contents(end, inbox)).to.deep.equal(
        without(contents(before, inbox), before.get(inbox)!.rows.filter(isMarked)),
      )
    },
  },
  {
    what: 'removal by UIDs, as of POP3 and of what has expired',
    turns: 3,
    at: [2],
    job: (store) => ({ job: 'expunge', input: { mailbox: place(store, inbox).id, uids: all, force: true } }),
    holds(now, before, done) {
      expect(contents(now, inbox)).to.deep.equal(contents(before, inbox).slice(done * slice))
    },
    again(_, end) {
      expect(contents(end, inbox)).to.deep.equal([])
    },
  },
  {
    what: 'restoring what was deleted',
    turns: 3,
    prepare: (store) => store.write('expunge', { mailbox: place(store, inbox).id, uids: all, force: true, keep }),
    job: () => ({ job: 'restoreDeleted', input: { account: 1, uids: all, at } }),
    holds(now, _, done, store) {
      expect(contents(now, inbox)).to.have.length(Math.min(done * slice, many))
      expect([...contents(now, inbox), ...restorable(store)]).to.deep.equal(all)
    },
    again(_, end) {
      expect(contents(end, inbox)).to.deep.equal(all)
    },
  },
  {
    what: 'RENAME of INBOX',
    turns: 3,
    job: () => ({ job: 'renameMailbox', input: { account: 1, from: 'INBOX', to: 'Cũ' } }),
    holds(now, before, done) {
      expect(contents(now, inbox)).to.deep.equal(done === 0 ? contents(before, inbox) : [])
      expect(now.has(old)).to.equal(done > 0)
      if (done > 0) expect(contents(now, old)).to.deep.equal(contents(before, inbox))
    },
    again(said, end, before, done) {
      expect(said).to.deep.equal(done === 0 ? { ok: true } : { refused: 'exists' })
      expect(contents(end, old)).to.deep.equal(contents(before, inbox))
    },
  },
  {
    what: 'STORE',
    turns: 3,
    at: [1, 2, 3],
    job: (store) => ({
      job: 'storeFlags',
      input: { mailbox: place(store, inbox).id, uids: all, change: { op: 'add', flags: ['\\Seen', '$Work'] } },
    }),
    holds(now, before, done) {
      expect(contents(now, inbox)).to.deep.equal(contents(before, inbox))
      const changed = now.get(inbox)!.rows.filter((r) => r.flags.includes('$Work'))
      expect(changed.map((r) => r.uid)).to.deep.equal(all.slice(0, done * slice))
    },
    again(_, end) {
      expect(end.get(inbox)!.rows.every((r) => r.flags.includes('$Work') && r.flags.includes('\\Seen'))).to.equal(true)
      expect(end.get(inbox)!.mailbox.unseen).to.equal(0)
    },
  },
  {
    what: 'MULTIAPPEND',
    turns: 1,
    job: (store) => ({ job: 'appendAll', input: { mailbox: place(store, archive).id, messages: drafts } }),
    holds(now, _, done) {
      expect(contents(now, archive)).to.have.length(done === 0 ? 0 : drafts.length)
    },
  },
  {
    what: 'REPLACE',
    turns: 1,
    job: (store) => ({
      job: 'appendAll',
      input: {
        mailbox: place(store, archive).id,
        messages: drafts.slice(0, 1),
        replaces: { mailbox: place(store, inbox).id, uid: 7 },
      },
    }),
    holds(now, before, done) {
      expect(contents(now, archive)).to.have.length(done)
      const replaced = before.get(inbox)!.rows.filter((r) => done === 1 && r.uid === 7)
      expect(contents(now, inbox)).to.deep.equal(without(contents(before, inbox), replaced))
    },
    again(said, _, __, done) {
      if (done === 0) expect(said).to.have.property('uids')
      else expect(said).to.deep.equal({ refused: 'replaced-gone' })
    },
  },
  {
    what: 'import, which remembers what it has',
    turns: 1,
    job: (store) => ({
      job: 'appendAll',
      input: {
        mailbox: place(store, archive).id,
        at,
        messages: drafts.map((d, i) => ({ ...d, once: { key: `import ${i}`, until: at + 86_400_000 } })),
      },
    }),
    holds(now, _, done) {
      expect(contents(now, archive)).to.have.length(done === 0 ? 0 : drafts.length)
    },
    again(_, end) {
      expect(contents(end, archive)).to.have.length(drafts.length)
    },
  },
  {
    // the first takes it from sight, the others are housekeeping: six of at most 500 messages
    what: 'DELETE',
    turns: 7,
    at: [0, 1, 4, 7],
    housekeeping: true,
    job: () => ({ job: 'deleteMailbox', input: { account: 1, path: 'Đầy' } }),
    holds(now, before, done, store) {
      const { messages } = store.read.usage(1)
      expect(now.has('1 Đầy')).to.equal(done === 0)
      expect(messages).to.equal(done === 0 ? 2 * many : many)
      expect(contents(now, inbox)).to.deep.equal(contents(before, inbox))
    },
    again(said, end, _, done) {
      expect(said).to.deep.equal(done === 0 ? { ok: true } : { refused: 'missing' })
      expect(end.has('1 Đầy')).to.equal(false)
    },
  },
  {
    what: 'words of a file',
    turns: 3,
    job: (store) => ({ job: 'filesRead', input: fileOf(store.read.filesToRead(1)[0]!.content) }),
    holds(_, __, done, store) {
      expect(store.read.filesBacklog()).to.equal(done === 3 ? 0 : 1)
    },
    again(_, __, ___, ____, store) {
      expect(store.read.filesBacklog()).to.equal(0)
      expect(store.read.search(place(store, unread).id, { key: 'body', value: 'cuoi tep' })).to.have.length(1)
    },
  },
]

const keep = { by: 'an.nguyen@haiduong.gov.vn', at }
const drafts = Array.from({ length: 5 }, (_, i) => ({
  raw: text(`Nháp ${i}`, `nháp thứ ${i}`),
  flags: [],
  internalDate: at,
}))

/** Two pieces of text, and the end. */
function fileOf(content: number): Jobs['filesRead']['in'] {
  const folded = `${'tu '.repeat(50_000)}cuoi tep`
  return { content, files: [{ part: '2', name: 'scan.pdf', key: 'k', read: { state: 'read', text: folded, folded } }] }
}

export const place = (store: Store, name: string): Mailbox => {
  const [account, path] = name.split(' ') as [string, string]
  const found = store.read.mailbox(Number(account), path)
  if (!found) throw new Error(`no mailbox ${name}`)
  return found
}
const rowsOf = (store: Store, { id }: Mailbox): MessageRow[] =>
  store.read.rows(id, { ranges: [[1, 2 ** 32 - 1]], limit: 1_000_000 })
export const contents = (seen: Seen, name: string): number[] => seen.get(name)?.rows.map((r) => r.content) ?? []
const restorable = (store: Store): number[] => {
  const mailbox = store.read.deletedMailbox(1)
  return mailbox ? rowsOf(store, mailbox).map((r) => r.content) : []
}
const isMarked = (r: MessageRow): boolean => r.flags.includes('\\Deleted')
const without = (of: readonly number[], rows: readonly MessageRow[]): number[] => {
  const gone = new Set(rows.map((r) => r.content))
  return of.filter((content) => !gone.has(content))
}
export const look = (store: Store): Seen =>
  new Map(
    [1, 2].flatMap((account) =>
      store.read
        .mailboxes(account)
        .map((mailbox): [string, Folder] => [`${account} ${mailbox.path}`, { mailbox, rows: rowsOf(store, mailbox) }]),
    ),
  )

/** What a client that knew `before` learns by QRESYNC makes what is there; every UID that was given is there or has vanished. */
export function resyncs(store: Store, before: Seen): void {
  for (const [name, { mailbox, rows }] of look(store)) {
    const present = rows.map((r) => r.uid)
    const given = [...present, ...store.read.vanished(mailbox.id, 0)].sort((a, b) => a - b)
    expect(given, `UIDs of ${name}`).to.deep.equal(Array.from({ length: mailbox.uidNext - 1 }, (_, i) => i + 1))
    const known = before.get(name)
    if (known?.mailbox.id !== mailbox.id) continue
    const since = known.mailbox.highestModseq
    const view = new Map(known.rows.map((r) => [r.uid, r.flags]))
    for (const uid of store.read.vanished(mailbox.id, since)) view.delete(uid)
    for (const r of store.read.rows(mailbox.id, { ranges: [[1, 2 ** 32 - 1]], changedSince: since, limit: 1_000_000 }))
      view.set(r.uid, r.flags)
    expect([...view], `what a client makes of ${name}`).to.deep.equal(rows.map((r) => [r.uid, r.flags]))
  }
}
