import type { Command } from 'commander'
import type { DeletedMail } from '#kit/directory/calls.ts'
import { type Given, operator, print, sizeText, withDirectory } from './command.ts'
import { parseLimit, printable, queryHelp, queryOf, said } from './mail.ts'

type Deed = { dryRun?: boolean; json?: boolean }

/** Deleted mail of any account, below `mail`; each look and act is in the record. */
export function deletedCommands(program: Command, given: Given): void {
  const mail = program.commands.find((c) => c.name() === 'mail')!
  const which = (query: readonly string[]) => (query.length === 0 ? {} : { query: queryOf(query) })
  mail
    .command('deleted <address> [query...]')
    .description(
      'what was deleted and can be restored: UID, when and by whom, folder, size, sender, subject; the latest first',
    )
    .option('--limit <n>', 'at most so many lines, up to 1000', parseLimit, 100)
    .option('--json', 'print JSON')
    .addHelpText('after', queryHelp)
    .action((address: string, query: string[], { limit, json }: { limit: number; json?: boolean }) =>
      withDirectory(given, async (directory) => {
        const done = await directory['deleted.list']({ address, which: which(query), offset: 0, limit, by: operator() })
        print(json, done, done.found.map(row))
        if (!json) console.error(`${done.total} deleted (${sizeText(done.octets)}), each kept for ${done.days} days`)
      }),
    )
  mail
    .command('restore <address> <query...>')
    .description('put deleted mail back into the folder where it lay; ALL for everything')
    .option('--to <folder>', 'into this folder instead')
    .option('--dry-run', 'only say how much it would be')
    .option('--json', 'print JSON')
    .addHelpText('after', queryHelp)
    .action((address: string, query: string[], { to, dryRun = false, json }: Deed & { to?: string }) =>
      withDirectory(given, async (directory) => {
        const asked = { address, which: which(query), dryRun, by: operator(), ...(to !== undefined && { to }) }
        const done = await directory['deleted.restore'](asked)
        said(json, done, dryRun ? 'would be restored' : ['restored', ...done.folders.map((f) => `to ${f}`)].join(' '))
      }),
    )
  mail
    .command('purge <address> <query...>')
    .description('remove deleted mail for good, at once; ALL for everything')
    .option('--dry-run', 'only say how much it would be')
    .option('--json', 'print JSON')
    .addHelpText('after', queryHelp)
    .action((address: string, query: string[], { dryRun = false, json }: Deed) =>
      withDirectory(given, async (directory) => {
        const asked = { address, which: which(query), dryRun, by: operator() }
        said(json, await directory['deleted.purge'](asked), dryRun ? 'would be gone' : 'gone for good')
      }),
    )
}

const row = ({ uid, deletedAt, deletedBy, folder, size, from, subject }: DeletedMail): string[] => [
  String(uid),
  deletedAt,
  printable(deletedBy),
  folder,
  sizeText(size),
  printable(from).slice(0, 40),
  printable(subject).slice(0, 80),
]
