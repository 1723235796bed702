import { type Command, InvalidArgumentError, Option } from 'commander'
import { type AppPassword, type AppScope, appScopes, type Passkey } from '#kit/directory/calls.ts'
import { type Given, parseInstant, print, withDirectory } from './command.ts'

type Json = { json?: boolean }
type Add = Json & { name: string; scope: AppScope[]; expires?: string }

/** How people come in: `account app-password add|list|revoke`, `account passkey list|remove`, `account sign-ins`, `account sign-out`, `account second-factor`. */
export function signInCommands(account: Command, given: Given): void {
  const app = account.command('app-password').description('passwords for single mail programs of a person')
  app
    .command('add <address>')
    .description('make one; it is printed once and kept nowhere')
    .requiredOption('--name <device>', 'what it is for, as the person knows it')
    .addOption(
      new Option('--scope <protocols>', `some of ${appScopes.join(',')}`)
        .argParser(parseScopes)
        .default([...appScopes], 'all'),
    )
    .option('--expires <day>', 'from this day or instant on it no longer holds', parseInstant)
    .option('--json', 'print JSON')
    .action((address: string, { json, name, scope: scopes, expires }: Add) =>
      withDirectory(given, async (directory) => {
        const made = await directory['appPassword.add']({ address, name, scopes, ...(expires && { expires }) })
        print(json, made, [[made.password]])
      }),
    )
  app
    .command('list <address>')
    .description('those that there are, newest first, with their last use')
    .option('--json', 'print JSON')
    .action((address: string, { json }: Json) =>
      withDirectory(given, async (directory) => {
        const { appPasswords } = await directory['appPassword.list']({ address })
        print(json, appPasswords, appPasswords.map(row))
      }),
    )
  app
    .command('revoke <address> <id>')
    .description('it opens nothing any more, and its sessions end within a minute')
    .action((address: string, id: string) =>
      withDirectory(given, async (directory) => void (await directory['appPassword.revoke']({ address, id }))),
    )

  const key = account.command('passkey').description('passkeys of a person, for the pages; she adds them herself')
  key
    .command('list <address>')
    .description('those that there are, newest first, with their last use')
    .option('--json', 'print JSON')
    .action((address: string, { json }: Json) =>
      withDirectory(given, async (directory) => {
        const { passkeys } = await directory['passkey.list']({ address })
        print(json, passkeys, passkeys.map(keyRow))
      }),
    )
  key
    .command('remove <address> <id>')
    .description('it opens nothing any more; one that is all the second factor has goes after "second-factor --off"')
    .action((address: string, id: string) =>
      withDirectory(given, async (directory) => void (await directory['passkey.remove']({ address, id }))),
    )

  account
    .command('sign-ins <address>')
    .description('by what and from where the person came in last')
    .option('--json', 'print JSON')
    .action((address: string, { json }: Json) =>
      withDirectory(given, async (directory) => {
        const { signIns } = await directory['account.signIns']({ address })
        print(
          json,
          signIns,
          signIns.map(({ at, scope, how, ip }) => [at, scope, how, ip]),
        )
      }),
    )
  account
    .command('sign-out <address>')
    .description('end every sign-in at once, on pages and in mail programs')
    .action((address: string) =>
      withDirectory(given, async (directory) => void (await directory['account.signOut']({ address }))),
    )
  account
    .command('second-factor <address>')
    .description('whether a code of an app or a passkey is asked for; --off when the telephone is lost')
    .option('--off', 'turn it off; the password alone signs in again')
    .option('--json', 'print JSON')
    .action((address: string, { off, json }: Json & { off?: boolean }) =>
      withDirectory(given, async (directory) => {
        if (off) await directory['secondFactor.end']({ address })
        const state = await directory['secondFactor.state']({ address })
        print(json, state, [
          [state.on ? `on since ${state.since}, ${state.recoveryCodesLeft} recovery codes left` : 'off'],
        ])
      }),
    )
}

function row({ id, name, scopes, created, expires, used }: AppPassword): string[] {
  const last = used ? `used ${used.at} ${used.scope} ${used.ip}` : 'never used'
  return [id, scopes.join(','), `made ${created}`, expires ? `until ${expires}` : 'no end', last, name]
}

function keyRow({ id, name, created, used, blocked }: Passkey): string[] {
  const last = used ? `used ${used.at} ${used.ip}` : 'never used'
  return [id, `made ${created}`, last, blocked ? `blocked ${blocked}: copied` : 'good', name]
}

function parseScopes(text: string): AppScope[] {
  const wanted = text.split(',')
  for (const each of wanted)
    if (!appScopes.includes(each as AppScope)) throw new InvalidArgumentError(`choose of ${appScopes.join(',')}`)
  return wanted as AppScope[]
}
