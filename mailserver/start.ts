/**
 * The mail service as one process: accounts, the store with its writer thread, the control API, and the listeners. Parts
 * start in the order in which they need each other, and stop in the reverse: first the control API, then all that talks to
 * the network at once (each has its own grace, and the supervisor waits for the sum), last the store writes what was accepted.
 */
import { paths, ports, type Settings } from '#config/settings.ts'
import { subsystem } from '#kit/log.ts'
import { warnParent } from '#kit/process/child.ts'
import { passkeySite } from '#kit/web/passkeysite.ts'
import { openAccounts } from '#mailserver/accounts/open.ts'
import { openMissing } from '#mailserver/control/openMissing.ts'
import { startControl } from '#mailserver/control/start.ts'
import { startFileTexts } from '#mailserver/filetext/start.ts'
import { startLmtp } from '#mailserver/lmtp/start.ts'
import { newCounters, useCounters } from '#mailserver/metrics/counters.ts'
import { startMetrics } from '#mailserver/metrics/start.ts'
import { startOutbound } from '#mailserver/outbound/start.ts'
import { seal } from '#mailserver/seal/seal.ts'
import { type Sessions, startSessions } from '#mailserver/sessions/start.ts'
import { Filters } from '#mailserver/sieve/deliver/filters.ts'
import { openStoreHost } from '#mailserver/store/open.ts'
import { type Submission, startSubmission } from '#mailserver/submission/start.ts'
import { Keeper } from '#mailserver/tls/keeper.ts'
import { startExpiry } from '#mailserver/upkeep/expiry.ts'
import { startPurge } from '#mailserver/upkeep/purge.ts'
import { QuotaWatch } from '#mailserver/upkeep/quotawatch.ts'

const log = subsystem('mailserver')

export type MailServer = AsyncDisposable & { sessions: Sessions['ports']; submission: Submission['ports'] }

/**
 * Serves until disposed. The caller holds the data folder's lock.
 *
 * @throws Error when a port is taken, TLS files do not belong together, or a store was written by a newer program
 */
export async function startMailserver({ settings }: { settings: Settings }): Promise<MailServer> {
  const at = paths(settings.data)
  const maxMessage = settings.maxMessageMb * 1024 * 1024
  await using parts = new AsyncDisposableStack()
  const tls = parts.use(new Keeper({ settings, folder: at.tls, warn: warnParent }))
  const now = clock(settings)

  const ldap = settings.ldapUrl === '' ? undefined : await import('./accounts/ldap.ts')
  const directory = ldap?.ldapSettings(settings)
  const judge = directory && ldap && new ldap.LdapDirectory(directory)
  // of this thread, the store's writer and the session threads
  const counted = newCounters(2 + settings.imapThreads)
  useCounters({ shared: counted, thread: 0 })
  const accounts = parts.use(openAccounts(at.accounts, { keys: at.keys, now, judge }))
  const store = parts.use(await openStoreHost({ dir: at.cell(1), counters: { shared: counted, thread: 1 } }))
  await openMissing({ accounts, store })
  // first use makes the keys: not during somebody's first act
  for (const domain of accounts.domains()) accounts.sealKeys(domain)

  if (settings.fileTexts === 'on') parts.use(startFileTexts({ store }))
  const filters = parts.use(new Filters({ accounts, store, hostname: settings.hostname }))

  const sealed = (raw: Uint8Array, domain: string) => seal(raw, domain, accounts.sealKeys(domain), new Date(now()))
  const quotas = parts.use(new QuotaWatch({ accounts, store, hostname: settings.hostname, seal: sealed, now }))
  parts.use(startExpiry({ accounts, store, now }))
  parts.use(startPurge({ store, days: settings.deletedDays, most: settings.deletedMb * 1_000_000, now }))

  const network: AsyncDisposable[] = []
  parts.defer(async () => {
    await Promise.all(network.map((part) => part[Symbol.asyncDispose]()))
  })
  network.push(startOutbound({ settings, accounts, store, now }))
  const sessions = await startSessions({
    settings,
    store,
    accountsPath: at.accounts,
    ldap: directory,
    tls,
    counters: counted,
  })
  network.push(sessions)
  const submission = await startSubmission({ settings, store, accounts, filters, tls, now })
  network.push(submission)
  network.push(await startLmtp({ settings, store, accounts, filters, now }))
  const list = async () => [...(await sessions.list()), ...submission.list()]
  if (settings.metrics === 'on') {
    const port = ports(settings.portBase).metrics
    network.push(
      await startMetrics({
        port,
        store,
        cell: at.cell(1),
        sessions: list,
        connections: () => sessions.connections(),
        counters: counted,
      }),
    )
  }
  // last, so that whoever waits for the socket finds everything there; and so the first to stop taking work
  parts.use(
    await startControl({
      socket: at.control,
      secret: at.secret,
      accounts,
      store,
      filters,
      seal: sealed,
      quotaChanged: (account) => quotas.look(account),
      connections: () => sessions.connections(),
      sessions: {
        list,
        end: async (which) => (await sessions.end(which)) + submission.end(which),
      },
      certificates: () => tls,
      maxMessage,
      deletedDays: settings.deletedDays,
      passkeySite: () => passkeySite(settings.deskOrigin),
      now,
    }),
  )
  tls.start() // now that all who serve them follow
  log.info({ data: settings.data, ...sessions.ports, ...submission.ports }, 'mail service ready')
  const running = parts.move()
  return { sessions: sessions.ports, submission: submission.ports, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Now, or in tests the instant that the suite was told to start at, going on from there. */
function clock(settings: Settings): () => number {
  if (settings.clock === '') return Date.now
  const shift = Date.parse(settings.clock) - Date.now()
  return () => Date.now() + shift
}
