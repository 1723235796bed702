import type { DatabaseSync } from 'node:sqlite'
import type { MigrationStep } from '#kit/store/migrate.ts'

/**
 * One cell: `<dir>/cell.sqlite`, `<dir>/blobs/ab/<sha256>` for octets over 64 KB, `<dir>/tmp/` for files on their way.
 *
 *   account 1─n mailbox 1─n message n─1 content 1─1 body, 1─1 octets, content n─m blob (counted); message 1─1 prefix
 *
 * A message's id is mailbox × 2^32 + UID: the table is in mailbox and UID order without another index, and an id is never
 * used twice because neither is. `content` holds what lists need, `body` the texts and `octets` the octets, so that a page of a
 * list does not touch the long rows. What must never happen: a counter that differs from its rows; a row whose file
 * is not on the disk (files come before rows and go after them).
 */
export const PAGE_SIZE = 8192

/** Append-only: a step's place is its version. */
export const steps: readonly MigrationStep[] = [
  `
  create table meta (name text primary key, value any) strict, without rowid;

  create table account (
    id integer primary key,
    kind text not null,
    octets integer not null default 0,
    messages integer not null default 0,
    ledger_seq integer not null default 0,
    ledger_hash text not null default '0000000000000000000000000000000000000000000000000000000000000000'
  ) strict;

  create table mailbox (
    id integer primary key autoincrement,
    account integer not null,
    path text not null,
    type text not null,
    special_use text,
    subscribed integer not null default 1,
    uid_validity integer not null,
    uid_next integer not null default 1,
    messages integer not null default 0,
    unseen integer not null default 0,
    octets integer not null default 0,
    modseq integer not null default 1,
    -- deleted for everyone; its rows go in idle slices
    doomed integer not null default 0
  ) strict;
  create unique index mailbox_path on mailbox (account, path) where doomed = 0;
  create index mailbox_doomed on mailbox (id) where doomed = 1;

  create table message (
    id integer primary key,
    mailbox integer not null,
    modseq integer not null,
    -- 1 \\Seen, 2 \\Answered, 4 \\Flagged, 8 \\Deleted, 16 \\Draft
    flags integer not null,
    -- '' or ' one two ', spaces around each
    keywords text not null,
    internal_date integer not null,
    size integer not null,
    content integer not null,
    prefix blob not null
  ) strict;
  create index message_modseq on message (mailbox, modseq);
  create index message_content on message (content);

  create table content (
    id integer primary key autoincrement,
    sha blob not null unique,
    size integer not null,
    -- rows of message and of queue
    refs integer not null,
    sent_at integer,
    message_id text not null,
    envelope text not null,
    body_structure text not null,
    body text not null,
    structure text not null
  ) strict;

  create table body (
    content integer primary key,
    -- JSON: [number of octets of \`octets\` | "sha of a blob", …] in order
    segments text not null,
    octets blob not null,
    header text not null,
    folded_header text not null,
    text text not null,
    folded_text text not null
  ) strict;

  create table blob (
    sha text primary key,
    size integer not null,
    refs integer not null
  ) strict, without rowid;

  create table vanished (
    mailbox integer not null,
    modseq integer not null,
    first integer not null,
    last integer not null,
    primary key (mailbox, modseq, first)
  ) strict, without rowid;

  create table handover (
    n integer primary key,
    key text not null,
    account integer not null,
    mailbox integer not null,
    uid integer not null,
    at integer not null
  ) strict;
  create unique index handover_key on handover (key, account);

  create table submission (
    n integer primary key,
    key text not null unique,
    result text not null,
    at integer not null
  ) strict;

  create table queue (
    id integer primary key autoincrement,
    sender text not null,
    recipient text not null,
    state text not null,
    smtputf8 integer not null,
    eight_bit integer not null,
    message_id text not null,
    queued_at integer not null,
    next_at integer not null,
    ended_at integer,
    attempts text not null default '[]',
    -- null when the row has ended long ago and its octets are gone
    content integer
  ) strict;
  create index queue_due on queue (state, next_at);

  create table ledger (
    account integer not null,
    seq integer not null,
    prev text not null,
    hash text not null,
    data text not null,
    message_id text not null,
    command text not null,
    -- where the entry's message lies
    message integer not null,
    at integer not null,
    primary key (account, seq)
  ) strict, without rowid;

  create table ledger_command (
    account integer not null,
    command text not null,
    outcome text not null,
    seq integer,
    at integer not null,
    primary key (account, command)
  ) strict, without rowid;

  create virtual table fts using fts5 (
    account, header, text, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0"
  );
  create virtual table vocabulary using fts5vocab (fts, row);
  `,
  `
  create table acl (
    mailbox integer not null,
    identifier text not null,
    negative integer not null,
    rights text not null,
    from_at integer,
    to_at integer,
    by text not null,
    at integer not null,
    primary key (mailbox, identifier, negative)
  ) strict, without rowid;
  create index acl_identifier on acl (identifier);

  -- what was granted and withdrawn, for ever
  create table acl_record (
    n integer primary key,
    account integer not null,
    mailbox integer not null,
    path text not null,
    identifier text not null,
    negative integer not null,
    rights text not null,
    from_at integer,
    to_at integer,
    by text not null,
    at integer not null
  ) strict;
  create index acl_record_account on acl_record (account, n);
  `,
  // Octets to be added for every line to end with CRLF. Contents from before this step are taken to need none, as nearly all.
  'alter table content add column line_extra integer not null default 0',
  // What SORT, THREAD, THREADID and PREVIEW need, in rows of some hundred octets: a content's own row has kilobytes.
  `
  create table listing (
    content integer primary key,
    -- the first content of the thread
    thread integer not null,
    -- collation keys
    subject text not null,
    reply integer not null,
    sender text not null,
    recipient text not null,
    copied text not null,
    sender_name text not null,
    recipient_name text not null,
    sent_at integer,
    -- hashes of Message-IDs, 8 octets each
    message_key blob not null,
    reference_keys blob not null,
    preview text not null
  ) strict;
  create index listing_thread on listing (thread);

  create table thread_key (
    key blob primary key,
    thread integer not null,
    -- contents that are this message or name it
    holders integer not null
  ) strict, without rowid;

  -- contents up to here have no such row yet
  insert into meta (name, value) select 'unlisted', coalesce(max(id), 0) from content;

  -- when it came into this mailbox (RFC 8514); null: before this was kept
  alter table message add column saved_at integer;
  `,
  // Entries of RFC 5464: mailbox 0 is the server, holder 0 everybody.
  `
  create table metadata (
    mailbox integer not null,
    holder integer not null,
    entry text not null,
    value blob not null,
    primary key (mailbox, holder, entry)
  ) strict;
  `,
  // Texts of files (docs/decisions/search.md), and a second reading of what was folded by an earlier program, newest first.
  `
  -- one for each distinct file, whatever messages carry it; complete: all of it is in file_fts
  create table file (
    id integer primary key autoincrement,
    key text not null unique,
    state text not null,
    text text not null,
    folded text not null,
    -- characters of folded that the index has; null: all
    indexed integer,
    complete integer not null default 0
  ) strict;
  create index file_incomplete on file (id) where complete = 0;
  create index file_partial on file (id) where indexed is not null;

  -- the files of a content that was read; file is null when it is of a kind without text
  create table content_file (
    content integer not null,
    part text not null,
    name text not null,
    folded_name text not null,
    file integer,
    primary key (content, part)
  ) strict, without rowid;
  create index content_file_file on content_file (file);

  create table unread_files (content integer primary key) strict;
  insert into unread_files select id from content;
  -- contents with more words than the index takes: every search of their accounts looks at them
  create table partial (content integer primary key) strict;
  alter table body add column indexed_header integer;
  alter table body add column indexed_text integer;
  alter table body add column folding integer not null default 0;

  -- rowid: file × 64 + piece
  create virtual table file_fts using fts5 (
    text, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0"
  );
  create virtual table file_vocabulary using fts5vocab (file_fts, row);
  `,
  `
  -- whom an automatic reply went to, which letters a script has seen, when an owner was told of a fault: each until a time
  create table remembered (
    account integer not null,
    key text not null,
    until integer not null,
    primary key (account, key)
  ) strict, without rowid;
  create index remembered_until on remembered (until);
  `,
  // Words of the full-text indexes (search/words.ts).
  `
  create table word (n integer primary key, word text not null) strict;
  insert into word (word) select term from vocabulary where term not glob 'ŧ*';
  create table file_word (n integer primary key, word text not null) strict;
  insert into file_word (word) select term from file_vocabulary;
  `,
  // A message's octets apart from its texts: who searches the texts would read past the octets, page by page. Those from before
  // stay where they are until an idle slice moves them (earlier.ts): to rewrite a store of a million letters takes minutes.
  `
  create table octets (
    content integer primary key,
    -- JSON: [number of octets of \`octets\` | "sha of a blob", …] in order
    segments text not null,
    octets blob not null
  ) strict;
  insert into meta (name, value) select 'octets in body', 0 from body limit 1;
  `,
  // The recipients' header lines apart from the rows of messages (prefixes.ts). Those from before move in idle slices (earlier.ts).
  `
  create table prefix (n integer primary key, octets blob not null) strict;
  alter table message add column prefix_n integer;
  insert into meta (name, value) select 'wide', 0 from message limit 1;
  `,
  addColumnsForOctets,
  // What was expunged lies on in a mailbox that nobody sees (doomed = 2), one for each account, until it is restored or purged.
  `
  create table deleted (
    -- id of its row in that mailbox
    message integer primary key,
    -- where it lay
    mailbox integer not null,
    path text not null,
    by text not null,
    at integer not null
  ) strict;
  create index deleted_at on deleted (at);
  create unique index mailbox_deleted on mailbox (account) where doomed = 2;
  -- of a deleted mailbox: by whom and when, where its messages are to be kept
  alter table mailbox add column doomed_by text;
  alter table mailbox add column doomed_at integer;
  `,
  // Contents whose row in fts is still to be written, or to be written again (indexing.ts).
  'create table unindexed (content integer primary key) strict',
  // What jobs of several transactions leave when they are interrupted (unfinished.ts).
  'create table unfinished (n integer primary key, note text not null) strict',
  // Which messages got which mod-sequence (changed.ts), in place of an index that every change of a flag wrote to twice.
  `
  create table changed (
    mailbox integer not null,
    modseq integer not null,
    -- messages between the bounds of its runs
    n integer not null,
    -- first and last UID of each run, all with commas between them
    runs text not null,
    primary key (mailbox, modseq)
  ) strict, without rowid;
  drop index message_modseq;
  `,
  // what senders want to be told (RFC 3461), as JSON; null: nothing in particular
  'alter table queue add column dsn text',
  // The fields that people search by (search/fieldlines.ts); null: too long, or of a content that an idle slice has yet to come to.
  `
  alter table listing add column field_lines text;
  insert into meta (name, value) select 'without fields', 0 from content limit 1;
  `,
]

/** An earlier form of the step that made the table `octets` moved all at once and dropped the old columns: here they are again, empty. */
function addColumnsForOctets(db: DatabaseSync): void {
  if (db.prepare("select 1 from pragma_table_info('body') where name = 'segments'").get()) return
  db.exec('alter table body add column segments text; alter table body add column octets blob')
}

const UID_SPACE = 2 ** 32
/** 2^21 mailboxes in a cell, so that mailbox × 2^32 + UID stays an exact number (2^53). */
export const MAX_MAILBOX = 2 ** 21 - 1
export const MAX_UID = UID_SPACE - 1

export const messageId = (mailbox: number, uid: number): number => mailbox * UID_SPACE + uid
export const uidOf = (message: number): number => message % UID_SPACE
export const mailboxOf = (message: number): number => Math.floor(message / UID_SPACE)
