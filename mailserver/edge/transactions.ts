/** Decisions on one mail transaction (RFC 5321 §3.3), step by step. What is decided, and why, is in `policy/`. */
import type { SMTPServerAddress, SMTPServerSession } from 'smtp-server'
import type { Directory } from '#kit/directory/calls.ts'
import { subsystem } from '#kit/log.ts'
import { isDiskFull } from '#kit/store/diskfull.ts'
import { acceptMail, type Means } from '#mailserver/edge/policy/accept.ts'
import type { Answer } from '#mailserver/edge/policy/answer.ts'
import { diskFull, later, tooLarge } from '#mailserver/edge/policy/answer.ts'
import { MAX_HEADER, type Path, readTop, receivedLine } from '#mailserver/edge/policy/header.ts'
import type { Hosts } from '#mailserver/edge/policy/host.ts'
import { decideRecipient } from '#mailserver/edge/policy/recipient.ts'
import type { Room } from '#mailserver/edge/policy/room.ts'
import { refuseWithoutRoom } from '#mailserver/edge/policy/spool.ts'
import type { Scanner } from '#mailserver/edge/scanner.ts'
import type { Letter } from '#mailserver/edge/smtp/letter.ts'

const log = subsystem('edge')

export type TransactionsGiven = {
  means: Means
  directory: Pick<Directory, 'rcpt.check'>
  room: Room
  /** undefined: mail is not scanned */
  scanner: Scanner | undefined
  /** undefined where there is no DNS to ask */
  hosts: Hosts | undefined
  hostname: string
  spool: string
  now: () => number
}

export class Transactions {
  readonly #given: TransactionsGiven
  readonly #hosts = new WeakMap<SMTPServerSession, Promise<string | undefined>>()

  constructor(given: TransactionsGiven) {
    this.#given = given
  }

  mail(address: SMTPServerAddress, session: SMTPServerSession): Promise<Answer> {
    return decided(session, async () => {
      const { hosts, spool } = this.#given
      // asked now, read at the end of DATA: nobody waits for it
      if (hosts && !this.#hosts.has(session)) this.#hosts.set(session, hosts.nameOf(session.remoteAddress))
      return refuseWithoutRoom(spool, sizeOf(address)) ?? { kind: 'accept', text: 'sender ok' }
    })
  }

  recipient({ address }: SMTPServerAddress, session: SMTPServerSession): Promise<Answer> {
    const { mailFrom, rcptTo } = session.envelope
    const size = mailFrom ? sizeOf(mailFrom) : undefined
    return decided(session, () =>
      decideRecipient(this.#given.directory, {
        address: address.normalize('NFC'),
        taken: rcptTo.length,
        ...(size === undefined ? {} : { size }),
      }),
    )
  }

  /** At the end of DATA. Does not reject. */
  async accept(letter: Letter, session: SMTPServerSession): Promise<Answer> {
    const answer = await decided(session, () => this.#accept(letter, session))
    if (answer.kind === 'accept') return { kind: 'accept', text: `${answer.text} (${refOf(session)})` }
    const { code, detail, text } = answer
    log.info(
      { ref: refOf(session), ip: session.remoteAddress, from: senderOf(session), code, detail, text },
      'not taken',
    )
    return answer
  }

  async #accept(letter: Letter, session: SMTPServerSession): Promise<Answer> {
    const { means, room, scanner, hostname, now } = this.#given
    if (letter.tooLarge) return tooLarge
    if (letter.trouble !== undefined) throw letter.trouble
    const top = readTop(await letter.top(MAX_HEADER), letter.size)
    if ('kind' in top) return top
    const envelope = { from: senderOf(session), to: session.envelope.rcptTo.map((r) => r.address.normalize('NFC')) }
    const path = this.#path(session, await this.#hosts.get(session))
    const above = Buffer.from(receivedLine({ ...path, by: hostname, at: now() }))
    const scanned = await scanner?.scan({
      ...envelope,
      ...path,
      async *pieces() {
        yield Buffer.concat([above, top.header])
        yield* letter.pieces(top.bodyAt)
      },
    })
    if (scanned && 'refused' in scanned) return scanned.refused
    using _held = await room.enter(letter.size)
    const raw = Buffer.concat([above, top.header, ...(await letter.rest(top.bodyAt))])
    const { helo, ip, ref } = path
    return await acceptMail(means, { ...envelope, raw, helo, ip, ref, scan: scanned?.found }, now())
  }

  #path(session: SMTPServerSession, host: string | undefined): Omit<Path, 'by' | 'at'> {
    const { hostNameAppearsAs, remoteAddress, transmissionType, tlsOptions, envelope } = session
    return {
      helo: hostNameAppearsAs || '',
      host,
      ip: remoteAddress,
      protocol: envelope.smtpUtf8 ? transmissionType.replace(/^E?SMTP/, 'UTF8SMTP') : transmissionType,
      tls: tlsOptions ? { version: tlsOptions.version, name: tlsOptions.standardName ?? tlsOptions.name } : undefined,
      ref: refOf(session),
    }
  }
}

/** What is thrown is a fault of ours, or the world's: never an acceptance, and never for good. */
async function decided(session: SMTPServerSession, decide: () => Promise<Answer>): Promise<Answer> {
  try {
    return await decide()
  } catch (err) {
    if (isDiskFull(err)) {
      log.error({ why: (err as Error).message, ref: refOf(session) }, 'not taken: the disk is full')
      return diskFull
    }
    log.error({ err, ref: refOf(session) }, 'decision failed, the sender will try again')
    return later
  }
}

/** In the reply, in Received and in every line of the log about this mail. */
const refOf = (session: SMTPServerSession): string => `${session.id}.${session.transaction}`

const senderOf = ({ envelope: { mailFrom } }: SMTPServerSession): string => (mailFrom ? mailFrom.address : '')

/** RFC 1870. */
function sizeOf({ args }: SMTPServerAddress): number | undefined {
  const size = args ? args['SIZE'] : undefined
  return typeof size === 'string' ? Number(size) : undefined
}
