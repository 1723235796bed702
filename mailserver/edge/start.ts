/**
 * The edge: SMTP from the world, on smtp-server. How mail is read off the wire is in `smtp/`, what is decided about it in `policy/`; the
 * mail server is asked over the control API. This process keeps nothing: large letters lie in its folder until they are answered.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import type { Settings } from '#config/settings.ts'
import { paths, ports } from '#config/settings.ts'
import { createDirectory } from '#kit/directory/client.ts'
import { subsystem } from '#kit/log.ts'
import { followCertificates } from '#mailserver/edge/certificates.ts'
import type { Answer } from '#mailserver/edge/policy/answer.ts'
import { Authentication } from '#mailserver/edge/policy/authenticate.ts'
import { Connections } from '#mailserver/edge/policy/connections.ts'
import { Hosts } from '#mailserver/edge/policy/host.ts'
import { Room } from '#mailserver/edge/policy/room.ts'
import { OriginCheck } from '#mailserver/edge/policy/spoof.ts'
import { Scanner } from '#mailserver/edge/scanner.ts'
import { textOf } from '#mailserver/edge/smtp/connection.ts'
import { EdgeServer } from '#mailserver/edge/smtp/server.ts'
import { Transactions } from '#mailserver/edge/transactions.ts'
import { scanner } from '#mailserver/spam/available.ts'
import { paceOf, usualPace } from '#mailserver/submission/pace.ts'
import { SmtpReply } from '#mailserver/submission/recipients.ts'

const log = subsystem('edge')

/** `scanning`: why mail is not scanned, or undefined when it is. */
export type Edge = AsyncDisposable & { readonly port: number; readonly notScanned?: string }

/** @returns when SMTP greets. @throws Error when the port is taken, or the mail server has not made secrets and certificates yet */
export async function startEdge({ settings }: { settings: Settings }): Promise<Edge> {
  const at = paths(settings.data)
  const found = scanner(settings)
  if (!found.on) log.warn({ why: found.why }, 'mail is not scanned for spam')
  const dns = nameServers(settings)
  const spool = `${at.edge}/spool`
  rmSync(spool, { recursive: true, force: true }) // of letters that nobody was told were taken
  mkdirSync(spool, { recursive: true, mode: 0o700 })
  if (!existsSync(at.secret('edge')))
    throw new Error(`${at.secret('edge')} is missing: the mail server makes it at its first start`)

  await using stack = new AsyncDisposableStack()
  const directory = stack.use(
    createDirectory({ socket: at.control, process: 'edge', secret: readFileSync(at.secret('edge'), 'utf8').trim() }),
  )
  // tests move the suite's clock; keys are in force by that clock
  const offset = settings.clock === '' ? 0 : Date.parse(settings.clock) - Date.now()
  const transactions = new Transactions({
    means: {
      directory,
      origins: new OriginCheck(directory),
      authentication: dns && new Authentication({ hostname: settings.hostname, dns }),
    },
    directory,
    room: new Room(),
    scanner: found.on ? new Scanner({ port: ports(settings.portBase).rspamd }) : undefined,
    hosts: dns && new Hosts(dns),
    hostname: settings.hostname,
    spool,
    now: () => Date.now() + offset,
  })
  const certificates = stack.use(followCertificates({ folder: at.tls, ...settings }))
  const connections = new Connections()
  const server = new EdgeServer(
    {
      name: settings.hostname,
      onMailFrom: (address, session, done) => void transactions.mail(address, session).then(answered(done)),
      onRcptTo: (address, session, done) => void transactions.recipient(address, session).then(answered(done)),
    },
    certificates.contexts,
    {
      spool,
      most: settings.maxMessageMb * 1024 * 1024,
      enter: (ip) => connections.enter(ip),
      leave: (ip) => connections.leave(ip),
      accept: (letter, session) => transactions.accept(letter, session),
    },
    paceOf(usualPace, settings.patience),
  )
  certificates.onChange(() => server.updateSecureContext(certificates.contexts.serverOptions()))
  const port = await server.start({ host: settings.listen, port: ports(settings.portBase).smtp })
  stack.defer(() => server.stop())
  log.info({ port, scanned: found.on }, 'edge ready')
  const running = stack.move()
  return {
    port,
    ...(found.on ? {} : { notScanned: found.why }),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

const answered = (done: (err?: Error) => void) => (answer: Answer) =>
  done(answer.kind === 'accept' ? undefined : new SmtpReply(answer.code, textOf(answer)))

/** In local start a machine's DNS is not relied upon: mail comes from the sink and from tests. */
function nameServers({ mode, dnsServers }: Settings): readonly string[] | undefined {
  const named = dnsServers
    .split(',')
    .map((server) => server.trim())
    .filter((server) => server !== '')
  return mode === 'local' && named.length === 0 ? undefined : named
}
