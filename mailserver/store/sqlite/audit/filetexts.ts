import type { DatabaseSync } from 'node:sqlite'

/** Texts of files: each belongs to a content that is there, is whole or still waited for, and has its rows in the index. */
export function* auditFileTexts(db: DatabaseSync): Generator<string> {
  for (const table of ['content_file', 'unread_files', 'partial'])
    for (const r of db
      .prepare(`select distinct content from ${table} where content not in (select id from content)`)
      .all())
      yield `${table} names content ${r['content']}, which is not there`
  for (const r of db
    .prepare(
      'select distinct f.content, f.file from content_file f where f.file is not null and not exists (select 1 from file where id = f.file and complete = 1)',
    )
    .all())
    yield `content ${r['content']} names the text of file ${r['file']}, which is not there`
  const waiting = db.prepare('select count(*) as n from unread_files').get()!['n'] !== 0
  // while contents wait, a text may be stored whose content is not settled yet
  if (!waiting)
    for (const r of db
      .prepare('select id from file where id not in (select file from content_file where file is not null)')
      .all())
      yield `the text of file ${r['id']} belongs to no message`
  for (const r of db
    .prepare('select distinct id / 64 as file from file_fts_docsize where id / 64 not in (select id from file)')
    .all())
    yield `there is a full-text row for file ${r['file']}, which is not there`
  for (const r of db
    .prepare(
      "select id from file where complete = 1 and folded != '' and coalesce(indexed, 1) > 0 and id * 64 not in (select id from file_fts_docsize)",
    )
    .all())
    yield `the text of file ${r['id']} is not in the index`
  // what the tokenizer and we surely part alike: search of parts of words asks for nothing else
  for (const [words, terms] of [
    ['word', 'vocabulary'],
    ['file_word', 'file_vocabulary'],
  ] as const)
    for (const r of db
      .prepare(
        `select term from ${terms} where term not glob '*[^a-z0-9]*' and length(term) < 1000 and term not in (select word from ${words}) limit 5`,
      )
      .all())
      yield `search of parts of words does not know ${JSON.stringify(String(r['term']).slice(0, 60))} (${words})`
}
