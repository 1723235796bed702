/**
 * LMTP (RFC 2033) for programs of the administrator's that deliver into mailboxes: a list server, a scanner, an importer.
 * What they bring may come from anywhere, so nothing is sealed, and no field of it is believed. Each recipient has an answer of
 * its own, after the commit. The same octets again are another message: a list server means what it sends twice, and whoever has not
 * heard the answers may bring a letter a second time (design §6).
 *
 * smtp-server takes a recipient that is given twice for one, and would then answer once where the client waits for two
 * answers: what RCPT accepted is counted here.
 */
import type { SMTPServerSession } from 'smtp-server'
import type { Settings } from '#config/settings.ts'
import { ports } from '#config/settings.ts'
import { subsystem } from '#kit/log.ts'
import { mailDate } from '#kit/mail/date.ts'
import { fold } from '#mailserver/accounts/address.ts'
import type { Accounts } from '#mailserver/accounts/port.ts'
import { count, counters, histograms, took } from '#mailserver/metrics/counters.ts'
import type { Filters } from '#mailserver/sieve/deliver/filters.ts'
import type { Recipient, Store } from '#mailserver/store/port.ts'
import { release } from '#mailserver/submission/data.ts'
import { paceOf, usualPace } from '#mailserver/submission/pace.ts'
import {
  ascii,
  find,
  fullReply,
  gather,
  isFull,
  type Local,
  ownerRefused,
  recipient,
  SmtpReply,
  tooBigReply,
} from '#mailserver/submission/recipients.ts'
import { ours } from '#mailserver/submission/reply.ts'
import { announcedSize, type Listening, letGo, listen, readAll } from '#mailserver/submission/server.ts'

/** A list server's share of its members; each costs a row, and all are one transaction. */
const MAX_RECIPIENTS = 1000
const MAX_CLIENTS = 50
const SILENCE_MS = 5 * 60_000

const log = subsystem('lmtp')

type Accepted = { to: string } & Local

export type LmtpGiven = {
  settings: Pick<Settings, 'listen' | 'portBase' | 'hostname' | 'maxMessageMb'> & Partial<Pick<Settings, 'patience'>>
  accounts: Accounts
  store: Store
  filters: Filters
  /** instead of that of the settings; 0 takes a free one */
  port?: number
  now?: () => number
}

export async function startLmtp({
  settings,
  accounts,
  store,
  filters,
  port,
  now = Date.now,
}: LmtpGiven): Promise<Listening> {
  const most = settings.maxMessageMb * 1024 * 1024
  const accepted = new WeakMap<object, Accepted[]>()
  return listen(
    {
      name: settings.hostname,
      banner: 'Cong So LMTP',
      lmtp: true,
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      size: most,
      maxClients: MAX_CLIENTS,
      socketTimeout: SILENCE_MS,
      disableReverseLookup: true,
      logger: false,
      onMailFrom: (address, _session, done) => {
        const size = address.args ? Number(address.args['SIZE'] ?? 0) : 0
        done(size > most ? tooBigReply(settings.maxMessageMb) : undefined)
      },
      onRcptTo(address, session, done) {
        try {
          rcptTo(address.address, session)
          done()
        } catch (err) {
          count(counters.recipients.lmtp.refused)
          done(err instanceof SmtpReply ? err : failed(err))
        }
      },
      onData(stream, session, done) {
        const all = accepted.get(session.envelope) ?? []
        const begun = performance.now()
        readAll(stream)
          .then(async (raw) => {
            if (!raw) return all.map(() => tooBigReply(settings.maxMessageMb))
            const answers = await deliver(raw, session, all)
            release(raw) // not after a failure: its files may still be written
            return answers
          })
          .catch((err) => all.map(() => failed(err)))
          // smtp-server sends an array one by one; its types know only one answer
          .then((answers) => {
            letGo(stream)
            for (const each of answers)
              count(counters.recipients.lmtp[typeof each === 'string' ? 'accepted' : 'refused'])
            took(histograms.accepted.lmtp, begun)
            done(null, answers as unknown as string)
          })
      },
    },
    {
      host: settings.listen,
      port: port ?? ports(settings.portBase).lmtp,
      pace: paceOf(usualPace, settings.patience),
    },
    (err) => log.debug({ err }, 'connection failed'),
  )

  function rcptTo(address: string, session: SMTPServerSession): void {
    const all = accepted.get(session.envelope) ?? []
    if (all.length >= MAX_RECIPIENTS) throw new SmtpReply(452, '4.5.3 Too many recipients / Qua nhieu nguoi nhan')
    const found = find(accounts, address)
    if ('outside' in found) throw new SmtpReply(550, '5.7.1 We do not relay / May chu khong chuyen tiep')
    const size = announcedSize(session)
    for (const account of found.local) if (isFull(store, account, size)) throw fullReply(address)
    all.push({ to: fold(address), ...found })
    accepted.set(session.envelope, all)
  }

  /** One durable job for all; a mailbox that is full does not keep the others from their mail. */
  async function deliver(
    raw: Buffer,
    session: SMTPServerSession,
    all: readonly Accepted[],
  ): Promise<(string | Error)[]> {
    const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : ''
    const targets = gather(all.filter((a, i) => all.findIndex((b) => b.to === a.to) === i))
    const at = now()
    const { kept, refused } = await filters.file(
      { raw, from, at },
      targets.map((t) => ({
        account: t.account,
        to: t.to[0]!,
        recipient: withTrace(recipient(t, from), session, at),
        ...(t.list && { list: t.list }),
        // every address that led here leads to nobody else
        mayRefuse: all.every(
          ({ local, lists }) => local.length + lists.length === 1 || !local.some((a) => a.id === t.account.id),
        ),
      })),
      async (planned) => {
        const wanted = planned.filter((p) => p.refused === undefined).map((p) => p.recipient)
        const { results } =
          wanted.length === 0 ? { results: [] } : await store.write('deliver', { raw, at, recipients: wanted })
        return {
          kept: new Set(wanted.flatMap(({ account }, i) => (results[i]!.ok ? [account] : []))),
          refused: new Map(planned.flatMap((p) => (p.refused === undefined ? [] : [[p.recipient.account, p.refused]]))),
        }
      },
    )
    log.info({ from, to: all.map((a) => a.to), octets: raw.length, kept: kept.size, of: targets.length }, 'delivered')
    return all.map(({ to, local, lists }) => {
      const no = local.map((a) => refused.get(a.id)).find((r) => r !== undefined)
      if (no !== undefined) return ownerRefused(no)
      return [...local, ...lists.map((list) => list.account)].every((account) => kept.has(account.id))
        ? '2.1.5 Delivered / Da nhan'
        : fullReply(to)
    })
  }

  /** RFC 5321 §4.4: the line that says from whom and when we took it, beside the recipient's own lines. */
  function withTrace(to: Recipient, session: SMTPServerSession, at: number): Recipient {
    const helo = ascii(session.hostNameAppearsAs || 'unknown').slice(0, 200)
    const line = `Received: from ${helo} (${session.remoteAddress})\r\n\tby ${settings.hostname} with LMTP id ${session.id};\r\n\t${mailDate(at)}\r\n`
    return { ...to, prefix: Buffer.concat([to.prefix, Buffer.from(line)]) }
  }
}

function failed(err: unknown): Error {
  // the client hung up in the middle of its message: nothing was kept, and nobody is there to hear it
  if ((err as { code?: string }).code === 'ECONNECTION' || err instanceof SmtpReply) return err as Error
  return ours(err, log, 'delivery failed')
}
