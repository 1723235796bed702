/** Sign-ins of mail programs: connection, greeting, LOGIN, LOGOUT, from clients that do nothing else. */
import { ImapConnection } from './imap.ts'
import { addressOf, benchPassword, type MailService } from './service.ts'
import { type Line, percentile } from './table.ts'

const clients = 16
const runMs = 5_000

/** The remembered password needs no hash; an app password never does. */
export async function measureLogins(service: MailService): Promise<Line[]> {
  const people = Array.from({ length: clients }, (_, n) => addressOf(20 + n))
  const directory = service.directory()
  const apps = await Promise.all(
    people.map(
      async (address) => (await directory['appPassword.add']({ address, name: 'bench', scopes: ['imap'] })).password,
    ),
  )
  const lines: Line[] = []
  for (const { what, secretOf } of [
    { what: 'a remembered password', secretOf: () => benchPassword },
    { what: 'an app password', secretOf: (n: number) => apps[n]! },
  ])
    for (const count of [1, clients]) {
      await signIn(service, people.slice(0, count), secretOf, 500)
      const { times, ms } = await signIn(service, people.slice(0, count), secretOf, runMs)
      lines.push({
        what: `sign-ins with ${what}`,
        how: `IMAP, ${count} ${count === 1 ? 'client' : 'clients at once'}, a new connection for each; p50 ${percentile(times, 0.5).toFixed(1)}, p99 ${percentile(times, 0.99).toFixed(1)} ms`,
        unit: '/s',
        measured: (times.length * 1000) / ms,
      })
    }
  return lines
}

async function signIn(
  service: MailService,
  people: readonly string[],
  secretOf: (n: number) => string,
  forMs: number,
): Promise<{ times: number[]; ms: number }> {
  const begun = performance.now()
  const times: number[] = []
  await Promise.all(
    people.map(async (address, n) => {
      while (performance.now() - begun < forMs) {
        using imap = await ImapConnection.open(service.ports.imap)
        times.push((await imap.ask(`LOGIN ${address} "${secretOf(n)}"`)).ms)
        await imap.ask('LOGOUT')
      }
    }),
  )
  return { times, ms: performance.now() - begun }
}
