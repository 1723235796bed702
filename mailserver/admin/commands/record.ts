import type { Command } from 'commander'
import { type Given, print, withDirectory } from './command.ts'
import { parseLimit, printable } from './mail.ts'

type Json = { json?: boolean }

export function recordCommand(program: Command, given: Given): void {
  program
    .command('record [address]')
    .description('who looked at or changed what is not his own, and what expired; newest first')
    .option('--limit <n>', 'at most so many lines, up to 1000', parseLimit, 100)
    .option('--json', 'print JSON')
    .action((address: string | undefined, { limit, json }: Json & { limit: number }) =>
      withDirectory(given, async (directory) => {
        const { lines } = await directory['record.list']({ limit, ...(address !== undefined && { address }) })
        print(
          json,
          lines,
          lines.map((l) => [l.at, l.by, l.what, l.account ?? '-', printable(l.detail)]),
        )
      }),
    )
}
