/** A session thread: joins the store, opens the accounts, serves IMAP, POP3 and ManageSieve on the shared ports until told to stop. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { subsystem } from '#kit/log.ts'
import type { LdapSettings } from '#mailserver/accounts/ldap.ts'
import { openAccounts } from '#mailserver/accounts/open.ts'
import { imap } from '#mailserver/imap/protocol.ts'
import { managesieve } from '#mailserver/managesieve/protocol.ts'
import { type CountersOf, useCounters } from '#mailserver/metrics/counters.ts'
import { pop3 } from '#mailserver/pop3/protocol.ts'
import { joinStore } from '#mailserver/store/open.ts'
import { Contexts } from '#mailserver/tls/contexts.ts'
import type { Pair } from '#mailserver/tls/pair.ts'
import { Claims } from './claims.ts'
import { Listener } from './listener.ts'
import type { Seen, Which } from './seen.ts'

export type ThreadData = {
  store: MessagePort
  accountsPath: string
  /** who knows the passwords that are not kept here */
  ldap?: LdapSettings | undefined
  hostname: string
  /** milliseconds by which the suite's clock differs from the machine's; 0 outside tests */
  clockShift: number
  maxMessage: number
  progressMs?: number
  /** see `Shared` */
  haste: number
  host: string
  /** 0: a free one */
  ports: { imap: number; imaps?: number; pop3: number; pop3s?: number; sieve: number }
  /** absent: nothing is served under TLS */
  pairs?: readonly Pair[]
  counts: SharedArrayBuffer
  /** connections that all threads together may have open */
  places: number
  /** which of the threads this is */
  number: number
  counters?: CountersOf
}
export type ToThread =
  | { say: 'stop' }
  | { say: 'sweep' }
  | { say: 'list'; ask: number }
  | { say: 'end'; ask: number; which: Which }
  | { say: 'pairs'; pairs: readonly Pair[] }
  | { say: 'claimed'; ask: number; granted: boolean }
export type FromThread =
  | { say: 'ready'; ports: ThreadData['ports'] }
  | { say: 'swept' }
  | { say: 'listed'; ask: number; sessions: Seen[] }
  | { say: 'ended'; ask: number; count: number }
  /** this thread alone wants to work on this mailbox, or no more; answered by `claimed` */
  | { say: 'claim' | 'release'; ask: number; key: string }

const data = workerData as ThreadData
if (data.counters) useCounters(data.counters)
const tell = (message: FromThread) => parentPort!.postMessage(message)
const log = subsystem('sessions')
await using store = joinStore(data.store)
const now = () => Date.now() + data.clockShift
const judge = data.ldap && new (await import('#mailserver/accounts/ldap.ts')).LdapDirectory(data.ldap)
using accounts = openAccounts(data.accountsPath, { now, judge })
const tls = data.pairs && new Contexts(data.pairs)
const claims = new Claims({
  ask: (ask, key) => tell({ say: 'claim', ask, key }),
  release: (ask, key) => tell({ say: 'release', ask, key }),
})
{
  await using parts = new AsyncDisposableStack()
  const listener = parts.use(
    new Listener(
      { store, accounts, log, hostname: data.hostname, now, haste: data.haste, ...(tls ? { tls } : {}) },
      new Int32Array(data.counts),
      { thread: data.number, places: data.places },
    ),
  )
  const mail = imap({ store, maxMessage: data.maxMessage, progressMs: data.progressMs })
  parts.defer(mail.forget)
  const { host, ports } = data
  const atImap = await listener.listen({ protocol: mail, host, plain: ports.imap, ...secured(ports.imaps) })
  const atPop3 = await listener.listen({ protocol: pop3({ claims }), host, plain: ports.pop3, ...secured(ports.pop3s) })
  const atSieve = await listener.listen({ protocol: managesieve(), host, plain: ports.sieve })
  const stopped = new Promise<void>((resolve) => {
    parentPort!.on('message', (message: ToThread) => {
      if (message.say === 'stop') resolve()
      else if (message.say === 'sweep') void listener.sweep().then(() => tell({ say: 'swept' }))
      else if (message.say === 'list') tell({ say: 'listed', ask: message.ask, sessions: listener.list() })
      else if (message.say === 'end') tell({ say: 'ended', ask: message.ask, count: listener.end(message.which) })
      else if (message.say === 'claimed') claims.answered(message.ask, message.granted)
      else if (message.say === 'pairs') tls?.replace(message.pairs)
    })
  })
  tell({
    say: 'ready',
    ports: {
      imap: atImap.plain,
      pop3: atPop3.plain,
      sieve: atSieve.plain,
      ...(atImap.secured !== undefined && { imaps: atImap.secured }),
      ...(atPop3.secured !== undefined && { pop3s: atPop3.secured }),
    },
  })
  await stopped
}
parentPort!.close()

function secured(port: number | undefined): { secured?: number } {
  return port === undefined ? {} : { secured: port }
}
