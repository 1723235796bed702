import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import type { TlsCertificate } from '#kit/directory/calls.ts'
import { type Given, print, withDirectory } from './command.ts'

type Json = { json?: boolean }

export function tlsCommands(program: Command, given: Given): void {
  const tls = program.command('tls').description('certificates of the mail service')
  const show = (json: boolean | undefined, certificates: readonly TlsCertificate[]) =>
    print(json, certificates, certificates.map(row))
  tls
    .command('status')
    .description('what is served, from whom, until when, and what went wrong')
    .option('--json', 'print JSON')
    .action(({ json }: Json) =>
      withDirectory(given, async (directory) => {
        const { certificates } = await directory['tls.status']({})
        show(json, certificates)
        if (certificates.some(({ until }) => Date.parse(until) <= Date.now())) process.exitCode = 1
      }),
    )
  tls
    .command('renew [name]')
    .description('get new certificates now, for all names unless one is given; open connections go on')
    .option('--json', 'print JSON')
    .action((name: string | undefined, { json }: Json) =>
      withDirectory(given, async (directory) => {
        const { certificates } = await directory['tls.renew'](name === undefined ? {} : { name })
        show(json, certificates)
      }),
    )
  tls
    .command('import <key> <cert>')
    .description('serve these PEM files (key without password; certificate with its chain), if they belong together')
    .option('--name <host>', 'for this name rather than that of the mail server')
    .option('--json', 'print JSON')
    .action((key: string, cert: string, { name, json }: Json & { name?: string }) =>
      withDirectory(given, async (directory) => {
        const { certificates } = await directory['tls.import']({
          name: name ?? given.settings().hostname,
          key: readFileSync(key, 'utf8'),
          cert: readFileSync(cert, 'utf8'),
        })
        show(json, certificates)
      }),
    )
}

function row({ name, origin, issuer, until, renewAt, lastError }: TlsCertificate): string[] {
  return [name, origin, issuer, `until ${until}`, renewAt ? `renewed ${renewAt}` : '-', lastError ?? '-']
}
