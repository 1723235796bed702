import type { DatabaseSync } from 'node:sqlite'

/** One full-text row for each content that lies in a mailbox, findable by every account that has it, and no others; or a note that it waits. */
export function* auditIndex(db: DatabaseSync): Generator<string> {
  const orphans = db.prepare('select id from fts_docsize where id not in (select id from content)').all()
  for (const r of orphans) yield `there is a full-text row for content ${r['id']}, which is not there`
  const waiting = new Set(
    db
      .prepare('select content from unindexed')
      .all()
      .map((r) => Number(r['content'])),
  )
  for (const r of db.prepare('select content from unindexed where content not in (select id from content)').all())
    yield `content ${r['content']} waits for the full-text index and is not there`
  const find = db.prepare('select rowid as id from fts where fts match ?')
  const held = db.prepare(
    'select distinct m.content as id from message m join mailbox b on b.id = m.mailbox where b.account = ? and b.doomed <> 1',
  )
  for (const a of db.prepare('select id from account').all() as { id: number }[]) {
    const findable = new Set(find.all(`account : "ŧ${a.id}"`).map((r) => Number(r['id'])))
    for (const r of held.all(a.id) as { id: number }[])
      if (!findable.has(r.id) && !waiting.has(r.id)) yield `search of account ${a.id} does not know content ${r.id}`
  }
}
