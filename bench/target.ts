/**
 * A mail service for a load generator: mailserver and edge without scanner, users `u0`…`u200@bench.test` with the password `bench`
 * (1 GB each, 20 GB for `u0`), until interrupted. Prints one JSON object: name, addresses, and the pids to measure.
 *
 *   node bench/target.ts [--port-base 31000] [--data DIR]
 *
 * A data folder that is there already is served as it is; without one, an empty temporary folder is used and removed at the end.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { argon2Sync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { paths, ports } from '#config/settings.ts'
import type { Directory, ProcessName } from '#kit/directory/calls.ts'
import { createDirectory } from '#kit/directory/client.ts'
import { Refusal } from '#kit/refusal.ts'
import { openDatabase } from '#kit/store/open.ts'
import { until } from '#test/until.ts'

const users = 200
const GB = 1_000_000_000
/** what the load generator signs in with; shorter than people may choose, so its hash is written past the check */
const password = 'bench'

const { values } = parseArgs({
  options: { 'port-base': { type: 'string', default: '31000' }, data: { type: 'string' } },
})
const base = Number(values['port-base'])
const data = values.data ?? mkdtempSync(join(tmpdir(), 'congso-bench-'))
const at = { ...ports(base), ...paths(data) }

const mailserver = serve('mailserver')
await until('the control API', () => existsSync(at.control) && existsSync(at.secret('cli')))
await addUsers(directory('cli'))
const edge = serve('edge')
await until('the edge', () => answers(at.smtp))
console.log(
  JSON.stringify({
    name: 'congso',
    lmtp: `127.0.0.1:${at.lmtp}`,
    smtp: `127.0.0.1:${at.smtp}`,
    imap: `127.0.0.1:${at.imap}`,
    imaps: `127.0.0.1:${at.imaps}`,
    pid: `${mailserver.pid},${edge.pid}`,
  }),
)
await Promise.race([...(['SIGINT', 'SIGTERM'] as const).map((s) => once(process, s)), once(mailserver, 'exit')])
for (const child of [edge, mailserver]) {
  if (child.exitCode === null) {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
}
if (values.data === undefined) rmSync(data, { recursive: true, force: true })

function serve(name: string): ChildProcess {
  return spawn(process.execPath, ['congso.ts', 'serve', name], {
    cwd: join(import.meta.dirname, '..'),
    env: {
      CONGSO_LOG_LEVEL: 'warn',
      CONGSO_FILE_TEXTS: 'off', // its peers read no files either
      ...process.env,
      CONGSO_DATA: data,
      CONGSO_PORT_BASE: String(base),
      CONGSO_RSPAMD: 'off',
    },
    stdio: ['pipe', 'inherit', 'inherit'],
  })
}

function directory(name: ProcessName): Directory {
  return createDirectory({ socket: at.control, process: name, secret: readFileSync(at.secret(name), 'utf8').trim() })
}

async function addUsers(directory: Directory): Promise<void> {
  await ignoringConflict(directory['domain.add']({ domain: 'bench.test' }))
  const hash = cheapHash(password)
  for (let n = 0; n <= users; n++)
    await ignoringConflict(
      directory['account.add']({
        address: `u${n}@bench.test`,
        name: `U ${n}`,
        kind: 'person',
        quota: n === 0 ? 20 * GB : GB,
      }),
    )
  using db = openDatabase(at.accounts)
  db.prepare("update account set password = ? where address like 'u%@bench.test'").run(hash)
}

/** As cheap as a peer's {PLAIN}, or logins would measure the hash: argon2id with the least parameters that there are. */
function cheapHash(message: string): string {
  const [memory, passes, parallelism, tagLength] = [8, 1, 1, 32]
  const nonce = randomBytes(16)
  const tag = argon2Sync('argon2id', { message, nonce, memory, passes, parallelism, tagLength })
  const b64 = (octets: Buffer) => octets.toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${b64(nonce)}$${b64(tag)}`
}

async function ignoringConflict(done: Promise<unknown>): Promise<void> {
  try {
    await done
  } catch (err) {
    if (!(err instanceof Refusal && err.status === 409)) throw err
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port })
  try {
    await once(socket, 'data', { signal: AbortSignal.timeout(1_000) })
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
