import type { Command } from 'commander'
import type { Directory } from '#kit/directory/calls.ts'
import { type Given, operator, print, withDirectory } from './command.ts'

type Json = { json?: boolean }
type Listed = Awaited<ReturnType<Directory['alias.list']>>['aliases'][number]

export function aliasCommands(program: Command, given: Given): void {
  const alias = program.command('alias').description('other addresses of accounts')
  alias
    .command('add <address> <to...>')
    .description(
      'make an alias, or replace what it stands for; @domain takes mail to every address there that nobody has',
    )
    .option('--json', 'print JSON')
    .action((address: string, to: string[], { json }: Json) =>
      withDirectory(given, async (directory) => {
        await directory['alias.add']({ address, to })
        print(json, { address, to }, [[address, ...to]])
      }),
    )
  const group = program.command('group').description('addresses that reach many')
  group
    .command('add <address> <members...>')
    .description('make a group, or replace its members')
    .requiredOption('--name <name>', 'name as people read it')
    .option('--outside', 'the world may write to it too')
    .option('--owner <address>', 'who answers for it; needed for members elsewhere, whose bounces come there')
    .option('--json', 'print JSON')
    .action(
      (
        address: string,
        members: string[],
        { name, outside = false, owner, json }: Json & { name: string; outside?: boolean; owner?: string },
      ) =>
        withDirectory(given, async (directory) => {
          await directory['group.add']({ address, name, members, outside, ...(owner !== undefined && { owner }) })
          print(json, { address, name, members, outside }, [[address, name, `${members.length}`]])
        }),
    )
  for (const [command, of, row] of [
    [alias, (a: Listed) => !a.group, (a: Listed) => [a.address, ...a.to]],
    [group, (a: Listed) => a.group !== undefined, groupRow],
  ] as const) {
    command
      .command('list')
      .description('by address')
      .option('--json', 'print JSON')
      .action(({ json }: Json) =>
        withDirectory(given, async (directory) => {
          const { aliases } = await directory['alias.list']({})
          const these = aliases.filter(of)
          print(json, these, these.map(row))
        }),
      )
    command
      .command('remove <address>')
      .description('not while it holds a right, or another group names it')
      .action((address: string) =>
        withDirectory(given, async (directory) => void (await directory['alias.remove']({ address, by: operator() }))),
      )
  }
}

const groupRow = ({ address, to, group }: Listed): string[] => [
  address,
  group!.name,
  group!.outside ? 'open to the world' : 'internal',
  group!.owner ?? '-',
  `${to.length} members`,
  to.join(' '),
]
