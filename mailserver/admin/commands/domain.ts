import type { Command } from 'commander'
import { type Given, print, withDirectory } from './command.ts'

export function domainCommands(program: Command, given: Given): void {
  const domain = program.command('domain').description('mail domains of this service')
  domain
    .command('add <domain>')
    .description('take mail for one more domain')
    .option('--json', 'print JSON')
    .action((name: string, { json }: { json?: boolean }) =>
      withDirectory(given, async (directory) => {
        await directory['domain.add']({ domain: name })
        print(json, { domain: name }, [[name]])
      }),
    )
  domain
    .command('list')
    .description('all of them')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: boolean }) =>
      withDirectory(given, async (directory) => {
        const { domains } = await directory['domain.list']({})
        print(
          json,
          domains,
          domains.map((d) => [d]),
        )
      }),
    )
}
