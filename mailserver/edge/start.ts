/**
 * The edge: SMTP from the world. This process writes Haraka's private folder, runs Haraka as its child and starts it
 * again when it ends; an exception in any plugin ends Haraka, so that is ordinary. What is decided is in `policy/`, which
 * runs inside the child and asks the mail server over the control API. Neither process keeps anything.
 */
import type { Settings } from '#config/settings.ts'
import { paths, ports } from '#config/settings.ts'
import { subsystem } from '#kit/log.ts'
import { writeHarakaFolder } from '#mailserver/edge/folder.ts'
import { Haraka } from '#mailserver/edge/haraka.ts'
import { scanner } from '#mailserver/spam/available.ts'
import { readAll } from '#mailserver/tls/files.ts'

const log = subsystem('edge')

/** `scanning`: why mail is not scanned, or undefined when it is. */
export type Edge = AsyncDisposable & { readonly port: number; readonly notScanned?: string }

/** @returns when SMTP greets. @throws Error when Haraka does not come up */
export async function startEdge({ settings }: { settings: Settings }): Promise<Edge> {
  const found = scanner(settings)
  const port = ports(settings.portBase).smtp
  const folder = writeHarakaFolder(settings, {
    rspamd: found.on ? ports(settings.portBase).rspamd : undefined,
    tls: readAll(paths(settings.data).tls, settings),
  })
  if (!found.on) log.warn({ why: found.why }, 'mail is not scanned for spam')
  const haraka = new Haraka({ folder, host: settings.listen, port })
  await haraka.start()
  log.info({ port, scanned: found.on }, 'edge ready')
  return {
    port,
    ...(found.on ? {} : { notScanned: found.why }),
    [Symbol.asyncDispose]: () => haraka.stop(),
  }
}
