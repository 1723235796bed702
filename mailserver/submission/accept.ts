/**
 * One submitted message, from its octets to the commit: who speaks, the seal, one store job. When this returns, the
 * message would survive a power cut; when it throws, nothing was kept.
 */

import { createHash, randomUUID } from 'node:crypto'
import type { Log } from '#kit/log.ts'
import { sameForm } from '#kit/mail/addresses.ts'
import { mailDate } from '#kit/mail/date.ts'
import { crashPoint } from '#kit/process/crash.ts'
import { domainOf } from '#mailserver/accounts/address.ts'
import type { Accounts, SignedIn, StoredAccount } from '#mailserver/accounts/port.ts'
import { statusReport } from '#mailserver/outbound/report.ts'
import { seal } from '#mailserver/seal/seal.ts'
import type { Filters } from '#mailserver/sieve/deliver/filters.ts'
import type { DsnRequest, Recipient, Store } from '#mailserver/store/port.ts'
import type { Letter, Speaker } from './header.ts'
import { complete, fromOf, messageIdOf, readLetter, refuse, wantsSentCopy } from './header.ts'
import type { Found, Target } from './recipients.ts'
import { fullReply, gather, isFull, recipient, SmtpReply } from './recipients.ts'

export type AcceptContext = {
  accounts: Accounts
  store: Store
  filters: Filters
  hostname: string
  now: () => number
  log: Log
}
export type Submitted = {
  by: SignedIn
  from: string
  to: readonly { to: string; found: Found; dsn: Pick<DsnRequest, 'notify' | 'orcpt'> }[]
  /** of the whole message (RFC 3461 §4.3, §4.4) */
  dsn: Pick<DsnRequest, 'ret' | 'envid'>
  raw: Buffer
  /** "ESMTPSA" and the like (RFC 3848) */
  protocol: string
  session: string
}

/**
 * @returns text of the 250
 * @throws Refusal 422 (the message or its From is not allowed); SmtpReply (a recipient cannot take it)
 */
export async function accept(context: AcceptContext, mail: Submitted): Promise<string> {
  const { accounts, store, log } = context
  const at = context.now()
  const letter = readLetter(mail.raw)
  const speaker = speakerOf(accounts, mail.by, fromOf(letter))
  const { raw, messageId } = complete(letter, {
    speaker,
    person: mail.by.account,
    received: `by ${context.hostname} with ${mail.protocol} id ${mail.session};\r\n\t${mailDate(at)}`,
    date: mailDate(at),
    newId: randomUUID(),
  })
  const local = gather(mail.to.flatMap(({ to, found }) => ('local' in found ? [{ to, ...found }] : [])))
  const outside = [...new Set(mail.to.flatMap(({ found }) => ('outside' in found ? [found.outside] : [])))]
  for (const { account, to } of local) if (isFull(store, account, raw.length)) throw fullReply(to[0]!)

  const sealed = await seal(raw, domainOf(speaker.address), accounts.sealKeys(domainOf(speaker.address)), new Date(at))
  crashPoint('submission.beforeAccept')
  const targets = local.map((t) => ({
    account: t.account,
    to: t.to[0]!,
    recipient: recipient(t, mail.from),
    mayRefuse: false,
    ...(t.list && { list: t.list }),
  }))
  const handover = messageIdOf(letter) === undefined ? undefined : handoverId(mail, letter)
  const write = (recipients: readonly Recipient[]) =>
    store.write('submit', {
      raw: sealed,
      from: mail.from,
      local: recipients,
      outside,
      ...(wantsSentCopy(letter) ? { sent: sentFolder(accounts, store, mail.by.account, speaker) } : {}),
      ...(handover !== undefined && { handover }),
      at,
      messageId,
      dsn: requests(mail),
      smtputf8: ![mail.from, ...outside].every(isAscii),
      eightBit: sealed.some((octet) => octet > 127),
    })
  /** whose owners refuse it, which a report of theirs says */
  const back: Target[] = []
  // what a service sends is official: no script of a person's decides about it (design §6)
  const done = mail.by.service
    ? await context.filters
        .unfiltered({ raw: sealed, from: mail.from, at }, targets)
        .then((planned) => write(planned.map((p) => p.recipient)))
    : await context.filters.file({ raw: sealed, from: mail.from, at }, targets, (planned) => {
        for (const [i, { returned }] of planned.entries()) if (returned) back.push(local[i]!)
        return write(planned.map((p) => p.recipient))
      })
  crashPoint('submission.afterAccept')
  const full = local.filter((_, i) => !done.results[i]!.ok)
  log.info(
    {
      by: mail.by.account.address,
      from: speaker.address,
      ...(speaker.for && { for: speaker.for, grant: speaker.grant }),
      to: mail.to.map((r) => r.to),
      messageId,
      octets: sealed.length,
      duplicate: done.duplicate,
      full: full.length,
    },
    'submitted',
  )
  // what is reported is known again when a client that did not hear our 250 sends again, or died before it came to this
  const key = handover ?? messageId
  if (full.length > 0) {
    if (full.length === local.length && outside.length === 0) throw fullReply(full[0]!.to[0]!)
    // whoever has several addresses in it is told of when one of them is to be
    const told = full.flatMap((f) => mail.to.find((each) => f.to.includes(each.to) && isWanted(each, 'FAILURE')) ?? [])
    if (told.length > 0) await report(context, mail, sealed, told, 'failed', key)
  }
  await reportSuccess(context, mail, sealed, { local, missed: [...full, ...back], key })
  return `2.0.0 OK ${messageId.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, 200)}`
}

/**
 * Own name, an office with the right to send for it, or a person who lets this one send on her behalf (RFC 5322 §3.6.2: From
 * is the one spoken for, Sender the one who sends). A register speaks for itself by its service's token only: no person
 * may send as a register.
 */
export function speakerOf(accounts: Accounts, by: SignedIn, from: string): Speaker {
  const { account } = by
  if (by.service && account.kind === 'register' && sameForm(from) === sameForm(account.address))
    return { address: account.address, name: account.name }
  const may = accounts.mayBe(account, sameForm(from))
  if (!may)
    throw refuse(
      '5.7.1',
      'You may not send as the address in From',
      'Ban khong co quyen gui thu bang dia chi nay',
      `${account.address} as ${from}`,
    )
  if (may.as === 'self') return { address: sameForm(from), name: account.name }
  return may.as === 'office'
    ? { address: sameForm(from), name: may.office.name, for: 'office', grant: may.grant }
    : { address: sameForm(from), name: may.owner.name, for: 'person', grant: may.grant }
}

/** What went out for an office is in the office's own folder, where its colleagues see it; for a person it is in the sender's. */
function sentFolder(
  accounts: Accounts,
  store: Store,
  person: StoredAccount,
  speaker: Speaker,
): { account: number; mailbox: string } {
  const owner = speaker.for === 'office' ? (accounts.byAddress(speaker.address) ?? person) : person
  const folder = store.read.mailboxes(owner.id).find((m) => m.specialUse === '\\Sent')
  return { account: owner.id, mailbox: folder?.path ?? 'Sent' }
}

/** The same body under the same Message-ID to the same people: a client that did not hear our 250 sends it again. */
function handoverId({ by, to }: Submitted, letter: Letter): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([by.account.id, to.map((r) => sameForm(r.to)).sort(), messageIdOf(letter)]))
  return hash.update(letter.body).digest('hex')
}

type To = Submitted['to'][number]

/** RFC 3461 §4.1: without NOTIFY, of failure alone. */
const isWanted = ({ dsn }: To, what: 'SUCCESS' | 'FAILURE'): boolean => dsn.notify?.includes(what) ?? what === 'FAILURE'

/** Of recipients outside, for the queue. */
function requests({ to, dsn }: Submitted): { to: string; request: DsnRequest }[] {
  return to.flatMap(({ found, dsn: own }) => {
    const request = { ...dsn, ...own }
    return 'outside' in found && Object.keys(request).length > 0 ? [{ to: found.outside, request }] : []
  })
}

/** RFC 3461 §5.2.7, RFC 3464 §2.3.3: what several people get is expanded, and none of them reports. */
async function reportSuccess(
  context: AcceptContext,
  mail: Submitted,
  sealed: Buffer,
  { local, missed, key }: { local: readonly Target[]; missed: readonly Target[]; key: string },
): Promise<void> {
  if (mail.from === '') return
  const reached = mail.to.filter(
    (each) =>
      isWanted(each, 'SUCCESS') &&
      'local' in each.found &&
      each.found.local.length + each.found.lists.length > 0 &&
      !missed.some((target) => target.to.includes(each.to)) &&
      local.some((target) => target.to.includes(each.to)),
  )
  const isOne = ({ found }: To) => 'local' in found && found.local.length === 1 && found.lists.length === 0
  for (const [kind, to] of [
    ['delivered', reached.filter(isOne)],
    ['expanded', reached.filter((each) => !isOne(each))],
  ] as const)
    if (to.length > 0) await report(context, mail, sealed, to, kind, key)
}

/** Filled up between RCPT and the commit: the others have the message, so its sender gets a report instead of a refusal. */
async function report(
  { accounts, store, hostname, now }: AcceptContext,
  mail: Submitted,
  sealed: Buffer,
  to: readonly To[],
  kind: 'failed' | 'delivered' | 'expanded',
  key: string,
): Promise<void> {
  const failed = kind === 'failed'
  const raw = statusReport({
    hostname,
    at: now(),
    to: mail.from,
    original: sealed,
    recipients: to.map(({ to: address, dsn: { orcpt } }) => ({
      address,
      ...(failed ? { status: '5.2.2', reply: '552 5.2.2 mailbox full' } : { status: '2.1.5' }),
      ...(orcpt === undefined ? {} : { orcpt }),
    })),
    kind,
    envid: mail.dsn.envid,
    full: mail.dsn.ret === 'FULL',
  })
  const back = accounts.deliver(mail.from)
  if (back.verdict !== 'ok') {
    if (failed) throw new SmtpReply(452, fullReply(to[0]!.to).message)
    return
  }
  await store.write('deliver', {
    raw,
    // a report is taken in whatever is full
    recipients: gather([{ to: mail.from, local: back.accounts, lists: [] }]).map((t) => {
      const { quota: _, mostMessages: __, ...own } = recipient(t, '')
      return own
    }),
    at: now(),
    handover: `${kind} ${key}`,
  })
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text)
}
