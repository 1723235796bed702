/**
 * A register's projection: one SQLite file, deletable and rebuilt from the ledger, equal to the last row.
 *
 *   <DATA>/projections/<register>.sqlite          a link to the file in force
 *   <DATA>/projections/<register>.<n>.sqlite      the file; a rebuild writes the next n and moves the link
 *
 * Everything but `head`, `entries` and `files` follows from the states of the cases. What must never happen: a row
 * that depends on anything but the ledger, or a cursor that moves without the rows of its event.
 */
export const steps: readonly string[] = [
  `create table head (one integer primary key check (one = 1), ledger text not null, seq integer not null, hash text not null) strict;
   create table entries (seq integer primary key, hash text not null, message_id text not null, command text not null unique,
     kind text not null, case_id text not null, at text not null) strict;
   create index entries_case on entries (case_id, seq);
   create table files (case_id text not null, sha256 text not null, name text not null, type text not null, size integer not null,
     seq integer not null, part integer not null, primary key (case_id, sha256)) strict, without rowid;
   create table cases (id text primary key, family text not null, seq integer not null, changed integer not null, code text unique,
     title text not null, sender text not null, outer integer not null, state_name text not null, opened_at text not null,
     started_at text, due text, done_at text, state text not null, search text not null) strict;
   create index cases_opened on cases (opened_at, id);
   create table work (party text not null, act text not null, case_id text not null, due text not null,
     primary key (party, act, case_id)) strict, without rowid;
   create index work_case on work (case_id);
   create table arrivals (year integer not null, n integer not null, case_id text not null, arrived_at text not null, forwarded_at text,
     due text, done_at text, line text not null, search text not null, primary key (year, n)) strict, without rowid;
   create index arrivals_case on arrivals (case_id);
   create table outgoing (year integer not null, n integer not null, case_id text not null, line text not null, search text not null,
     primary key (year, n)) strict, without rowid;
   create index outgoing_case on outgoing (case_id);
   create table numbers (series text not null, n integer not null, case_id text not null, primary key (series, n)) strict, without rowid;
   create index numbers_case on numbers (case_id);
   create table asked (seq integer not null, n integer not null, party text not null, case_id text not null, kinds text not null,
     until text not null, primary key (seq, n, party)) strict, without rowid;
   create table timed (case_id text not null, act text not null, key text not null, at text not null, data text not null,
     primary key (case_id, act, key)) strict, without rowid;
   create index timed_at on timed (at)`,
  `alter table head add column acts text not null default ''`,
]

/** Every table, with the order in which its rows are compared. */
export const tables: Readonly<Record<string, string>> = {
  head: 'one',
  entries: 'seq',
  files: 'case_id, sha256',
  cases: 'id',
  work: 'party, act, case_id',
  arrivals: 'year, n',
  outgoing: 'year, n',
  numbers: 'series, n',
  asked: 'seq, n, party',
  timed: 'case_id, act, key',
}

/** Sorts after every real deadline, so that rows without one come last in the same index. */
export const NO_DUE = '9999'
export const GENESIS = '0'.repeat(64)
