/** A private ACME authority (Debian's pebble) on loopback, whose DNS leads every name to 127.0.0.1; it really looks at challenges. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from '#mailserver/tls/selfsigned.ts'
import { until } from '#test/until.ts'

export const haveAuthority = (): boolean => {
  try {
    execFileSync('which', ['pebble', 'pebble-challtestsrv'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export type Authority = AsyncDisposable & {
  directory: string
  /** file that vouches for its HTTPS */
  ca: string
  /** where it looks for answers of HTTP-01 */
  httpPort: number
  /** PEM of the root that vouches for what it issues */
  root(): Promise<string>
}

/** @param validity seconds that its certificates last */
export async function startAuthority({ validity = 90 * 86_400 } = {}): Promise<Authority> {
  const dir = mkdtempSync(join(tmpdir(), 'pebble-'))
  const [directory, management, httpPort, dns, dnsManagement] = await freePorts(5)
  const own = selfSigned({ names: ['localhost', '127.0.0.1'], from: new Date(Date.now() - 60_000), days: 2 })
  const ca = join(dir, 'ca.pem')
  const key = join(dir, 'key.pem')
  writeFileSync(ca, own.certificate)
  writeFileSync(key, own.key)
  const config = {
    listenAddress: `127.0.0.1:${directory}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: ca,
    privateKey: key,
    httpPort,
    tlsPort: httpPort,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
    certificateValidityPeriod: validity,
  }
  writeFileSync(join(dir, 'config.json'), JSON.stringify({ pebble: config }))
  const children: ChildProcess[] = [
    spawn(
      'pebble-challtestsrv',
      [
        ...['-defaultIPv4', '127.0.0.1', '-defaultIPv6', '', '-dns01', `127.0.0.1:${dns}`],
        ...['-http01', '', '-https01', '', '-tlsalpn01', '', '-management', `127.0.0.1:${dnsManagement}`],
      ],
      { stdio: 'ignore' },
    ),
    spawn('pebble', ['-config', join(dir, 'config.json'), '-dnsserver', `127.0.0.1:${dns}`], {
      stdio: 'ignore',
      env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_VA_ALWAYS_VALID: '0', PEBBLE_WFE_NONCEREJECT: '20' },
    }),
  ]
  const stop = () => {
    for (const child of children) child.kill()
    rmSync(dir, { recursive: true, force: true })
  }
  const fetch = (port: number, path: string) =>
    new Promise<string>((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, ca: readFileSync(ca) }, async (response) => {
        let text = ''
        for await (const chunk of response) text += chunk
        resolve(text)
      }).on('error', reject)
    })
  try {
    await until('the authority', () => fetch(directory!, '/dir').catch(() => ''))
  } catch (error) {
    stop()
    throw error
  }
  return {
    directory: `https://127.0.0.1:${directory}/dir`,
    ca,
    httpPort: httpPort!,
    root: () => fetch(management!, '/roots/0'),
    async [Symbol.asyncDispose]() {
      stop()
    },
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await until('free ports', () => servers.every((server) => server.address() !== null))
  const found = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return found
}
