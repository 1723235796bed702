import type { Command } from 'commander'
import { type Given, operator, print, withDirectory } from './command.ts'

/** What mail programs show of the server: /shared/comment, /shared/admin and others (RFC 5464). */
export function metadataCommands(program: Command, given: Given): void {
  const metadata = program
    .command('metadata')
    .description("the server's shared entries (RFC 5464), read by mail programs")
  metadata
    .command('list')
    .description('entries and their values')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: boolean }) =>
      withDirectory(given, async (directory) => {
        const { entries } = await directory['metadata.list']({})
        print(
          json,
          entries,
          entries.map(({ entry, value }) => [entry, value]),
        )
      }),
    )
  metadata
    .command('set <entry> [value]')
    .description('for example /shared/comment "…", /shared/admin mailto:quantri@…; without a value it is removed')
    .action((entry: string, value: string | undefined) =>
      withDirectory(given, async (directory) => {
        await directory['metadata.set']({ entry, ...(value !== undefined && { value }), by: operator() })
      }),
    )
}
