/**
 * The control API, as types: every call there is, its input and its output. Served by
 * `mailserver/control/` (one file per call, same name) over HTTP on a private socket, used through
 * `kit/directory/client.ts`. A call is `POST /v1/<name>` with a JSON object; the answer is a JSON object,
 * or `{error: {status, advice, why, fields?}}` with that HTTP status, which the client throws as a `Refusal`.
 * Headers: `Authorization: Bearer <secret of the process>`, `X-Process: <process name>`.
 * Octets travel behind the JSON (`wire.ts`), instants as ISO 8601 with Z, dates as YYYY-MM-DD.
 */
export type Address = string
export type Octets = Uint8Array
export type Instant = string
export type LocalDate = string

/** person signs in; office (role mailbox) and register never do; service is a process's own account. */
export const accountKinds = ['person', 'office', 'register', 'service'] as const
export type AccountKind = (typeof accountKinds)[number]

/** What an office is in its agency: văn thư/một cửa, lãnh đạo, trưởng phòng, or the register mailbox itself. */
export const officeRoles = ['clerk', 'leader', 'head', 'register'] as const
export type OfficeRole = (typeof officeRoles)[number]

export type Account = {
  address: Address
  kind: AccountKind
  name: string
  /** id of the agency, for example "stttt"; absent for services */
  agency?: string
  /** id of the department inside the agency */
  department?: string
  /** chức vụ, of a person */
  title?: string
  /** of an office */
  role?: OfficeRole
  /** octets; registers, offices and services have none (official mail is always taken) */
  quota?: number
  /** messages that it may hold; absent: any number */
  mostMessages?: number
  used: number
  /** messages that it holds, where the call counts them */
  messages?: number
  /** who judges the password, when the mail service does not */
  passwordFrom?: 'ldap'
  disabled: boolean
  from: LocalDate
  /** first day on which it no longer holds */
  to?: LocalDate
}

/**
 * read: its folders appear as shared ones; act: official acts, and its letters may be changed; send: From may be the office;
 * manage: reads, and decides who else sees a folder of it, its filters and its absence reply.
 */
export const officeRights = ['read', 'act', 'send', 'manage'] as const
export type OfficeRight = (typeof officeRights)[number]

/** A person's right on an office, dated. `grant` is its id, written into every act done under it. */
export type Grant = {
  grant: string
  /** who holds it; where grants are listed as they were given, the group that it was given to */
  person: Address
  /** given to this group, which may be `person` itself: everyone who is in it holds it, for as long as they are */
  group?: Address
  office: Address
  rights: readonly OfficeRight[]
  from: Instant
  to?: Instant
  /** who gave it and when that was done; absent when the province's data did */
  by?: Address
  at?: Instant
}

/** Leave to send on a person's behalf: From is the owner, Sender the one who sends. It opens no mailbox and decides no act. */
export type Behalf = {
  behalf: string
  owner: Address
  /** who may; a group where it was given to one and is listed as given */
  person: Address
  from: Instant
  to?: Instant
  by: Address
  at: Instant
}

/** A right of RFC 4314 on one folder of a person or an office, as it was given. */
export type FolderShare = {
  folder: string
  /** a person, a group, an office, or "anyone"; `name` is what people call it */
  with: Address
  name: string
  /** these rights are taken away, whoever gives them; set over IMAP only */
  negative: boolean
  rights: string
  from?: Instant
  to?: Instant
  by: Address
  at: Instant
}

export type Agency = {
  id: string
  /** mã định danh, for example 000.00.15.H23 */
  code: string
  name: string
  /** cơ quan chủ quản, in capitals as printed; absent for UBND tỉnh */
  parentName?: string
  abbreviation: string
  register: Address
  place: string
  address: string
  phone?: string
  departments: readonly { id: string; name: string; abbreviation: string; from: LocalDate; to?: LocalDate }[]
  from: LocalDate
  to?: LocalDate
}

/** A key of the keyring: ours, kept for ever with its dates, or a partner's from configuration. */
export type SealKey = {
  domain: string
  selector: string
  algorithm: 'ed25519' | 'rsa'
  /** SPKI, PEM */
  publicKey: string
  from: Instant
  to?: Instant
}

/** Protocols that an app password may be made for. */
export const appScopes = ['imap', 'pop3', 'smtp', 'sieve'] as const
export type AppScope = (typeof appScopes)[number]

/** A password of one mail program, without the password itself. */
export type AppPassword = {
  id: string
  /** of the device or program */
  name: string
  scopes: readonly AppScope[]
  created: Instant
  /** from then on it no longer holds */
  expires?: Instant
  /** written at most once a minute */
  used?: { at: Instant; ip: string; scope: string }
}

/** A passkey of a person, for the pages. */
export type Passkey = {
  id: string
  /** of the device */
  name: string
  created: Instant
  used?: { at: Instant; ip: string }
  /** its maker copies it to the person's other devices */
  backedUp: boolean
  /** since when it opens nothing: there are two of it */
  blocked?: Instant
}
/** What a page hands to `navigator.credentials` (JSON of WebAuthn §5.1.8, §5.1.9), and the only origin where that works. */
export type PasskeyAsk = { options: Record<string, unknown>; origin: string }

/** A person's password shown again, and from where. */
export type Proof = { password: string; ip: string }

export type LastSignIn = { at: Instant; ip: string; scope: string; how: 'password' | 'app-password' | 'passkey' }
export type MailboxShown = {
  path: string
  /** ledger and handled: nothing in it can be changed by anybody */
  type: 'normal' | 'registerInbox' | 'ledger' | 'handled' | 'dead'
  specialUse?: string
  subscribed: boolean
  messages: number
  unseen: number
  octets: number
  uidValidity: number
  uidNext: number
}

export type FoundMail = {
  folder: string
  uid: number
  /** INTERNALDATE */
  at: Instant
  size: number
  flags: readonly string[]
  from: string
  subject: string
}

/** Octets of messages in one answer of `mail.export`; they are held whole on both sides. */
export const exportOctets = 4 * 1024 * 1024

/** Mail that was deleted and can be restored; `folder` is where it lay, as that was called then. */
export type DeletedMail = FoundMail & { deletedAt: Instant; deletedBy: Address }
/**
 * Which of it: by uid (among deleted mail), else what answers all that is given: each word in the sender or the subject, marks or
 * none; a query of IMAP SEARCH; the time of deletion. Nothing given: all of it.
 */
export type DeletedWhich = {
  uids?: readonly number[]
  words?: readonly string[]
  query?: string
  since?: Instant
  before?: Instant
}

/** `by`: an administrator, or a part of the service; `detail`: one English sentence */
export type RecordLine = { n: number; at: Instant; by: string; what: string; account?: Address; detail: string }

/** Somebody who is signed in now: a connection of a mail program, or a sign-in of the pages ("web"). */
export type OpenSession = {
  id: string
  protocol: AppScope | 'web'
  account: Address
  ip: string
  /** absent for pages */
  encrypted?: boolean
  /** what the program calls itself (RFC 2971), or its name in EHLO, or the browser */
  client?: string
  since: Instant
  /** seconds since it was heard last; absent where that is not known */
  idle?: number
  /** the folder that is open */
  folder?: string
}

/** A message that `ledger.commit` delivers: local recipients get it in INBOX, the rest is queued. */
export type OutgoingNotice = { from: Address; to: readonly Address[]; raw: Octets }

export type LedgerEntry = {
  ledger: Address
  seq: number
  /** SHA-256, lower hex, of the decoded data part of entry seq-1; 64 zeros for seq 1 */
  prev: string
  /** the decoded data part: JSON text of the event */
  data: string
  messageId: string
}

export type QueueRow = {
  id: string
  from: Address
  to: Address
  state: 'waiting' | 'sending' | 'held' | 'done' | 'failed'
  attempts: readonly { at: Instant; host: string; reply: string }[]
  nextAt?: Instant
  queuedAt: Instant
  messageId: string
}

/** A message that was found: where it lies, as IMAP names it, and where it says what was asked. */
export type MailHit = {
  folder: string
  uid: number
  exact: boolean
  passages: readonly {
    where: 'subject' | 'header' | 'text' | 'file' | 'file-name'
    /** name of the file */
    file?: string
    excerpt?: { before: string; found: string; after: string }
  }[]
}

export type TlsCertificate = {
  /** host name that it serves */
  name: string
  /** files: an administrator's */
  origin: 'files' | 'self-signed' | 'acme'
  issuer: string
  /** all names in it, separated by commas */
  names: string
  /** hexadecimal */
  serial: string
  from: Instant
  until: Instant
  /** absent where it is not ours to renew */
  renewAt?: Instant
  /** why the last renewal, or the taking over of new files, failed; absent when it did not */
  lastError?: string
}

export type Calls = {
  /**
   * Slowed per account and per address after failures. Refusal 401, 429 (with seconds to wait in `why`).
   * `second`: the password was right and a second factor is on; `token` opens nothing but `auth.secondStep`, by a code of an
   * app or a recovery code, or by a passkey.
   */
  'auth.signIn': {
    in: { address: Address; password: string; ip: string; client: string }
    out: { token: string; expires: Instant; person: Account; second?: { app: boolean; key?: PasskeyAsk } }
  }
  /** The code of an app, or a recovery code, or what a passkey answered (JSON). Refusal 401 begin again, 422 wrong, 429. */
  'auth.secondStep': {
    in: { token: string; code?: string; answer?: string; ip: string; client: string }
    out: { token: string; expires: Instant; person: Account }
  }
  /** For the second step once more, after a wrong try; `key` absent: there is none. Refusal 401 begin again. */
  'auth.secondAsk': { in: { token: string }; out: { app: boolean; key?: PasskeyAsk } }
  /** For the sign-in page. Refusal 409 where passkeys cannot be. */
  'auth.passkeyAsk': { in: Record<string, never>; out: PasskeyAsk }
  /** In the place of password and second factor. Refusal 403 blocked, copied or without its owner, 409, 422. */
  'auth.passkey': {
    in: { answer: string; ip: string; client: string }
    out: { token: string; expires: Instant; person: Account }
  }
  /** For a service: a token for one mailbox in its scope (workers: any register; portal: its own). */
  'auth.serviceToken': { in: { mailbox: Address }; out: { token: string; expires: Instant } }
  'auth.signOut': { in: { token: string }; out: Record<string, never> }
  /** Who a token belongs to; Refusal 401 when it ended. */
  'auth.whoami': { in: { token: string }; out: { person: Account; expires: Instant } }

  /**
   * For mail programs of one person. `password` is kept nowhere: show it now. Refusal 404, 409 too many, 422.
   * `proof`: her own password, shown again; only the command line does without.
   */
  'appPassword.add': {
    in: { address: Address; name: string; scopes: readonly AppScope[]; expires?: Instant; proof?: Proof }
    out: { appPassword: AppPassword; password: string }
  }
  /** newest first */
  'appPassword.list': { in: { address: Address }; out: { appPasswords: readonly AppPassword[] } }
  /** Its sessions end within a minute. */
  'appPassword.revoke': { in: { address: Address; id: string }; out: Record<string, never> }

  /** newest first; `origin`: where passkeys work, absent where they cannot be */
  'passkey.list': { in: { address: Address }; out: { passkeys: readonly Passkey[]; origin?: string } }
  /** After the password was shown again. Refusal 409 too many, or not here; 422. */
  'passkey.begin': { in: { address: Address; proof?: Proof }; out: PasskeyAsk }
  /** `answer`: what the browser made of it, JSON. Refusal 409, 422. */
  'passkey.add': { in: { address: Address; name: string; answer: string }; out: { passkey: Passkey } }
  /** Refusal 404, 409 when the second factor has nothing else. */
  'passkey.remove': { in: { address: Address; id: string }; out: Record<string, never> }

  /** `byKey`: passkeys alone, there is no app. `key`: to prove oneself by one, where there is one. */
  'secondFactor.state': {
    in: { address: Address }
    out: { on: boolean; since?: Instant; byKey?: true; recoveryCodesLeft: number; key?: PasskeyAsk }
  }
  /** Turns it on with the passkeys that there are, without an app; codes as below. Refusal 409, 422. */
  'secondFactor.byKey': { in: { address: Address; proof?: Proof }; out: { recoveryCodes: readonly string[] } }
  /** A secret for the app, of no effect before `secondFactor.confirm`. Refusal 409 when it is on. */
  'secondFactor.begin': { in: { address: Address }; out: { uri: string; secret: string } }
  /** Turns it on with the password and the first code, or with it on makes new recovery codes: shown now and never again. Refusal 422, 429. */
  'secondFactor.confirm': {
    in: { address: Address; code?: string; answer?: string; ip?: string; proof?: Proof }
    out: { recoveryCodes: readonly string[] }
  }
  /** Without a code and a passkey's answer for administrators alone: a telephone was lost. `keepKeys`: only the app goes, passkeys alone stay. */
  'secondFactor.end': {
    in: { address: Address; code?: string; answer?: string; ip?: string; keepKeys?: boolean }
    out: Record<string, never>
  }

  /** Folders of any account, by path, with what each takes up. */
  'mailbox.list': { in: { address: Address }; out: { account: Account; mailboxes: readonly MailboxShown[] } }
  /** Refusal 404 account, 409 exists or belongs to a record, 422 no name of a folder. */
  'mailbox.create': {
    in: { address: Address; path: string; specialUse?: string; by: Address }
    out: { mailbox: MailboxShown }
  }
  'mailbox.rename': { in: { address: Address; from: string; to: string; by: Address }; out: Record<string, never> }
  /** With all that is in it. */
  'mailbox.remove': { in: { address: Address; path: string; by: Address }; out: { messages: number } }

  /**
   * Looks into somebody's mail, which is written into the record with the query. `query` is that of IMAP SEARCH (RFC 9051
   * §6.4.4); the newest first. Refusal 404, 422 with what is wrong in the query.
   */
  'mail.find': {
    in: { address: Address; folders?: readonly string[]; query: string; limit: number; by: Address }
    out: { found: readonly FoundMail[]; total: number }
  }
  /** Octets [from, next) of a message in base64; the first piece is written into the record. */
  'mail.read': {
    in: { address: Address; folder: string; uid: number; from: number; by: Address }
    out: { base64: string; size: number; next?: number }
  }
  /** Removes what the query finds in one folder. Refusal 409: it belongs to a record. */
  'mail.expunge': {
    in: { address: Address; folder: string; query: string; dryRun: boolean; by: Address }
    out: { messages: number; octets: number }
  }
  'mail.move': {
    in: { address: Address; folder: string; query: string; to: string; dryRun: boolean; by: Address }
    out: { messages: number; octets: number }
  }
  /** Into a folder of any account, within its quota; flags go along. */
  'mail.copy': {
    in: {
      address: Address
      folder: string
      query: string
      toAddress: Address
      to: string
      dryRun: boolean
      by: Address
    }
    out: { messages: number; octets: number }
  }
  /** `flags` as STORE takes them (RFC 9051 §6.4.6). Refusal 409: it belongs to a record, 422 no flags. */
  'mail.flag': {
    in: { address: Address; folder: string; query: string; op: FlagDeed; flags: string; dryRun: boolean; by: Address }
    out: { messages: number }
  }
  /**
   * A folder for taking away. Without `octetsOf`: its messages after a UID, ascending, at most 1,000, none at its end; the first asking is
   * written into the record with `to`, the place they go to. With it: their octets in base64, as many messages as `exportOctets`
   * hold, those that are gone left out; the first begins at `from`, and one that is not whole says where it goes on.
   */
  'mail.export': {
    in: {
      address: Address
      folder: string
      after?: number
      octetsOf?: readonly number[]
      from?: number
      to: string
      by: Address
    }
    out: {
      rows: readonly { uid: number; at: Instant; flags: readonly string[]; size: number }[]
      octets: readonly { uid: number; base64: string; next?: number }[]
    }
  }
  /**
   * Deleted mail of an account, what was deleted last first: for its owner, for an office those who manage it (Refusal 403), and
   * for administrators, of whom it is written into the record. `days`: how long it is kept.
   */
  'deleted.list': {
    in: { address: Address; which: DeletedWhich; offset: number; limit: number; by: Address }
    out: { found: readonly DeletedMail[]; total: number; octets: number; days: number }
  }
  /**
   * Back into the folder where each lay, or INBOX when that was Junk or Trash; or all into `to`. Folders that are gone are made
   * again. `folders`: where they are now. Refusal 404 folder, 409 no room (not for administrators).
   */
  'deleted.restore': {
    in: { address: Address; which: DeletedWhich; to?: string; dryRun?: boolean; by: Address }
    out: { messages: number; octets: number; folders: readonly string[] }
  }
  /** Gone for good, at once. */
  'deleted.purge': {
    in: { address: Address; which: DeletedWhich; dryRun?: boolean; by: Address }
    out: { messages: number; octets: number }
  }
  /**
   * Puts messages into a folder, which is made when it is missing; all or none, in their order. One whose `key` came before (for
   * this account, within 92 days) is left out, so that whoever was interrupted begins again. No quota. `first`: written into
   * the record.
   */
  'mail.import': {
    in: {
      address: Address
      folder: string
      messages: readonly { raw: Octets; flags: readonly string[]; at: Instant; key: string }[]
      first?: string
      by: Address
    }
    out: { added: number }
  }
  /** Which of these keys came before. */
  'mail.imported': { in: { address: Address; keys: readonly string[] }; out: { known: readonly string[] } }
  /** Who looked at or changed what is not his own, and what the service removed by itself; newest first, before line `before`. */
  'record.list': {
    in: { address?: Address; before?: number; limit: number }
    out: { lines: readonly RecordLine[] }
  }
  /** By account, then the oldest first. */
  'sessions.list': { in: { address?: Address }; out: { sessions: readonly OpenSession[] } }
  /** One by its id, or all of an account. A program that still knows its password may come back: change that, or disable the account. */
  'sessions.end': { in: { id?: string; address?: Address; by: Address }; out: { ended: number } }
  /** By what and from where a person came in last, newest first; one for each place. */
  'account.signIns': { in: { address: Address }; out: { signIns: readonly LastSignIn[] } }
  /** Ends every sign-in at once, on pages and in mail programs. */
  'account.signOut': { in: { address: Address }; out: Record<string, never> }

  'directory.lookup': { in: { address: Address }; out: { account?: Account; alias?: readonly Address[] } }
  /** Groups are those whose name or address answers the query; none unless asked for. */
  'directory.search': {
    in: { q: string; limit: number; groups?: boolean }
    out: { accounts: readonly Account[]; groups: readonly { address: Address; name: string; members: number }[] }
  }
  'directory.agencies': { in: { at?: LocalDate }; out: { agencies: readonly Agency[] } }
  /** Every person, office and register of one agency, with the grants in force or to come. */
  'directory.agency': {
    in: { id: string }
    out: { agency: Agency; accounts: readonly Account[]; grants: readonly Grant[] }
  }
  /** Grants of a person, by default those in force now. */
  'directory.grants': {
    in: { person?: Address; office?: Address; at?: Instant; all?: boolean }
    out: { grants: readonly Grant[] }
  }
  /** Decides "who acted": the grant in force at `at` that is still in force now, or none. */
  'directory.holds': {
    in: { person: Address; office: Address; right: OfficeRight; at: Instant }
    out: { grant?: Grant }
  }

  /** Edge, at RCPT: may this address be delivered now? `size` in octets when MAIL gave SIZE. */
  'rcpt.check': {
    in: { address: Address; size?: number }
    out: { verdict: 'ok' | 'unknown' | 'over-quota' | 'disabled' | 'not-ours' | 'internal-only' }
  }
  /** Edge, at end of DATA. Idempotent per (hand-over id, recipient) for 3 days. Answered after commit. */
  handover: {
    in: { from: Address | ''; to: readonly Address[]; raw: Octets; spam: boolean; id: string; helo: string; ip: string }
    out: { results: readonly { to: Address; ok: boolean; code: number; message: string }[] }
  }

  'account.add': {
    in: {
      address: Address
      name: string
      password?: string
      /** of another server, in its words: replaced by one of ours at the first sign-in */
      passwordHash?: string
      quota?: number
      mostMessages?: number
      kind?: AccountKind
      agency?: string
      title?: string
    }
    out: { account: Account }
  }
  'account.set': {
    /** `mostMessages` null: no limit any more */
    in: {
      address: Address
      name?: string
      password?: string
      passwordHash?: string
      quota?: number
      mostMessages?: number | null
      title?: string
    }
    out: { account: Account }
  }
  'account.disable': { in: { address: Address; disabled: boolean }; out: { account: Account } }
  'account.list': {
    in: { kind?: AccountKind; q?: string; after?: Address; limit?: number }
    out: { accounts: readonly Account[]; total: number }
  }
  'domain.add': { in: { domain: string }; out: Record<string, never> }
  'domain.list': { in: Record<string, never>; out: { domains: readonly string[] } }
  /** Groups too, by address; "@domain" takes what nobody there has. */
  'alias.list': {
    in: Record<string, never>
    out: {
      aliases: readonly {
        address: Address
        to: readonly Address[]
        group?: { name: string; outside: boolean; owner?: Address }
      }[]
    }
  }
  /** A group too. Refusal 409 while it holds a right or another group names it. */
  'alias.remove': { in: { address: Address; by: Address }; out: Record<string, never> }
  /** `address` "@domain": what is written to an address of the domain that nobody has. */
  'alias.add': { in: { address: Address; to: readonly Address[] }; out: Record<string, never> }
  /**
   * `outside`: the world may write to it; by default only our own people may. Members elsewhere get what is written to it from
   * `<group>-bounces@`, whose answers go to the `owner`; without one (here or from before) Refusal 422.
   */
  'group.add': {
    in: { address: Address; name: string; members: readonly Address[]; outside?: boolean; owner?: Address }
    out: Record<string, never>
  }
  'grant.add': {
    in: { person: Address; office: Address; rights: Grant['rights']; from: Instant; to?: Instant; by?: Address }
    out: { grant: Grant }
  }
  'grant.end': { in: { grant: string; at: Instant; by?: Address }; out: { grant: Grant } }
  /** `person` may be a group: whoever is in it may, for as long as they are. */
  'behalf.add': {
    in: { owner: Address; person: Address; from: Instant; to?: Instant; by: Address }
    out: { behalf: Behalf }
  }
  'behalf.end': { in: { behalf: string; at: Instant; by: Address }; out: { behalf: Behalf } }
  /** Of an owner as given, or those by which a person may send (with the person's own name for a group's); in force unless `all`. */
  'behalf.list': {
    in: { owner?: Address; person?: Address; all?: boolean }
    out: { behalf: readonly Behalf[] }
  }
  /** Folders that a person shares, whatever their dates; `history`: every grant and withdrawal, the latest first. */
  'share.list': { in: { owner: Address; history?: boolean }; out: { shares: readonly FolderShare[] } }
  /** `rights` of RFC 4314; "" withdraws. Refusal 404 folder, 422 somebody who is not here. */
  'share.set': {
    in: {
      owner: Address
      folder: string
      with: Address
      rights: string
      from?: Instant
      to?: Instant
      negative?: boolean
      by: Address
    }
    out: Record<string, never>
  }
  /** Idempotent: brings agencies, accounts and grants to what the province data says; never removes. */
  provision: { in: { province: unknown; passwords: Record<Address, string> }; out: { added: number } }

  'keys.list': { in: { domain?: string }; out: { keys: readonly SealKey[] } }

  'ledger.head': { in: { ledger: Address }; out: { seq: number; hash: string } }
  /** Data parts only, in order, at most `limit` (≤ 1000) after `after`. */
  'ledger.read': { in: { ledger: Address; after: number; limit: number }; out: { entries: readonly LedgerEntry[] } }
  /** What became of a command that was already committed or refused, by its Message-ID. */
  'ledger.outcome': { in: { ledger: Address; command: string }; out: { outcome?: 'done' | 'refused'; seq?: number } }
  /**
   * Seals entry and notices and, in one store transaction: checks the head, appends the entry to
   * `Ledger/<year>`, files the command (uid in the register's INBOX) under `Handled/<year>`, delivers
   * entry and notices. `entry` absent: a refusal; its notices are the reply.
   */
  'ledger.commit': {
    in: {
      ledger: Address
      expectedHead: number
      command: { id: string; uid: number }
      entry?: { raw: Octets; data: string; year: number }
      notices: readonly OutgoingNotice[]
      /** year of `Handled/<year>` */
      year: number
    }
    out: { result: 'committed' | 'wrong-head' | 'already'; seq: number }
  }
  /** Moves a command that kept failing to `Dead letters`, with `Delivery-Failure: <why>` in its prefix. */
  'ledger.deadLetter': { in: { ledger: Address; uid: number; why: string }; out: Record<string, never> }

  /** A person's Sieve scripts: the active one, and the one of that name. */
  'filter.get': {
    in: { owner: Address; name: string }
    /** `by`: who kept it last, where the mailbox is several people's */
    out: { active?: { name: string; text: string; at: Instant; by?: Address }; own?: string }
  }
  /** Keeps a script when it is sound; else nothing changes and the faults say where it is not. */
  'filter.put': {
    in: { owner: Address; by: Address; name: string; text: string; activate: boolean }
    out: { faults: readonly FilterFault[] }
  }
  /** `name` "": none is active */
  'filter.activate': { in: { owner: Address; by: Address; name: string }; out: Record<string, never> }
  /** Scripts of others, for administrators; what they read or change is in the record. Refusal 404, 409 active, 422 full. */
  'script.list': {
    in: { owner: Address }
    out: { scripts: readonly { name: string; active: boolean; octets: number; changed: Instant }[] }
  }
  'script.get': { in: { owner: Address; name: string; by: Address }; out: { text: string } }
  'script.put': {
    in: { owner: Address; by: Address; name: string; text: string; activate: boolean }
    out: { faults: readonly FilterFault[] }
  }
  'script.activate': { in: { owner: Address; by: Address; name: string }; out: Record<string, never> }
  'script.remove': { in: { owner: Address; by: Address; name: string }; out: Record<string, never> }
  /**
   * Days that Junk and Trash keep what came into them (0: for ever), of an account, a domain, or "" for all: what holds, and
   * what is set for that scope itself. The narrower scope decides.
   */
  'expiry.get': { in: { scope: string }; out: DaysKept & { set: Partial<DaysKept> } }
  /** null: as the wider scope says */
  'expiry.set': {
    in: { scope: string; junk?: number | null; trash?: number | null; by: Address }
    out: DaysKept & { set: Partial<DaysKept> }
  }
  /** Removes what is due now; `stopped`: not all of it in the time of one call. */
  'expiry.run': {
    in: { dryRun: boolean; by: Address }
    out: {
      expired: readonly { account: Address; folder: string; days: number; messages: number; octets: number }[]
      stopped: boolean
    }
  }
  /** The server's shared entries (RFC 5464), which everybody reads over IMAP. */
  'metadata.list': { in: Record<string, never>; out: { entries: readonly { entry: string; value: string }[] } }
  /** Without a value it is removed. Refusal 422. */
  'metadata.set': { in: { entry: string; value?: string; by: Address }; out: Record<string, never> }
  'queue.list': { in: { state?: QueueRow['state']; limit: number }; out: { rows: readonly QueueRow[] } }
  'queue.retry': { in: { id: string }; out: Record<string, never> }
  'queue.hold': { in: { id: string; hold: boolean }; out: Record<string, never> }
  'queue.drop': { in: { id: string }; out: Record<string, never> }
  /**
   * Search in the mailboxes that the token's person may read, or in one of them: every word, matches as typed first (among the newest
   * 2,000), then the newest. Matching is that of IMAP SEARCH with words taken without their marks.
   */
  'mail.search': {
    in: {
      token: string
      /** as IMAP names it; absent: all */
      folder?: string
      /** each a word or a phrase, anywhere in the message or its files */
      words: readonly string[]
      /** words that were typed beside one another, for the order and the excerpts; by default each alone */
      phrases?: readonly string[]
      from?: string
      to?: string
      subject?: string
      /** "": with any file */
      file?: string
      since?: Instant
      before?: Instant
      offset: number
      limit: number
    }
    out: {
      total: number
      /** there are more than were counted */
      more: boolean
      hits: readonly MailHit[]
      /** messages whose files are still to be read */
      filesWaiting: number
    }
  }

  /** How each certificate of the mail service stands. */
  'tls.status': { in: Record<string, never>; out: { certificates: readonly TlsCertificate[] } }
  /** Now, all of them unless one is named. Refusal 404, 409 where an administrator keeps the files, 502 with what the authority said. */
  'tls.renew': { in: { name?: string }; out: { certificates: readonly TlsCertificate[] } }
  /** PEM, in use for new connections when it answers. Refusal 404, 422 with the reason; the old ones are served on then. */
  'tls.import': { in: { name: string; key: string; cert: string }; out: { certificates: readonly TlsCertificate[] } }
  /** Counts for the health page: messages, octets, messages whose files wait to be read for search, queue by state, connections. */
  usage: {
    in: Record<string, never>
    out: { messages: number; octets: number; filesWaiting: number; queue: Record<string, number>; connections: number }
  }
  /** Writes into the record that everything was copied, and whereto. */
  'backup.note': { in: { folder: string; generation: string; by: string }; out: Record<string, never> }
  /** Recounts the whole mail store; findings are English sentences, none when sound. */
  'store.verify': { in: Record<string, never>; out: { findings: readonly string[] } }
}

export type FlagDeed = 'add' | 'remove' | 'set'

export type DaysKept = { junk: number; trash: number }

/** What is wrong in a script; line and column count from 1. */
export type FilterFault = { line: number; column: number; vi: string; en: string }

export type CallName = keyof Calls
export type Directory = { [N in CallName]: (input: Calls[N]['in']) => Promise<Calls[N]['out']> }
/** Process → calls it may make; anything else is Refusal 403. `cli` is the administrator's command line. */
export type ProcessName = 'mailserver' | 'edge' | 'workers' | 'desk' | 'portal' | 'sink' | 'cli'
