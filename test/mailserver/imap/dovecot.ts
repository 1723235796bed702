/** A private Dovecot in a temporary folder, to compare answers with; undefined when it is not installed or may not be started. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '#test/until.ts'
import { Client } from './fixture.ts'

const nobody = 65534

/** @param more appended to its configuration; "%D" is its folder */
export async function startDovecot(
  more = '',
): Promise<
  | { client: Client; another: (user?: string) => Promise<Client>; port: number; pop3: number; stop: () => void }
  | undefined
> {
  if (!existsSync('/usr/sbin/dovecot') || process.getuid?.() !== 0) return undefined
  const dir = mkdtempSync(join(tmpdir(), 'dovecot-'))
  chmodSync(dir, 0o755)
  mkdirSync(join(dir, 'mail'))
  chownSync(join(dir, 'mail'), nobody, nobody)
  const port = await freePort()
  const pop3 = await freePort()
  writeFileSync(
    join(dir, 'conf'),
    `protocols = imap${existsSync('/usr/lib/dovecot/pop3') ? ' pop3' : ''}
listen = 127.0.0.1
base_dir = ${dir}/run
state_dir = ${dir}/state
log_path = ${dir}/log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:${dir}/mail/%u
first_valid_uid = 1
passdb {
  driver = static
  args = password=x
}
userdb {
  driver = static
  args = uid=${nobody} gid=${nobody} home=${dir}/mail/%u
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${pop3}
  }
  inet_listener pop3s {
    port = 0
  }
}
${more.replaceAll('%D', dir)}`,
  )
  const server: ChildProcess = spawn('/usr/sbin/dovecot', ['-F', '-c', join(dir, 'conf')], { stdio: 'ignore' })
  const stop = () => {
    server.kill()
    rmSync(dir, { recursive: true, force: true })
  }
  try {
    const client = await until('Dovecot to listen', async () => {
      const c = new Client(connect(port, '127.0.0.1'))
      return c.until('\r\n').then(
        () => c,
        () => undefined,
      )
    })
    await client.ok('LOGIN u x')
    const another = async (user = 'u') => {
      const c = new Client(connect(port, '127.0.0.1'))
      await c.until('\r\n')
      await c.ok(`LOGIN ${user} x`)
      return c
    }
    return { client, another, port, pop3, stop }
  } catch (error) {
    console.error(execFileSync('tail', ['-n', '20', join(dir, 'log')]).toString())
    stop()
    throw error
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
