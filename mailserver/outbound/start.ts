/**
 * Sends what is in the queue. A row is one recipient; it ends in a 250 of the other side, in a notification to its sender, or by
 * an administrator's hand, and every attempt is written down. Between the other side's 250 and our commit a crash makes one
 * letter arrive twice there: SMTP has no way to close that window (RFC 1047), and losing it would be worse.
 */
import { paths, type Settings } from '#config/settings.ts'
import { subsystem } from '#kit/log.ts'
import type { Answer, Delivery } from '#kit/mail/deliver.ts'
import { crashPoint } from '#kit/process/crash.ts'
import type { Accounts } from '#mailserver/accounts/port.ts'
import { count, counters } from '#mailserver/metrics/counters.ts'
import { readMessageId } from '#mailserver/mime/index.ts'
import { type ReportKind, statusReport } from '#mailserver/outbound/report.ts'
import { type Route, routeTo, type World, worldOf } from '#mailserver/outbound/routes.ts'
import { lifetime, type Verdict, verdictOf } from '#mailserver/outbound/schedule.ts'
import { Policies } from '#mailserver/outbound/store/stspolicies.ts'
import type { Jobs, QueuedMail, Store } from '#mailserver/store/port.ts'

const log = subsystem('outbound')
/** All at once, and to one destination: politeness and memory (a letter of 50 MB is held while it is sent). */
const mostAtOnce = 20
const mostToOne = 4
const mostTaken = 50
/** Rows that others put back (an administrator, a restart) are seen at least this often. */
const lookMs = 5_000
const idleMs = 10_000
/** At the end, an attempt under way has this long; a row whose attempt was cut off is taken again after the restart. */
const stopMs = 2_000

export type Outbound = AsyncDisposable

export type OutboundGiven = {
  store: Store
  accounts: Accounts
  settings: Settings
  /** the clock by which submission put rows into the queue */
  now?: () => number
  /** instead of the Internet */
  world?: World
}

export function startOutbound({ now = Date.now, ...rest }: OutboundGiven): Outbound {
  // a local start asks the world for nothing
  const policies =
    rest.world || rest.settings.mode === 'local'
      ? undefined
      : new Policies(`${paths(rest.settings.data).outbound}/policies.sqlite`)
  const given = { ...rest, now, world: rest.world ?? worldOf(rest.settings, policies) }
  const { store } = given
  const lanes = new Map<string, Lane>()
  const under = new Set<Promise<void>>()
  let stopping = false
  let looking = false
  let again = false

  async function look(): Promise<void> {
    if (looking || stopping) {
      again = true
      return
    }
    looking = true
    try {
      do {
        again = false
        if (under.size >= mostAtOnce) break
        const { rows } = await store.write('queueTake', {
          now: now(),
          limit: Math.min(mostTaken, mostAtOnce - under.size),
        })
        for (const row of rows) begin(row)
        if (rows.length > 0) again = true
      } while (again && !stopping)
    } catch (err) {
      log.error({ err }, 'the queue could not be read; tried again shortly')
    } finally {
      looking = false
    }
  }

  function begin(row: QueuedMail): void {
    const work = send(given, row, lanes)
      .catch((err) =>
        log.error({ err, id: row.id }, 'an attempt could not be written down; the row is taken again after a restart'),
      )
      .finally(() => {
        under.delete(work)
        void look()
      })
    under.add(work)
  }

  const end = store.onChange(
    ({ kind }) => {
      if (kind === 'queue') void look()
    },
    ['queue'],
  )
  const timer = setInterval(() => {
    for (const lane of lanes.values()) lane.sweep()
    void look()
  }, lookMs)
  void look()
  return {
    [Symbol.asyncDispose]: async () => {
      stopping = true
      end()
      clearInterval(timer)
      const late = Promise.withResolvers<void>()
      const grace = setTimeout(late.resolve, stopMs)
      await Promise.race([Promise.allSettled(under), late.promise])
      clearTimeout(grace)
      for (const lane of lanes.values()) lane.close()
      policies?.[Symbol.dispose]()
    },
  }
}

const results = { done: 'delivered', waiting: 'deferred', failed: 'failed' } as const

async function send(
  { store, accounts, settings, now, world }: Required<OutboundGiven>,
  row: QueuedMail,
  lanes: Map<string, Lane>,
): Promise<void> {
  const route = routeTo(row.to, settings, world)
  const lane = lanes.get(route.key) ?? new Lane()
  lanes.set(route.key, lane)
  crashPoint('outbound.beforeAttempt')
  const raw = store.read.queueOctets(row.id)
  let reports = false // the other side sends the reports that were asked for (RFC 3461 §5.2.1)
  const { host, answer } = await lane.run(route, (delivery) => {
    reports = delivery.offers('DSN')
    return attempt(delivery, row, raw)
  })
  crashPoint('outbound.afterAttempt')
  const at = now()
  const verdict = verdictOf(row, answer, at)
  count(counters.queue[results[verdict.state]])
  const kind = toldOf(row, verdict, reports)
  const notice = kind && noticeFor({ accounts, settings, row, raw, host, at, answer, kind })
  await store.write('queueResult', {
    id: row.id,
    attempt: { at, host, reply: answer.reply.slice(0, 1000) },
    state: verdict.state,
    ...(verdict.state === 'waiting' ? { nextAt: verdict.nextAt } : {}),
    ...(notice ? { dsn: notice } : {}),
  })
  const level = verdict.state === 'failed' ? 'warn' : 'info'
  log[level](
    { id: row.id, to: row.to, host, state: verdict.state, reply: answer.reply, messageId: row.messageId },
    'attempt',
  )
}

async function attempt(delivery: Delivery, row: QueuedMail, raw: Buffer): Promise<Answer> {
  if (row.smtputf8 && !delivery.offers('SMTPUTF8'))
    return {
      ok: false,
      code: 553,
      reply: `5.6.7 ${delivery.host} does not take addresses with other than ASCII letters`,
    }
  return delivery.send({
    from: row.from,
    to: row.to,
    raw,
    eightBit: row.eightBit,
    ...(row.dsn ? { dsn: row.dsn } : {}),
  })
}

/** What the sender is told after an attempt: as asked with NOTIFY, else of failure and of delay (RFC 3461 §4.1, §5.2). */
function toldOf({ dsn }: QueuedMail, verdict: Verdict, reports: boolean): ReportKind | undefined {
  const wants = (what: 'SUCCESS' | 'FAILURE' | 'DELAY') => dsn?.notify?.includes(what) ?? what !== 'SUCCESS'
  if (verdict.state === 'failed') return wants('FAILURE') ? 'failed' : undefined
  if (verdict.state === 'waiting') return verdict.warn && wants('DELAY') ? 'delayed' : undefined
  return wants('SUCCESS') && !reports ? 'relayed' : undefined
}

function noticeFor(about: {
  accounts: Accounts
  settings: Settings
  row: QueuedMail
  raw: Buffer
  host: string
  at: number
  answer: Answer
  kind: ReportKind
}): Jobs['queueResult']['in']['dsn'] {
  const { row, accounts, settings, kind } = about
  if (row.from === '') return undefined // never a notice about a notice (RFC 5321 §6.1)
  const verdict = verdictOf(row, about.answer, about.at)
  const raw = statusReport({
    hostname: settings.hostname,
    at: about.at,
    to: row.from,
    original: about.raw,
    recipients: [
      {
        address: row.to,
        status: verdict.state === 'failed' ? verdict.status : kind === 'delayed' ? '4.4.1' : '2.0.0',
        reply: about.answer.reply,
        host: about.host,
        ...(row.dsn?.orcpt === undefined ? {} : { orcpt: row.dsn.orcpt }),
      },
    ],
    kind,
    envid: row.dsn?.envid,
    full: row.dsn?.ret === 'FULL',
    ...(kind === 'delayed' ? { until: row.queuedAt + lifetime } : {}),
  })
  const to = accounts.deliver(row.from)
  const prefix = Buffer.from(`Return-Path: <>\r\nDelivered-To: ${row.from}\r\n`)
  return {
    raw,
    messageId: readMessageId(/^message-id:\s*(.+)$/im.exec(raw.subarray(0, 4096).toString('latin1'))?.[1]),
    local: to.verdict === 'ok' ? to.accounts.map((a) => ({ account: a.id, mailbox: 'INBOX', prefix })) : [],
    outside: to.verdict === 'not-ours' ? [row.from] : [],
    eightBit: raw.some((octet) => octet > 127),
  }
}

/** Connections to one destination: a few, kept for the next letter. */
class Lane {
  readonly #free: { delivery: Delivery; since: number }[] = []
  readonly #waiting: (() => void)[] = []
  #open = 0

  async run(route: Route, work: (delivery: Delivery) => Promise<Answer>): Promise<{ host: string; answer: Answer }> {
    while (this.#open >= mostToOne) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#open++
    let delivery: Delivery | undefined
    try {
      delivery = this.#take() ?? (await route.open())
      const answer = await work(delivery)
      if (answer.ok ? delivery.usable : await delivery.reset()) this.#free.push({ delivery, since: performance.now() })
      else delivery.close()
      return { host: delivery.host, answer }
    } catch (err) {
      delivery?.close()
      return { host: route.key, answer: failedToConnect(err) }
    } finally {
      this.#open--
      this.#waiting.shift()?.()
    }
  }

  #take(): Delivery | undefined {
    for (let kept = this.#free.pop(); kept; kept = this.#free.pop()) if (kept.delivery.usable) return kept.delivery
    return undefined
  }

  sweep(): void {
    const before = performance.now() - idleMs
    while (this.#free[0] && this.#free[0].since < before) this.#free.shift()!.delivery.close()
  }

  close(): void {
    for (const { delivery } of this.#free.splice(0)) delivery.close()
  }
}

/** No such domain is final (RFC 5321 §5.1); everything else about a connection may be better later. */
function failedToConnect(err: unknown): Answer {
  const { code, responseCode, message, response } = err as {
    code?: string
    responseCode?: number
    message?: string
    response?: string
  }
  const reply = response ?? message ?? String(err)
  if (responseCode !== undefined) return { ok: false, code: responseCode, reply }
  if (code === 'ENOTFOUND' || code === 'ENOMX') return { ok: false, code: 550, reply: `5.1.2 ${reply}` }
  return { ok: false, reply }
}
