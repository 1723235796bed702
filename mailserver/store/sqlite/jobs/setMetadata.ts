import { mailboxRecord } from '../messages.ts'
import type { Handler, Tx } from '../tx.ts'

export const setMetadata: Handler<'setMetadata'> = (tx, { account, mailbox: id, entries, most, by }) => {
  const mailbox = id === 0 ? undefined : mailboxRecord(tx, id)
  if (id !== 0 && !mailbox) return { out: { refused: 'gone' } }
  const holders = [...new Set(entries.map((e) => e.holder))]
  for (const holder of holders) {
    const there = entriesOf(tx, id, holder)
    const had = there.size
    for (const { entry, value } of entries.filter((e) => e.holder === holder)) {
      if (value === null) there.delete(entry)
      else there.add(entry)
    }
    if (there.size > most && there.size > had) return { out: { refused: 'too-many' } }
  }
  for (const { holder, entry, value } of entries) {
    if (value === null)
      tx.sql.run('delete from metadata where mailbox = ? and holder = ? and entry = ?', id, holder, entry)
    else
      tx.sql.run(
        `insert into metadata (mailbox, holder, entry, value) values (?, ?, ?, ?)
         on conflict (mailbox, holder, entry) do update set value = excluded.value`,
        id,
        holder,
        entry,
        value,
      )
  }
  for (const holder of holders) {
    const changed = entries.filter((e) => e.holder === holder).map((e) => e.entry)
    const of = { mailbox: id, holder }
    tx.changes.push({ account: mailbox?.account ?? account, kind: 'metadata', of, entries: changed, by })
  }
  return { out: { ok: true } }
}

function entriesOf(tx: Tx, mailbox: number, holder: number): Set<string> {
  const rows = tx.sql.all<{ entry: string }>(
    'select entry from metadata where mailbox = ? and holder = ?',
    mailbox,
    holder,
  )
  return new Set(rows.map((r) => r.entry))
}
