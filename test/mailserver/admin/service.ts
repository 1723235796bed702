/** The mail service in this process, on free ports and an empty folder, with the command line as an administrator runs it. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSettings, paths, ports, type Settings } from '#config/settings.ts'
import type { ProcessName } from '#kit/directory/calls.ts'
import { createDirectory } from '#kit/directory/client.ts'
import { leanEnv } from '#kit/process/lean.ts'
import { readSecrets } from '#mailserver/control/secrets.ts'
import { type MailServer, startMailserver } from '#mailserver/start.ts'

const root = join(import.meta.dirname, '../../..')
export const domain = 'haiduong.gov.vn'
export const an = `an.nguyen@${domain}`
export const ha = `ha.tran@${domain}`
export const register = `so.stttt@${domain}`
export const password = 'Hoa phượng 2026!'

export type Ran = { code: number; out: string; err: string }

export async function startAdministered(more: Partial<Record<keyof Settings, string>> = {}) {
  const data = mkdtempSync(join(tmpdir(), 'congso-admin-'))
  const settings = await settingsOnFreePorts(data, more)
  let server: MailServer | undefined = await startMailserver({ settings })
  const directory = (process: ProcessName) =>
    createDirectory({ socket: paths(data).control, process, secret: readSecrets(paths(data).secret).get(process)! })

  /** The command line as `npm run congso` runs it. */
  function congso(argv: readonly string[], { input = '', env = {} }: { input?: string; env?: NodeJS.ProcessEnv } = {}) {
    const child = spawn(
      process.execPath,
      ['congso.ts', '--data', data, '--port-base', String(settings.portBase), ...argv],
      {
        cwd: root,
        env: { ...process.env, ...leanEnv(root), CONGSO_MAX_MESSAGE_MB: String(settings.maxMessageMb), ...env },
      },
    )
    const ran = new Promise<Ran>((resolve) => {
      const [out, err]: [Buffer[], Buffer[]] = [[], []]
      child.stdout.on('data', (d: Buffer) => out.push(d))
      child.stderr.on('data', (d: Buffer) => err.push(d))
      child.on('close', (code) =>
        resolve({
          code: code ?? -1,
          out: Buffer.concat(out).toString('utf8'),
          err: Buffer.concat(err).toString('utf8'),
        }),
      )
      child.stdin.on('error', () => undefined) // it may end without reading
      child.stdin.end(input)
    })
    return Object.assign(ran, { child })
  }
  const ok = async (...argv: string[]): Promise<string> => {
    const { code, out, err } = await congso(argv)
    if (code !== 0) throw new Error(`congso ${argv.join(' ')}: ${code} ${out}${err}`)
    return out
  }

  {
    using cli = directory('cli')
    await cli['domain.add']({ domain })
    await cli['account.add']({ address: an, name: 'Nguyễn Văn An', password })
    await cli['account.add']({ address: ha, name: 'Trần Thị Hà', password })
    await cli['account.add']({ address: register, name: 'Sổ', kind: 'register' })
  }
  return {
    data,
    settings,
    ports: ports(settings.portBase),
    directory,
    congso,
    ok,
    json: async <T>(...argv: string[]): Promise<T> => JSON.parse(await ok(...argv, '--json')) as T,
    /** ends the service; commands then work on the files */
    async stop() {
      await server?.[Symbol.asyncDispose]()
      server = undefined
    },
    async [Symbol.asyncDispose]() {
      using cli = server ? directory('cli') : undefined
      const findings = (await cli?.['store.verify']({}))?.findings ?? []
      await server?.[Symbol.asyncDispose]()
      rmSync(data, { recursive: true, force: true })
      if (findings.length > 0) throw new Error(`store audit: ${findings.join('; ')}`)
    },
  }
}
export type Administered = Awaited<ReturnType<typeof startAdministered>>

async function settingsOnFreePorts(data: string, more: Partial<Record<keyof Settings, string>>): Promise<Settings> {
  for (;;) {
    const base = 11_000 + Math.floor(Math.random() * 17_000) // below the ports of outgoing connections
    const { settings } = loadSettings({ data, portBase: String(base), ...more }, {})
    const { imap, imaps, pop3, pop3s, sieve, submission, submissions, lmtp, acme } = ports(base)
    const wanted = [imap, imaps, pop3, pop3s, sieve, submission, submissions, lmtp, acme]
    if ((await Promise.all(wanted.map(isFree))).every(Boolean)) return settings
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
