import type { Command } from 'commander'
import type { OpenSession } from '#kit/directory/calls.ts'
import { type Given, operator, print, withDirectory } from './command.ts'

export function sessionCommands(program: Command, given: Given): void {
  const sessions = program.command('sessions').description('who is signed in where, in mail programs and on the pages')
  sessions
    .command('list [address]')
    .description('id, account, protocol, from where, how, since when, idle, program, folder')
    .option('--json', 'print JSON')
    .action((address: string | undefined, { json }: { json?: boolean }) =>
      withDirectory(given, async (directory) => {
        const { sessions } = await directory['sessions.list'](address === undefined ? {} : { address })
        print(json, sessions, sessions.map(row))
      }),
    )
  sessions
    .command('end <id-or-address>')
    .description('one by its id, or all of an account; a program with the right password may come back')
    .option('--json', 'print JSON')
    .action((which: string, { json }: { json?: boolean }) =>
      withDirectory(given, async (directory) => {
        const asked = which.includes('@') ? { address: which } : { id: which }
        const { ended } = await directory['sessions.end']({ ...asked, by: operator() })
        print(json, { ended }, [[`${ended} ended`]])
      }),
    )
}

function row({ id, account, protocol, ip, encrypted, since, idle, client, folder }: OpenSession): string[] {
  const idleText = idle === undefined ? '-' : `${idle}s`
  return [
    id,
    account,
    protocol,
    ip || '-',
    encrypted === undefined ? '-' : encrypted ? 'tls' : 'plain',
    since,
    idleText,
    printable(client),
    folder ?? '',
  ]
}

/** A stranger's words must not move the cursor of a terminal. */
const printable = (text = '-'): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?').slice(0, 60)
