/** Messages that leave a delivery: their envelope and their own lines. */
import type { Accounts, StoredAccount } from '#mailserver/accounts/port.ts'
import { statusReport } from '#mailserver/outbound/report.ts'
import { limitsOf } from '#mailserver/store/limits.ts'
import type { Filed, Recipient } from '#mailserver/store/port.ts'

export type Send = Filed['sends'][number]

/** Envelope facts of octets that go to one address. */
export function mailOf(raw: Uint8Array, from: string, to: string): Omit<Send, 'local' | 'outside'> {
  return {
    raw,
    from,
    messageId: messageIdOf(raw),
    smtputf8: !/^[\x00-\x7f]*$/.test(from + to),
    eightBit: raw.some((octet) => octet > 127),
  }
}

/** RFC 5429 §2.1.3: when the protocol can no longer say no, a report does, and never to nobody. */
export function refusal(
  accounts: Accounts,
  given: { hostname: string; at: number; from: string; to: string; raw: Uint8Array; reason: string },
): Send[] {
  const { hostname, at, from, to, raw, reason } = given
  if (from === '') return []
  const report = statusReport({
    hostname,
    at,
    to: from,
    original: raw,
    recipients: [{ address: to, status: '5.7.1', reply: reason }],
    kind: 'failed',
  })
  const back = accounts.deliver(from)
  return [
    {
      ...mailOf(report, '', from),
      local: back.verdict === 'ok' ? back.accounts.map((a) => ownLines(a, from, '')) : [],
      outside: back.verdict === 'not-ours' ? [from] : [],
    },
  ]
}

/** RFC 5321 §4.4; a stranger's address cannot end its line. */
export function ownLines(account: StoredAccount, to: string, from: string): Recipient {
  const clean = (address: string) => address.replaceAll(/[\p{Cc}<>]/gu, '').slice(0, 400)
  return {
    account: account.id,
    mailbox: 'INBOX',
    prefix: Buffer.from(`Return-Path: <${clean(from)}>\r\nDelivered-To: ${clean(to)}\r\n`),
    ...limitsOf(account),
  }
}

function messageIdOf(raw: Uint8Array): string {
  const head = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, 64 * 1024)).toString('latin1')
  return /^message-id:\s*<?([^<>\s]{1,998})/im.exec(head)?.[1] ?? ''
}
