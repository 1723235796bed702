import type { DatabaseSync } from 'node:sqlite'

type Mailbox = {
  id: number
  account: number
  path: string
  type: string
  kind: string | null
  uid_validity: number
  uid_next: number
  messages: number
  unseen: number
  octets: number
  modseq: number
}
type Counted = { mailbox: number; messages: number; unseen: number; octets: number; last: number; modseq: number }

/** Counters of mailboxes and accounts against their rows; UIDs, MODSEQs, references, the log of vanished messages. */
export function auditCounters(db: DatabaseSync): string[] {
  return [...mailboxes(db), ...accounts(db), ...references(db), ...vanished(db), ...changed(db), ...deleted(db)]
}

function* mailboxes(db: DatabaseSync): Generator<string> {
  const counted = new Map(
    (
      db
        .prepare(
          `select id >> 32 as mailbox, count(*) as messages, sum(flags & 1 = 0) as unseen, sum(size) as octets,
           max(id & 4294967295) as last, max(modseq) as modseq from message group by id >> 32`,
        )
        .all() as Counted[]
    ).map((c) => [c.mailbox, c]),
  )
  const known = db
    .prepare('select b.*, a.kind from mailbox b left join account a on a.id = b.account where doomed <> 1')
    .all() as Mailbox[]
  for (const b of known) {
    const where = `mailbox ${b.id} (${b.path} of account ${b.account})`
    const c = counted.get(b.id) ?? { messages: 0, unseen: 0, octets: 0, last: 0, modseq: 0 }
    for (const name of ['messages', 'unseen', 'octets'] as const)
      if (b[name] !== c[name]) yield `${where} says ${name} ${b[name]}, its rows make ${c[name]}`
    if (c.last >= b.uid_next) yield `${where} holds UID ${c.last} although the next is ${b.uid_next}`
    if (c.modseq > b.modseq) yield `${where} holds MODSEQ ${c.modseq} above its highest ${b.modseq}`
    if (b.uid_validity <= 0) yield `${where} has no UIDVALIDITY`
    if (b.kind === null) yield `${where} belongs to no account`
    if (b.type !== expectedType(b)) yield `${where} has type ${b.type}, its name asks for ${expectedType(b)}`
  }
  for (const r of db.prepare('select id, mailbox from message where id >> 32 != mailbox').all())
    yield `message ${r['id']} names mailbox ${r['mailbox']}`
  for (const r of db
    .prepare(
      'select distinct m.mailbox as id from message m where not exists (select 1 from mailbox where id = m.mailbox)',
    )
    .all())
    yield `messages lie in mailbox ${r['id']}, which is not there`
  for (const r of db.prepare('select uid_validity as v from mailbox group by uid_validity having count(*) > 1').all())
    yield `UIDVALIDITY ${r['v']} was given twice`
}

function expectedType({ kind, path }: Mailbox): string {
  if (kind !== 'register') return 'normal'
  if (path === 'INBOX') return 'registerInbox'
  if (/^Ledger(\/|$)/.test(path)) return 'ledger'
  if (/^Handled(\/|$)/.test(path)) return 'handled'
  return path === 'Dead letters' ? 'dead' : 'normal'
}

function* accounts(db: DatabaseSync): Generator<string> {
  const rows = db
    .prepare(
      `select a.id, a.messages, a.octets, coalesce(sum(b.messages), 0) as m, coalesce(sum(b.octets), 0) as o
       from account a left join mailbox b on b.account = a.id and b.doomed = 0 group by a.id`,
    )
    .all() as { id: number; messages: number; octets: number; m: number; o: number }[]
  for (const a of rows) {
    if (a.messages !== a.m) yield `account ${a.id} says ${a.messages} messages, its mailboxes hold ${a.m}`
    if (a.octets !== a.o) yield `account ${a.id} says ${a.octets} octets, its mailboxes hold ${a.o}`
  }
}

function* references(db: DatabaseSync): Generator<string> {
  const held = new Map<number, number>()
  for (const table of ['message', 'queue'])
    for (const r of db
      .prepare(`select content, count(*) as n from ${table} where content is not null group by content`)
      .all())
      held.set(Number(r['content']), (held.get(Number(r['content'])) ?? 0) + Number(r['n']))
  for (const r of db.prepare('select id, refs from content').all() as { id: number; refs: number }[]) {
    const n = held.get(r.id) ?? 0
    if (r.refs !== n) yield `content ${r.id} counts ${r.refs} references, there are ${n}`
    if (n === 0) yield `content ${r.id} is held by nobody`
    held.delete(r.id)
  }
  for (const id of held.keys()) yield `rows point to content ${id}, which is not there`
  for (const r of db
    .prepare(
      `select m.id from message m join content c on c.id = m.content left join prefix p on p.n = m.prefix_n
       where m.size != coalesce(length(p.octets), 0) + length(m.prefix) + c.size`,
    )
    .all())
    yield `message ${r['id']} has a size that is not that of its octets`
  for (const r of db
    .prepare(
      `select p.n, count(m.id) as held from prefix p left join message m on m.prefix_n = p.n group by p.n having held != 1`,
    )
    .all())
    yield `prefix ${r['n']} belongs to ${r['held']} messages`
  for (const r of db
    .prepare("select id, state from queue where content is null and state not in ('done', 'failed')")
    .all())
    yield `queue row ${r['id']} is ${r['state']} and has no octets`
}

function* vanished(db: DatabaseSync): Generator<string> {
  const rows = db
    .prepare(
      `select v.mailbox, v.first, v.last, v.modseq from vanished v join mailbox b on b.id = v.mailbox
       where v.last >= b.uid_next or v.modseq > b.modseq or v.first > v.last
       or exists (select 1 from message where id between v.mailbox * 4294967296 + v.first and v.mailbox * 4294967296 + v.last)`,
    )
    .all()
  for (const r of rows)
    yield `the log of mailbox ${r['mailbox']} says that ${r['first']}:${r['last']} vanished at ${r['modseq']}, which cannot be`
}

/** Each message that may be restored has one line that says where it lay, and each such line a message. */
function* deleted(db: DatabaseSync): Generator<string> {
  for (const r of db
    .prepare(
      `select coalesce(m.id, d.message) as id, m.id is null as lost from
       (select m.id from message m join mailbox b on b.id = m.mailbox where b.doomed = 2) m
       full join deleted d on d.message = m.id where m.id is null or d.message is null`,
    )
    .all())
    yield r['lost'] ? `deleted message ${r['id']} is not there` : `nobody knows where deleted message ${r['id']} lay`
}

/** From the oldest line of a mailbox on, each message lies between bounds that the line of its MODSEQ names. */
function* changed(db: DatabaseSync): Generator<string> {
  const lines = db.prepare('select * from changed order by mailbox, modseq').all() as {
    mailbox: number
    modseq: number
    n: number
    runs: string
  }[]
  const messages = db.prepare('select id & 4294967295 as uid, modseq from message where mailbox = ? and modseq >= ?')
  for (const [id, log] of Map.groupBy(lines, (line) => line.mailbox)) {
    const where = `the log of changes of mailbox ${id}`
    const b = db.prepare('select modseq from mailbox where id = ?').get(id)
    if (!b) yield `${where} is of no mailbox`
    else if (log.at(-1)!.modseq > Number(b['modseq'])) yield `${where} goes beyond its MODSEQ ${b['modseq']}`
    const runs = new Map(
      log.map((line) => [line.modseq, (line.runs.match(/(?<!\d)\d+,\d+/g) ?? []).map((r) => r.split(',').map(Number))]),
    )
    for (const { modseq, n } of log)
      if (runs.get(modseq)!.reduce((sum, [first, last]) => sum + last! - first! + 1, 0) !== n)
        yield `${where} counts ${n} messages at ${modseq}, which is wrong`
    for (const { uid, modseq } of messages.all(id, log[0]!.modseq) as { uid: number; modseq: number }[])
      if (!runs.get(modseq)?.some(([first, last]) => uid >= first! && uid <= last!))
        yield `${where} does not name UID ${uid} at ${modseq}`
  }
}
