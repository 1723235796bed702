import { readFileSync } from 'node:fs'
import { createDirectory } from '#kit/directory/client.ts'
import { subsystem } from '#kit/log.ts'
import { type CertificatesAt, followCertificates } from '#mailserver/edge/plugins/certificates.ts'
import type { Connection, Haraka, HarakaAddress, Next, Plugin } from '#mailserver/edge/plugins/haraka.ts'
import { answering, findLinesFast } from '#mailserver/edge/plugins/haraka.ts'
import { alwaysListen, answerAtOnce } from '#mailserver/edge/plugins/sockets.ts'
import { acceptMail } from '#mailserver/edge/policy/accept.ts'
import { Authentication } from '#mailserver/edge/policy/authenticate.ts'
import { Connections } from '#mailserver/edge/policy/connections.ts'
import { decideRecipient } from '#mailserver/edge/policy/recipient.ts'
import { Room } from '#mailserver/edge/policy/room.ts'
import { OriginCheck } from '#mailserver/edge/policy/spoof.ts'
import { refuseWithoutRoom } from '#mailserver/edge/policy/spool.ts'

/** `dns`: servers to ask for SPF, DKIM and DMARC, empty for the system's; absent: they are not checked */
export type EdgeGiven = {
  control: string
  secretFile: string
  hostname: string
  /** where mail that is too large for memory goes on its way */
  spool: string
  /** where the mail service keeps its certificates */
  tls: CertificatesAt
  dns?: readonly string[]
  clockOffsetMs: number
}

/** Fields that only we may say; senders' own are dropped (RFC 8601 §5 for the first, which Haraka's own setting drops too). */
const OURS = [
  'X-Spam-Status',
  'X-Spam-Flag',
  'X-Spam-Score',
  'X-Spam-Level',
  'X-Spam-Report',
  'X-CongSo-Origin',
  'Delivered-To',
  'Return-Path',
]

/** Haraka's plugin of ours: called once by the shim in the private folder (`folder.ts`). */
export function register(plugin: Plugin, haraka: Haraka, given: EdgeGiven): void {
  endWithParent()
  findLinesFast(haraka.lines)
  followCertificates(haraka.tls, given.tls)
  const directory = createDirectory({
    socket: given.control,
    process: 'edge',
    secret: readFileSync(given.secretFile, 'utf8').trim(),
  })
  const means = {
    directory,
    origins: new OriginCheck(directory),
    authentication: given.dns && new Authentication({ hostname: given.hostname, dns: given.dns }),
  }

  const room = new Room()
  const connections = new Connections()

  plugin['enter'] = (next: Next, connection: Connection) => {
    alwaysListen(connection.client)
    answerAtOnce(connection.client)
    if (connections.enter(connection.remote.ip)) return next()
    next(haraka.DENYSOFTDISCONNECT, 'Too many connections, try later / Qua nhieu ket noi')
  }
  // RFC 3207 §4.2; Haraka would shake hands below the TLS that there is, and end when that fails
  plugin['once_only'] = (next: Next, connection: Connection, [verb]: readonly unknown[]) => {
    if (!connection.tls.enabled || String(verb).toUpperCase() !== 'STARTTLS') return next()
    next(haraka.DENY, 'TLS is already active / Da co TLS')
  }
  plugin['leave'] = (next: Next, connection: Connection) => {
    connections.leave(connection.remote.ip)
    next()
  }
  plugin['size'] = (next: Next, connection: Connection, params: unknown) => {
    const size = declaredSize(params)
    if (connection.transaction && size !== undefined) connection.transaction.notes['congso_size'] = size
    answering(
      haraka,
      next,
      connection,
      async () => refuseWithoutRoom(given.spool, size) ?? { kind: 'accept', text: 'sender ok' },
    )
  }
  plugin['recipient'] = (next: Next, connection: Connection, params: readonly HarakaAddress[]) =>
    answering(haraka, next, connection, async () => {
      const { transaction } = connection
      const size = transaction?.notes['congso_size']
      return decideRecipient(directory, {
        address: params[0]!.address.normalize('NFC'),
        taken: transaction?.rcpt_to.length ?? 0,
        ...(typeof size === 'number' ? { size } : {}),
      })
    })
  plugin['own_fields'] = (next: Next, connection: Connection) => {
    for (const name of OURS) connection.transaction?.remove_header(name)
    next()
  }
  plugin['handover'] = (next: Next, connection: Connection) =>
    answering(haraka, next, connection, async () => {
      const { transaction } = connection
      if (!transaction) throw new Error('queue without a transaction')
      using _held = await room.enter(transaction.data_bytes)
      const stream = transaction.message_stream
      const raw = await new Promise<Buffer>((resolve) => stream.get_data(resolve))
      // at the end Haraka unlinks the spool file of every message, also of those that never had one
      if (!stream.spooling) stream.destroy = () => undefined
      return acceptMail(
        means,
        {
          from: transaction.mail_from.isNull?.() ? '' : (transaction.mail_from.address ?? '').replace(/^<>$/, ''),
          to: transaction.rcpt_to.map((r) => r.address.normalize('NFC')),
          raw,
          helo: connection.hello.host ?? '',
          ip: connection.remote.ip,
          scan: transaction.results.get('rspamd'),
          ref: transaction.uuid,
        },
        Date.now() + given.clockOffsetMs,
      )
    })
  plugin.register_hook('connect', 'enter')
  plugin.register_hook('disconnect', 'leave')
  plugin.register_hook('unrecognized_command', 'once_only', -100) // before the plugin that shakes hands
  plugin.register_hook('mail', 'size')
  plugin.register_hook('rcpt', 'recipient')
  plugin.register_hook('data_post', 'own_fields', -100) // before rspamd, whose fields are ours
  plugin.register_hook('queue', 'handover')
}

/** Parameters come as an object or as "KEY=VALUE" texts, by version of Haraka. */
function declaredSize(params: unknown): number | undefined {
  const list = (Array.isArray(params) ? params : []).slice(1).flat()
  for (const p of list) {
    const text = typeof p === 'string' ? /^SIZE=(\d{1,15})$/i.exec(p)?.[1] : (p as { SIZE?: unknown } | null)?.SIZE
    if (text !== undefined && /^\d{1,15}$/.test(String(text))) return Number(text) // RFC 1870 §3: digits; "-1" says nothing
  }
  return undefined
}

/** Our standard input ends when the process that started us does, however it ended; the port must not stay taken. */
function endWithParent(): void {
  process.stdin.resume()
  process.stdin.once('end', () => {
    subsystem('edge').info('the parent process ended')
    process.kill(process.pid, 'SIGINT')
    setTimeout(() => process.exit(1), 3_000).unref()
  })
  process.stdin.unref?.()
}
