import type { Command } from 'commander'
import { type Given, print, withDirectory } from './command.ts'

export function aliasCommands(program: Command, given: Given): void {
  program
    .command('alias')
    .description('other addresses of accounts')
    .command('add <address> <to...>')
    .description('make an alias, or replace what it stands for')
    .option('--json', 'print JSON')
    .action((address: string, to: string[], { json }: { json?: boolean }) =>
      withDirectory(given, async (directory) => {
        await directory['alias.add']({ address, to })
        print(json, { address, to }, [[address, ...to]])
      }),
    )
  program
    .command('group')
    .description('addresses that reach many')
    .command('add <address> <members...>')
    .description('make a group, or replace its members')
    .requiredOption('--name <name>', 'name as people read it')
    .option('--outside', 'the world may write to it too')
    .option('--json', 'print JSON')
    .action(
      (
        address: string,
        members: string[],
        { name, outside = false, json }: { name: string; outside?: boolean; json?: boolean },
      ) =>
        withDirectory(given, async (directory) => {
          await directory['group.add']({ address, name, members, outside })
          print(json, { address, name, members, outside }, [[address, name, `${members.length}`]])
        }),
    )
}
