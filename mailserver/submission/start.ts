/**
 * Submission (RFC 6409): 587 with STARTTLS and 465 with TLS from the start (RFC 8314). Who has not signed in sends nothing.
 * Passwords travel in the clear only when the listener is on loopback.
 */
import type { SMTPServerAddress, SMTPServerOptions, SMTPServerSession } from 'smtp-server'
import type { Settings } from '#config/settings.ts'
import { ports } from '#config/settings.ts'
import { subsystem } from '#kit/log.ts'
import { fold } from '#mailserver/accounts/address.ts'
import type { Accounts, SignedIn } from '#mailserver/accounts/port.ts'
import { count, counters, histograms, took } from '#mailserver/metrics/counters.ts'
import { beforeLoginMs } from '#mailserver/sessions/limits.ts'
import type { Seen, Which } from '#mailserver/sessions/seen.ts'
import type { Filters } from '#mailserver/sieve/deliver/filters.ts'
import type { Store } from '#mailserver/store/port.ts'
import type { Certificates } from '#mailserver/tls/certificates.ts'
import { accept, speakerOf } from './accept.ts'
import { type AuthConnection, authMethods, takeAuth } from './authenticate.ts'
import { envelopeDsn, type RecipientDsn, recipientDsn } from './dsn.ts'
import { paceOf, usualPace } from './pace.ts'
import type { Found } from './recipients.ts'
import { find, fullReply, isFull, SmtpReply, tooBigReply } from './recipients.ts'
import { replyOf } from './reply.ts'
import { announcedSize, letGo, listen, readAll, smtpTls } from './server.ts'

/** A letter to every head of department in the province; more is a group's work. */
const MAX_RECIPIENTS = 200
/** Pages, workers and mail programs of a province that are sending at this moment; each holds one message in memory. */
const MAX_CLIENTS = 500
/** A signed-in client that says nothing; RFC 5321 §4.5.3.2.7 asks servers for 5 minutes. */
const SILENCE_MS = 5 * 60_000

const log = subsystem('submission')

export type SubmissionGiven = {
  settings: Pick<Settings, 'listen' | 'portBase' | 'hostname' | 'maxMessageMb'> & Partial<Pick<Settings, 'patience'>>
  accounts: Accounts
  store: Store
  filters: Filters
  tls: Certificates
  /** instead of those of the settings; 0 takes a free one */
  ports?: { submission: number; submissions: number }
  now?: () => number
}
export type Submission = AsyncDisposable & {
  ports: { submission: number; submissions: number }
  /** those that are signed in */
  list(): Seen[]
  /** @returns how many there were */
  end(which: Which): number
}

export async function startSubmission({
  settings,
  accounts,
  store,
  filters,
  tls,
  ports: given,
  now = Date.now,
}: SubmissionGiven): Promise<Submission> {
  const at = given ?? ports(settings.portBase)
  const context = { accounts, store, filters, hostname: settings.hostname, now, log }
  // What RCPT found, kept with the envelope, so that DATA does not decide otherwise.
  const found = new WeakMap<object, Map<string, { found: Found; dsn: RecipientDsn }>>()

  const options: SMTPServerOptions = {
    name: settings.hostname,
    banner: 'Cong So',
    ...smtpTls(tls.pairs),
    size: settings.maxMessageMb * 1024 * 1024,
    authMethods: authMethods(accounts),
    allowInsecureAuth: isLoopback(settings.listen),
    maxClients: MAX_CLIENTS,
    maxRecipients: MAX_RECIPIENTS,
    socketTimeout: SILENCE_MS,
    hideDSN: false,
    disableReverseLookup: true,
    logger: false,
    // AUTH is not even shown before TLS where others could listen: programs send passwords to what is shown.
    onConnect: (session, done) => {
      if (!session.secure && !isLoopback(settings.listen)) Object.assign(session, { disabledCommands: ['AUTH'] })
      done()
    },
    onSecure: (_socket, session, done) => {
      Object.assign(session, { disabledCommands: [] })
      done()
    },
    onMailFrom: (address, session, done) =>
      answer(mailFrom(address.address, address.args || {}, session), () => done(), done),
    onRcptTo: (address, session, done) =>
      answer(
        rcptTo(address, session),
        () => done(),
        (err) => {
          count(counters.recipients.submission.refused)
          done(err)
        },
      ),
    onData: (stream, session, done) => {
      const begun = performance.now()
      const to = [...(found.get(session.envelope) ?? [])].map(([to, rest]) => ({ to, ...rest }))
      answer(
        readAll(stream).then((raw) => {
          if (!raw) throw tooBigReply(settings.maxMessageMb)
          const by = signedIn(session)
          mustBeGood(by) // a right may have ended since MAIL; `accept` asks for the one to send as well
          const { mailFrom } = session.envelope
          return accept(context, {
            by,
            from: mailFrom ? mailFrom.address : '',
            to,
            dsn: envelopeDsn(session),
            raw,
            protocol: session.transmissionType,
            session: session.id,
          })
        }),
        (text) => {
          letGo(stream)
          count(counters.recipients.submission.accepted, to.length)
          took(histograms.accepted.submission, begun)
          done(null, text)
        },
        (err) => {
          letGo(stream)
          count(counters.recipients.submission.refused, to.length)
          done(err)
        },
      )
    },
  }

  async function mailFrom(
    address: string,
    args: Record<string, string | true>,
    session: SMTPServerSession,
  ): Promise<void> {
    const by = signedIn(session)
    mustBeGood(by)
    if (Number(args['SIZE'] ?? 0) > settings.maxMessageMb * 1024 * 1024) throw tooBigReply(settings.maxMessageMb)
    envelopeDsn(session)
    // Bounces go to this address, so it must be one's own; a program may ask for none.
    if (address === '') {
      if (by.service) return
      throw new SmtpReply(550, '5.7.1 Empty sender is for services / Thieu dia chi nguoi gui')
    }
    speakerOf(accounts, by, address)
  }

  function mustBeGood(by: SignedIn): void {
    if (!accounts.stillGood(by))
      throw new SmtpReply(530, '5.7.0 Sign in again / Phien dang nhap da het, vui long dang nhap lai')
  }

  async function rcptTo(given: SMTPServerAddress, session: SMTPServerSession): Promise<void> {
    const { address } = given
    const where = find(accounts, address)
    const size = announcedSize(session)
    if ('local' in where) for (const account of where.local) if (isFull(store, account, size)) throw fullReply(address)
    const all = found.get(session.envelope) ?? new Map<string, { found: Found; dsn: RecipientDsn }>()
    all.set(fold(address), { found: where, dsn: recipientDsn(given) })
    found.set(session.envelope, all)
  }

  await using stack = new AsyncDisposableStack() // of what has started, should the second port be taken
  const pace = paceOf({ ...usualPace, signInMs: beforeLoginMs }, settings.patience)
  const insecure = isLoopback(settings.listen)
  const onConnection = (connection: AuthConnection) => takeAuth(connection, { accounts, log, insecure })
  const onError = (err: Error) => log.debug({ err }, 'connection failed')
  const submission = stack.use(
    await listen(options, { host: settings.listen, port: at.submission, pace }, onError, onConnection),
  )
  const submissions = stack.use(
    await listen(
      { ...options, secure: true },
      { host: settings.listen, port: at.submissions, pace },
      onError,
      onConnection,
    ),
  )
  const unfollow = tls.onChange((pairs) => {
    for (const listening of [submission, submissions]) listening.secure(pairs)
  })
  stack.move()
  return {
    ports: { submission: submission.port, submissions: submissions.port },
    list: () => [submission, submissions].flatMap((listening) => listening.list()),
    end: (which) => [submission, submissions].reduce((sum, listening) => sum + listening.end(which), 0),
    // at once: each waits for its own clients
    [Symbol.asyncDispose]: async () => {
      unfollow()
      await Promise.all([submission, submissions].map((listening) => listening[Symbol.asyncDispose]()))
    },
  }
}

function signedIn(session: SMTPServerSession): SignedIn {
  if (!session.user) throw new SmtpReply(530, '5.7.0 Sign in first / Vui long dang nhap truoc')
  return session.user as SignedIn
}

function answer<T>(work: Promise<T>, ok: (value: T) => void, fail: (err: Error) => void): void {
  work.then(ok, (err: unknown) => fail(replyOf(err, log)))
}

function isLoopback(address: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(address)
}
