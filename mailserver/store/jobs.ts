/**
 * The writes of the store's port (`port.ts`): each job, what goes into it and what comes back. A job is one transaction, or
 * several bounded ones when it is about many rows; a COPY and a RENAME are done wholly or not at all even so.
 */
import type { AccountId, Mailbox, MailboxId, QueuedMail, QueueState, SpecialUse } from './port.ts'

/** One local recipient of a delivery. */
export type Recipient = {
  account: AccountId
  /** created when missing (only Junk and INBOX are ever named); where it lies when `filed` is absent */
  mailbox: string
  /** the recipient's own header lines, CRLF-ended: Return-Path, Delivered-To, verdicts; never Subject, From, To, Cc, which are searched in the message alone */
  prefix: Uint8Array
  flags?: readonly string[]
  /** octets allowed in all, and messages; absent: official mail or no limit */
  quota?: number
  mostMessages?: number
  /** what the owner's script made of it; absent: one message in `mailbox` */
  filed?: Filed
}
/** A message of ours, to mailboxes here and to the queue. */
export type Outgoing = {
  raw: Uint8Array
  from: string
  local: readonly Recipient[]
  outside: readonly string[]
  messageId: string
  smtputf8: boolean
  eightBit: boolean
}
/** What the sender wants to be told of one recipient (RFC 3461 §4); absent values: as without the extension. */
export type DsnRequest = {
  /** what a report of failure brings back */
  ret?: 'FULL' | 'HDRS'
  envid?: string
  notify?: readonly ('NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY')[]
  /** "rfc822;ha@haiduong.gov.vn" */
  orcpt?: string
}
/** All of it in the transaction of the delivery, or nothing; a repeated hand-over repeats nothing of it. */
export type Filed = {
  /** Copies; none: the message stays nowhere here. One whose mailbox is missing and not to be made lies in INBOX. */
  copies: readonly {
    mailbox: string
    flags: readonly string[]
    create: boolean
    /** with an edited header; absent: the message as it came */
    edited?: { raw: Uint8Array }
  }[]
  sends: readonly (Outgoing & {
    /** not sent while this key is remembered; remembered when it is sent */
    once?: { key: string; until: number }
    /** when none of its recipients can take it, the owner keeps the message in INBOX */
    orKeep?: boolean
  })[]
  /** `renew`: also when it is remembered already */
  remember: readonly { key: string; until: number; renew: boolean }[]
}
export type DeliveryResult =
  /** mailbox and uid 0: delivered, and kept nowhere by its owner's script */
  { ok: true; mailbox: MailboxId; uid: number; duplicate: boolean } | { ok: false; why: 'over-quota' }

/** `keep`: flags that the change leaves as they are; "*" is every flag but \\Seen and \\Deleted (rights s, t, w of RFC 4314) */
export type FlagChange = { op: 'add' | 'remove' | 'set'; flags: readonly string[]; keep?: readonly string[] }
/**
 * Who removes messages, and when: of persons and offices they then stay restorable until `purgeDeleted`, outside of every mailbox
 * and of the quota. Not so drafts that leave \Drafts: programs replace a draft with every save.
 */
export type Keep = { by: string; at: number }
/** Entries of one mailbox: more people are a group. */
export const maxAclEntries = 200
/** Folders that others may have shown to one person; the rest is not listed. */
export const maxAclNaming = 2_000

/** Every write there is: what goes in, what comes back. Uint8Arrays are copied or transferred, never kept. */
export type Jobs = {
  /** special folders of a new account; idempotent. A register gets INBOX (registerInbox), Ledger, Handled, Dead letters. */
  openAccount: {
    in: { account: AccountId; kind: 'person' | 'office' | 'register' | 'service' }
    out: Record<string, never>
  }
  deliver: {
    in: { raw: Uint8Array; recipients: readonly Recipient[]; handover?: string; at: number }
    out: { results: DeliveryResult[] }
  }
  append: {
    /** `at`: now, when it is absent */
    in: {
      mailbox: MailboxId
      raw: Uint8Array
      flags: readonly string[]
      internalDate: number
      at?: number
      quota?: number
      mostMessages?: number
    }
    out: { uid: number; uidValidity: number } | { refused: 'over-quota' | 'append-only' | 'gone' }
  }
  /**
   * Several messages, all or none, in their order and in one transaction (RFC 3502). `replaces` leaves its mailbox in the
   * same transaction (RFC 8508); what it held may be filled again. `replaced-gone`: somebody removed it meanwhile.
   */
  appendAll: {
    in: {
      mailbox: MailboxId
      /** with `once` a message is added only where its key was not remembered before this job, and the key then is, until that time (100 days at most) */
      messages: readonly {
        raw: Uint8Array
        flags: readonly string[]
        internalDate: number
        once?: { key: string; until: number }
      }[]
      /** now, when it is absent */
      at?: number
      quota?: number
      mostMessages?: number
      replaces?: { mailbox: MailboxId; uid: number }
    }
    out: { uids: number[]; uidValidity: number } | { refused: 'over-quota' | 'append-only' | 'gone' | 'replaced-gone' }
  }
  /**
   * `modified`: UIDs refused by UNCHANGEDSINCE; `gave`: mod-sequences that this job gave, and nobody else, each with the UIDs
   * that got it. `quiet`: `changed` is not asked for and comes back empty.
   */
  storeFlags: {
    in: { mailbox: MailboxId; uids: readonly number[]; change: FlagChange; unchangedSince?: number; quiet?: boolean }
    out:
      | {
          changed: { uid: number; modseq: number; flags: readonly string[] }[]
          modified: number[]
          gave: { modseq: number; uids: Uint32Array }[]
        }
      | { refused: 'append-only' }
  }
  copy: {
    in: {
      from: MailboxId
      uids: readonly number[]
      to: MailboxId
      move: boolean
      /** now, when it is absent */
      at?: number
      /** what is copied into the \\Trash of its own account may come to twice of both */
      quota?: number
      mostMessages?: number
      /** flags that the copies do not get, as in `FlagChange` */
      drop?: readonly string[]
    }
    out:
      | { uidValidity: number; pairs: [from: number, to: number][]; modseq: number }
      | { refused: 'append-only' | 'over-quota' | 'gone' }
  }
  /** only messages with \Deleted, unless `force`; they stay restorable where `keep` says who does it (see `Keep`) */
  expunge: {
    in: { mailbox: MailboxId; uids?: readonly number[]; force?: boolean; keep?: Keep }
    out: { uids: number[]; modseq: number } | { refused: 'append-only' }
  }
  createMailbox: {
    in: { account: AccountId; path: string; specialUse?: SpecialUse }
    out: { mailbox: Mailbox } | { refused: 'exists' | 'append-only' }
  }
  renameMailbox: {
    in: { account: AccountId; from: string; to: string }
    out: { ok: true } | { refused: 'exists' | 'missing' | 'append-only' }
  }
  deleteMailbox: {
    in: { account: AccountId; path: string; keep?: Keep }
    out: { ok: true } | { refused: 'missing' | 'append-only' | 'special' }
  }
  /**
   * Deleted messages back into mailboxes, with their flags, INTERNALDATE and EMAILID, under new UIDs. `to`: into that one of the
   * account; absent: each into the one it lay in, wherever that is now, which is made again when it is gone; INBOX when that was
   * Junk or Trash. More than a thousand take several transactions; UIDs that are not there (any more) are passed over.
   */
  restoreDeleted: {
    in: {
      account: AccountId
      /** as `StoreReader.deleted` gives them */
      uids: readonly number[]
      to?: MailboxId
      at: number
      quota?: number
      mostMessages?: number
    }
    out: { messages: number; mailboxes: MailboxId[] } | { refused: 'over-quota' | 'gone' | 'append-only' }
  }
  /** Deleted messages go for good: these of an account, or those deleted before an instant, or the oldest of an account beyond so many octets. */
  purgeDeleted: {
    in: { most: number } & (
      | { account: AccountId; uids: readonly number[] }
      | { before: number }
      | { account: AccountId; beyond: number }
    )
    /** fewer than `most`: there were no more */
    out: { messages: number; octets: number }
  }
  subscribe: { in: { mailbox: MailboxId; subscribed: boolean }; out: { ok: true } }
  /**
   * Entries of RFC 5464, all or none; null removes one. Each holder may then have `most`. `by` is told to listeners, so
   * that whoever changed them can know its own change.
   */
  setMetadata: {
    in: {
      account: AccountId
      mailbox: MailboxId | 0
      entries: readonly { holder: AccountId | 0; entry: string; value: Uint8Array | null }[]
      most: number
      by: string
    }
    out: { ok: true } | { refused: 'gone' | 'too-many' }
  }
  /** `dates` absent: those of the entry that is in force at `at` stay. Without rights left the entry is gone. */
  setAcl: {
    in: {
      mailbox: MailboxId
      identifier: string
      negative: boolean
      change: { op: 'set' | 'add' | 'remove'; rights: string }
      dates?: { from?: number; to?: number }
      by: string
      at: number
    }
    out: { ok: true } | { refused: 'gone' | 'limit' }
  }
  /** One transaction: local deliveries, the copy in Sent, and a queue row for each outside recipient.
   *  `handover` makes a repeat (same account, recipients, Message-ID, octets; 3 days) return the first result. */
  submit: {
    in: Outgoing & {
      sent?: { account: AccountId; mailbox: string }
      handover?: string
      at: number
      /** of recipients outside */
      dsn?: readonly { to: string; request: DsnRequest }[]
    }
    out: { duplicate: boolean; results: DeliveryResult[]; queued: number[] }
  }
  /** design §5; `command.uid` may be gone already when the outcome is `already` */
  ledgerCommit: {
    in: {
      account: AccountId
      expectedHead: number
      command: { id: string; uid: number }
      entry?: { raw: Uint8Array; data: string; messageId: string }
      year: number
      notices: readonly Outgoing[]
      at: number
    }
    out: { result: 'committed' | 'wrong-head' | 'already'; seq: number }
  }
  ledgerDeadLetter: { in: { account: AccountId; uid: number; why: string; at: number }; out: { ok: boolean } }
  /** takes due rows and marks them sending; a row left sending by a crash is waiting again at start */
  queueTake: { in: { now: number; limit: number }; out: { rows: QueuedMail[] } }
  /** `dsn` is delivered, or queued, in the same transaction that ends the row */
  queueResult: {
    in: {
      id: number
      attempt: { at: number; host: string; reply: string }
      state: QueueState
      nextAt?: number
      dsn?: {
        raw: Uint8Array
        local: readonly Recipient[]
        outside: readonly string[]
        messageId: string
        eightBit: boolean
      }
    }
    out: { ok: true }
  }
  /** What the files of a content say; `ok` is false when a file that was known has gone since: read it again. */
  filesRead: {
    in: {
      content: number
      /** texts folded anew */
      texts?: {
        text: string
        foldedHeader: string
        foldedText: string
        indexedHeader: number | null
        indexedText: number | null
      }
      files: readonly {
        part: string
        name: string
        /** the same for the same file; absent: of a kind without text */
        key?: string
        /** absent: the store knows it */
        read?: { state: string; text: string; folded: string; indexed?: number }
      }[]
    }
    out: { ok: boolean }
  }
  queueSet: { in: { id: number; state: 'waiting' | 'held' | 'failed'; nextAt?: number }; out: { ok: boolean } }
}
export type JobName = keyof Jobs
