/**
 * Tables of the accounts file. Append-only list: a step's place is its version.
 * Addresses are folded (NFC, lower case). Instants are milliseconds since 1970, days are texts YYYY-MM-DD.
 */
export const schema = [
  `
  create table domain (name text primary key, added integer not null) without rowid;

  create table account (
    id integer primary key autoincrement, -- autoincrement: a number is never given twice, the store keeps it
    address text not null unique,
    kind text not null check (kind in ('person', 'office', 'register', 'service')),
    name text not null,
    agency text, department text, title text, role text,
    quota integer,
    password text,                -- PHC string, persons only
    disabled integer not null default 0,
    from_day text not null, to_day text
  );
  create index account_agency on account (agency);

  create table alias (
    address text primary key,
    is_group integer not null,
    name text,
    outside integer not null      -- 0: only our own people may write to it
  ) without rowid;
  create table alias_member (
    alias text not null references alias (address) on delete cascade,
    position integer not null,
    member text not null,
    primary key (alias, position)
  ) without rowid;

  create table held (
    id text primary key,
    person text not null,
    office text not null,
    rights text not null,         -- "read act send", in this order
    from_at integer not null, to_at integer
  ) without rowid;
  create index held_person on held (person);
  create index held_office on held (office);

  create table agency (
    id text primary key,
    data text not null,           -- JSON of kit/directory Agency
    from_day text not null, to_day text
  ) without rowid;

  create table token (
    hash blob primary key,        -- SHA-256 of the token; the token itself is kept nowhere
    account integer not null references account (id),
    process text,                 -- the process that a service token was given to
    created integer not null, expires integer not null
  ) without rowid;
  create index token_expires on token (expires);

  create table failure (          -- failed sign-ins; see ../slowing.ts
    key blob primary key,         -- SHA-256: people type passwords into the field of the name
    count integer not null,
    last_at integer not null,
    until_at integer not null
  ) without rowid;
  create index failure_last on failure (last_at);
  create table known (            -- from where a person has signed in
    account integer not null references account (id),
    ip text not null,
    last_at integer not null,
    primary key (account, ip)
  ) without rowid;

  create table seal_key (
    domain text not null,
    selector text not null,
    algorithm text not null,
    public_key text not null,
    file text,                    -- name of the private half in the keys folder
    from_at integer not null, to_at integer,
    primary key (domain, selector)
  ) without rowid;
  `,
  `
  create index alias_member_member on alias_member (member);

  -- who gave and who withdrew, and when it was done (not from when it holds)
  alter table held add column granted_by text;
  alter table held add column granted_at integer;
  alter table held add column ended_by text;
  alter table held add column ended_at integer;

  -- a person lets another, or a group, send on her behalf; rows stay for ever
  create table behalf (
    id text primary key,
    owner text not null,
    person text not null,
    from_at integer not null, to_at integer,
    granted_by text not null, granted_at integer not null,
    ended_by text, ended_at integer
  ) without rowid;
  create index behalf_owner on behalf (owner);
  create index behalf_person on behalf (person);
  `,
  `
  create table secret (           -- of this installation; made once
    name text primary key,
    value blob not null
  ) without rowid;
  insert into secret (name, value) values ('scram-salt', randomblob(32));

  create table scram (            -- SCRAM-SHA-256 keys of main passwords; see ../scramkeys.ts
    account integer primary key references account (id),
    password text not null,       -- the stored hash of the password that they were made of
    iterations integer not null,
    stored_key blob not null, server_key blob not null
  );

  create table app_password (
    id text primary key,
    account integer not null references account (id),
    name text not null,           -- of the device or program
    scopes text not null,         -- of "imap pop3 smtp sieve", in this order
    hash blob not null,           -- SHA-256 of its symbols; see ../apppassword.ts
    iterations integer, stored_key blob, server_key blob,
    created integer not null, expires integer,
    used_at integer, used_ip text, used_scope text
  ) without rowid;
  create unique index app_password_hash on app_password (account, hash);
  `,
  `
  create table second_factor (
    account integer primary key references account (id),
    secret blob not null,
    confirmed integer,            -- absent while it is being set up
    last_step integer not null default 0
  );
  create table recovery_code (
    account integer not null references account (id),
    hash blob not null,           -- SHA-256 of 80 random bits
    primary key (account, hash)
  ) without rowid;
  create table half_token (       -- the password was right, the code is to come
    hash blob primary key,
    account integer not null references account (id),
    tries integer not null,
    expires integer not null
  ) without rowid;

  create table sign_in (          -- the last from each place
    account integer not null references account (id),
    scope text not null, ip text not null, how text not null,
    at integer not null,
    primary key (account, scope, ip, how)
  ) without rowid;
  create table signed_out (       -- what began before this instant holds no longer
    account integer primary key references account (id),
    at integer not null
  );
  create index token_account on token (account);
  `,
  `
  -- Sieve scripts (RFC 5804): at most one of an account is active
  create table sieve_script (
    account integer not null references account (id),
    name text not null,           -- NFC
    text text not null,
    active integer not null default 0,
    changed integer not null,
    primary key (account, name)
  ) without rowid;
  create unique index sieve_script_active on sieve_script (account) where active = 1;
  `,
  `
  -- since when a member is one: a right of the group held before is not the member's
  alter table alias_member add column since integer not null default 0;
  `,
  `
  alter table account add column most_messages integer;
  -- the highest warning that holds now (80, 95 per cent; 0 none), and how many there were: the number of the next letter
  create table quota_told (
    account integer primary key references account (id),
    level integer not null,
    letters integer not null
  );

  -- how many days Junk and Trash keep what came into them; 0 for ever, null as the wider scope says
  create table keeping (
    scope text primary key,       -- an address, a domain, or '' for all
    junk integer, trash integer
  ) without rowid;

  -- who looked at or changed what is not his own; rows stay for ever
  create table record (
    n integer primary key,
    at integer not null,
    by text not null,             -- an administrator, or the name of a part of the service
    what text not null,
    account text,                 -- whose it was
    detail text not null
  );
  create index record_account on record (account, n);

  -- from where a page's token was given, and to which program
  alter table token add column ip text;
  alter table token add column client text;
  `,
  `
  -- who kept it last; an office's scripts are several people's
  alter table sieve_script add column changed_by text;
  `,
  `
  create table passkey (
    id text primary key,          -- credential id, base64url
    account integer not null references account (id),
    name text not null,           -- of the device
    public_key blob not null,     -- COSE key
    sign_count integer not null,
    transports text not null,     -- how browsers reach it, separated by spaces
    backed_up integer not null,   -- it is copied to the person's other devices by their maker
    created integer not null,
    used_at integer, used_ip text,
    blocked integer               -- since when: its counter went back, so there are two of it
  ) without rowid;
  create index passkey_account on passkey (account);
  create table passkey_challenge ( -- answered ones; the others are written nowhere
    hash blob primary key,
    expires integer not null
  ) without rowid;
  create index passkey_challenge_expires on passkey_challenge (expires);
  insert into secret (name, value) values ('passkey', randomblob(32));
  -- the second factor is passkeys alone: there is no app whose codes hold
  alter table second_factor add column by_key integer not null default 0;
  `,
  `
  -- of a group with members elsewhere: who answers for it, and the account that sends for it and is never read
  alter table alias add column owner text;
  alter table alias add column list_account integer references account (id);
  create unique index alias_list_account on alias (list_account);
  `,
] as const
