import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { paths, type Settings } from '#config/settings.ts'
import type { CallName, Directory } from '#kit/directory/calls.ts'
import { createDirectory } from '#kit/directory/client.ts'
import { type Log, subsystem } from '#kit/log.ts'
import { lockFolder } from '#kit/process/lock.ts'
import { openAccounts } from '#mailserver/accounts/open.ts'
import type { Context } from '#mailserver/control/call.ts'
import { openMissing } from '#mailserver/control/openMissing.ts'
import { runCall } from '#mailserver/control/run.ts'
import { seal } from '#mailserver/seal/seal.ts'
import { Filters } from '#mailserver/sieve/deliver/filters.ts'
import { openStoreHost } from '#mailserver/store/open.ts'
import { Keeper } from '#mailserver/tls/keeper.ts'

/**
 * The control API for the command line. While the mail service runs, through its socket; while it is stopped, the same calls
 * on the files themselves, under the data folder's lock, so that a suite started meanwhile waits its turn.
 *
 * @throws Error when the folder is held by a suite that does not answer (it is starting or stopping)
 */
export async function openDirectory(settings: Settings): Promise<Directory & AsyncDisposable> {
  const at = paths(settings.data)
  if (await answers(at.control)) {
    const secret = readFileSync(at.secret('cli'), 'utf8').trim()
    const remote = createDirectory({ socket: at.control, process: 'cli', secret })
    return extended(remote, async () => remote[Symbol.dispose]())
  }
  const parts = new AsyncDisposableStack()
  try {
    parts.use(lockFolder(at.lock))
    const accounts = parts.use(openAccounts(at.accounts, { keys: at.keys }))
    const store = parts.use(await openStoreHost({ dir: at.cell(1) }))
    let keeper: Keeper | undefined
    const context: Context = {
      accounts,
      store,
      filters: parts.use(new Filters({ accounts, store, hostname: settings.hostname })),
      log: quietUnlessWrong(subsystem('cli')),
      seal: (raw, domain) => seal(raw, domain, accounts.sealKeys(domain)),
      connections: () => 0,
      passkeySite: () => undefined, // who shows a passkey does so at the desk
      certificates: () => {
        keeper ??= parts.use(new Keeper({ settings, folder: at.tls }))
        return keeper
      },
      maxMessage: settings.maxMessageMb * 1024 * 1024,
      deletedDays: settings.deletedDays,
      now: Date.now,
    }
    await openMissing(context)
    const local = new Proxy({} as Directory, {
      get: (_, name) => async (input: unknown) => runCall(context, name as CallName, input, 'cli'),
    })
    return extended(local, () => parts.disposeAsync())
  } catch (err) {
    await parts.disposeAsync()
    throw err
  }
}

function extended(directory: Directory, dispose: () => Promise<void>): Directory & AsyncDisposable {
  return new Proxy({} as Directory & AsyncDisposable, {
    get(_, name) {
      if (name === Symbol.asyncDispose) return dispose
      return name === 'then' ? undefined : directory[name as CallName]
    },
  })
}

/** Is somebody listening? */
function answers(socket: string): Promise<boolean> {
  if (!existsSync(socket)) return Promise.resolve(false)
  return new Promise((resolve) => {
    const probe = connect(socket, () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}

/** The commands print what they did; the log on the terminal would say it twice. */
function quietUnlessWrong(log: Log): Log {
  const quiet = () => {}
  return {
    ...log,
    trace: quiet,
    debug: quiet,
    info: quiet,
    warn: log.warn.bind(log),
    error: log.error.bind(log),
    fatal: log.fatal.bind(log),
  }
}
