import type { DatabaseSync } from 'node:sqlite'
import { migrate } from '#kit/store/migrate.ts'
import { openDatabase } from '#kit/store/open.ts'

/** Append-only; a step's place is its version. Times are ISO 8601 with Z; secrets are kept as SHA-256 unless said. */
const steps = [
  `create table draft (
     id text primary key,              -- 26 signs, only inside
     label text not null,              -- "BT-7K3Q", for people
     token_hash text not null unique,  -- of the secret in the resume link
     procedure text not null,
     version integer not null,
     state text not null check (state in ('draft', 'sending', 'lodged')),
     answers text not null,            -- JSON object: field → as typed
     passed text not null,             -- JSON list: ids of the steps saved without a mistake
     changed_at text not null,
     created_at text not null,
     reference text unique,            -- from here on: set when lodging begins
     secret text,                      -- plain, until the draft is forgotten
     lodged_at text,
     problem text                      -- Vietnamese: why the mail server refused it for good
   ) strict;
   create index draft_state on draft (state, changed_at);
   create table upload (
     id text primary key,
     draft text not null references draft (id) on delete cascade,
     document text not null,
     name text not null,
     type text not null,
     size integer not null,
     sha256 text not null,
     path text not null,
     at text not null
   ) strict;
   create index upload_draft on upload (draft);
   create table outbox (
     message_id text primary key,
     recipient text not null,
     raw blob not null,
     attempts integer not null,
     next_at text not null,
     sent_at text,
     refused text
   ) strict;
   create index outbox_next on outbox (next_at) where sent_at is null and refused is null;
   create table visit (                -- a lookup that gave the right secret
     token_hash text primary key,
     reference text not null,
     seen_at text not null
   ) strict;
   create table tally (                -- counts by hour, for limits
     what text not null,
     hour text not null,
     n integer not null,
     primary key (what, hour)
   ) strict;`,
]

export function openStore(path: string): DatabaseSync {
  const db = openDatabase(path)
  migrate(db, steps)
  return db
}
export type Store = DatabaseSync
