import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'

type Entry = {
  account: number
  seq: number
  prev: string
  hash: string
  data: string
  command: string
  message: number
}

/** Each ledger from its first entry: numbers without gaps, each naming the SHA-256 of the one before, each kept as a message. */
export function* auditLedgers(db: DatabaseSync): Generator<string> {
  const heads = db.prepare('select id, ledger_seq as seq, ledger_hash as hash from account').all() as {
    id: number
    seq: number
    hash: string
  }[]
  for (const head of heads) yield* ledger(db, head)
  for (const r of db.prepare('select distinct account from ledger where account not in (select id from account)').all())
    yield `there is a ledger of account ${r['account']}, which is not there`
}

function* ledger(db: DatabaseSync, head: { id: number; seq: number; hash: string }): Generator<string> {
  const lies = db.prepare(
    "select 1 from message m join mailbox b on b.id = m.mailbox where m.id = ? and b.account = ? and b.type = 'ledger'",
  )
  const outcome = db.prepare('select outcome, seq from ledger_command where account = ? and command = ?')
  let seq = 0
  let hash = '0'.repeat(64)
  const entries = db.prepare('select * from ledger where account = ? order by seq')
  for (const e of entries.iterate(head.id) as Iterable<Entry>) {
    const where = `entry ${e.seq} of ledger ${head.id}`
    if (e.seq !== seq + 1) yield `${where} follows ${seq}`
    if (e.prev !== hash) yield `${where} does not name the hash of its predecessor`
    const own = createHash('sha256').update(e.data).digest('hex')
    if (own !== e.hash) yield `${where} has another hash than its data`
    const said = JSON.parse(e.data) as { seq?: unknown; prev?: unknown }
    if (said.seq !== undefined && said.seq !== e.seq) yield `${where} calls itself ${said.seq}`
    if (said.prev !== undefined && said.prev !== hash) yield `${where} names another predecessor in its data`
    if (!lies.get(e.message, head.id)) yield `${where} has no message in its ledger folder`
    if (outcome.get(head.id, e.command)?.['seq'] !== e.seq) yield `${where} is not the outcome of its command`
    seq = e.seq
    hash = own
  }
  if (head.seq !== seq || head.hash !== hash)
    yield `ledger ${head.id} says its head is ${head.seq}, its entries end at ${seq}`
  const { messages } = db
    .prepare("select coalesce(sum(messages), 0) as messages from mailbox where account = ? and type = 'ledger'")
    .get(head.id) as { messages: number }
  if (messages !== seq) yield `the folders of ledger ${head.id} hold ${messages} messages, it has ${seq} entries`
  const { done } = db
    .prepare("select count(*) as done from ledger_command where account = ? and outcome = 'done'")
    .get(head.id) as { done: number }
  if (done !== seq) yield `ledger ${head.id} has ${seq} entries and ${done} commands that are done`
}
