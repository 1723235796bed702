import type { Command } from 'commander'
import type { Behalf, FolderShare } from '#kit/directory/calls.ts'
import { type Given, operator, parseInstant, print, withDirectory } from './command.ts'

type When = { from?: string; to?: string; json?: boolean }

/** Folders that persons share, and leave to send on their behalf: seen, given and withdrawn by the administrator. */
export function shareCommands(program: Command, given: Given): void {
  const share = program.command('share').description('folders that persons share (RFC 4314)')
  share
    .command('list <owner>')
    .description('who may do what in whose folders')
    .option('--history', 'every grant and withdrawal, the latest first')
    .option('--json', 'print JSON')
    .action((owner: string, { history = false, json }: { history?: boolean; json?: boolean }) =>
      withDirectory(given, async (directory) => {
        const { shares } = await directory['share.list']({ owner, history })
        print(json, shares, shares.map(shareRow))
      }),
    )
  share
    .command('set <owner> <folder> <with>')
    .description('give a person, a group, the holders of an office, or "anyone" rights on a folder')
    .requiredOption('--rights <letters>', 'of lrswipkxtea; "" withdraws')
    .option('--from <when>', 'day or instant; now when absent', parseInstant)
    .option('--to <when>', 'first day or instant on which it no longer holds', parseInstant)
    .option('--json', 'print JSON')
    .action((owner: string, folder: string, other: string, o: When & { rights: string }) =>
      withDirectory(given, async (directory) => {
        const { rights, from, to, json } = o
        const by = operator()
        await directory['share.set']({
          owner,
          folder,
          with: other,
          rights,
          by,
          ...(from && { from }),
          ...(to && { to }),
        })
        const { shares } = await directory['share.list']({ owner })
        print(json, shares, shares.map(shareRow))
      }),
    )

  const behalf = program.command('behalf').description("leave to send on a person's behalf")
  behalf
    .command('add <owner> <person-or-group>')
    .description('let somebody send with From of the owner; Sender tells who did')
    .option('--from <when>', 'day or instant; now when absent', parseInstant)
    .option('--to <when>', 'first day or instant on which it no longer holds', parseInstant)
    .option('--json', 'print JSON')
    .action((owner: string, person: string, { from = new Date().toISOString(), to, json }: When) =>
      withDirectory(given, async (directory) => {
        const added = await directory['behalf.add']({ owner, person, from, by: operator(), ...(to && { to }) })
        print(json, added.behalf, [behalfRow(added.behalf)])
      }),
    )
  behalf
    .command('end <behalf>')
    .description('end it; its id is in the list')
    .option('--json', 'print JSON')
    .action((id: string, { json }: { json?: boolean }) =>
      withDirectory(given, async (directory) => {
        const ended = await directory['behalf.end']({ behalf: id, at: new Date().toISOString(), by: operator() })
        print(json, ended.behalf, [behalfRow(ended.behalf)])
      }),
    )
  behalf
    .command('list')
    .description('in force')
    .option('--owner <address>', 'given by this person')
    .option('--person <address>', 'by which this person may send')
    .option('--all', 'of an owner, also those that ended or are to come')
    .option('--json', 'print JSON')
    .action(({ json, ...q }: { owner?: string; person?: string; all?: boolean; json?: boolean }) =>
      withDirectory(given, async (directory) => {
        const found = await directory['behalf.list'](q)
        print(json, found.behalf, found.behalf.map(behalfRow))
      }),
    )
}

const shareRow = (s: FolderShare): string[] => [
  s.folder,
  `${s.negative ? '-' : ''}${s.with}`,
  s.rights || '-',
  s.from ?? '-',
  s.to ?? '-',
  s.by,
  s.at,
]
const behalfRow = (b: Behalf): string[] => [b.behalf, b.owner, b.person, b.from, b.to ?? '-', b.by, b.at]
