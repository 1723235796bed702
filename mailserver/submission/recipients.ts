/** Where a recipient's mail goes, and the reply when it cannot. Shared by submission and LMTP. */
import { Refusal } from '#kit/refusal.ts'
import { fold } from '#mailserver/accounts/address.ts'
import type { Accounts, MailingList, StoredAccount } from '#mailserver/accounts/port.ts'
import { refusedByOwner, refusedReply, replies } from '#mailserver/control/replies.ts'
import { exceeds, limitsOf } from '#mailserver/store/limits.ts'
import type { Recipient, Store } from '#mailserver/store/port.ts'

export class SmtpReply extends Error {
  override name = 'SmtpReply'
  readonly responseCode: number
  /** @param message enhanced code and text */
  constructor(responseCode: number, message: string) {
    super(message)
    this.responseCode = responseCode
  }
}

export type Target = { account: StoredAccount; to: string[]; list?: MailingList }
/** `lists`: whose members elsewhere are reached too */
export type Local = { local: readonly StoredAccount[]; lists: readonly MailingList[] }
export type Found = Local | { outside: string }

export const fullReply = (address: string) =>
  new SmtpReply(
    552,
    `5.2.2 Mailbox of ${ascii(address)} is full / Hop thu cua nguoi nhan da day, vui long bao nguoi nhan don bot thu`,
  )
export const tooBigReply = (megabytes: number) =>
  new SmtpReply(552, `5.3.4 Message is larger than ${megabytes} MB / Thu lon hon ${megabytes} MB`)

export const ownerRefused = (reason: string) => {
  const { code, message } = refusedByOwner(reason)
  return new SmtpReply(code, message)
}

/** @throws SmtpReply for an address of ours that takes no mail */
export function find(accounts: Accounts, address: string): Found {
  try {
    const found = accounts.deliver(address)
    if (found.verdict === 'ok') return { local: found.accounts, lists: found.lists }
    if (found.verdict === 'not-ours') return { outside: outsideForm(address) }
    const { code, message } = refusedReply(found.verdict)
    throw new SmtpReply(code, message)
  } catch (err) {
    if (err instanceof Refusal) throw new SmtpReply(451, replies.later.message)
    throw err
  }
}

/** Each account once, with every address that led to it. */
export function gather(found: readonly ({ to: string } & Local)[]): Target[] {
  const targets = new Map<number, Target>()
  for (const { to, local, lists } of found) {
    const reached = [
      ...local.map((account) => ({ account })),
      ...lists.map((list) => ({ account: list.account, list })),
    ]
    for (const each of reached) {
      const target = targets.get(each.account.id)
      if (target) target.to.push(to)
      else targets.set(each.account.id, { ...each, to: [to] })
    }
  }
  return [...targets.values()]
}

/** Registers, offices and services have no quota, and so are never full. */
export function isFull(store: Store, account: StoredAccount, octets: number): boolean {
  // a size that was not announced is no reason to let one more in
  return exceeds(store.read.usage(account.id), { octets: Math.max(1, octets), messages: 1 }, limitsOf(account))
}

/**
 * The recipient's own lines (RFC 5321 §4.4). Delivered-To keeps the address as it was written, with the detail after the +:
 * that is how a register's worker knows which of its questions is answered.
 */
export function recipient({ account, to }: Target, from: string): Recipient {
  const lines = [`Return-Path: <${clean(from)}>`, ...to.map((address) => `Delivered-To: ${clean(address)}`)]
  return {
    account: account.id,
    mailbox: 'INBOX',
    prefix: Buffer.from(`${lines.join('\r\n')}\r\n`),
    ...limitsOf(account),
  }
}

/** A stranger's address cannot end its line. */
function clean(address: string): string {
  return address.replaceAll(/[\p{Cc}<>]/gu, '').slice(0, 400)
}

export function ascii(text: string): string {
  return text.replaceAll(/[^\x21-\x7e]/g, '?')
}

/** The local part belongs to the other side and is left as it is. */
function outsideForm(address: string): string {
  const at = address.lastIndexOf('@')
  return `${address.slice(0, at)}@${fold(address.slice(at + 1))}`
}
