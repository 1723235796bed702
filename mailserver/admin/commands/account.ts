import { type Command, Option } from 'commander'
import { type Account, type AccountKind, accountKinds, type Directory } from '#kit/directory/calls.ts'
import { type Given, parseCount, parseSize, print, readPassword, sizeText, withDirectory } from './command.ts'
import { importCommand } from './import.ts'
import { signInCommands } from './signin.ts'

type Change = {
  name?: string
  passwordStdin?: boolean
  passwordHashStdin?: boolean
  passwordFromLdap?: boolean
  quota?: number
  mostMessages?: number | null
  title?: string
  json?: boolean
}
type Add = Omit<Change, 'mostMessages' | 'passwordHashStdin' | 'passwordFromLdap'> & {
  mostMessages?: number
  name: string
  kind: AccountKind
  agency?: string
}
type Filter = { kind?: AccountKind; q?: string; json?: boolean }

/** as many as one answer of the control API may have */
const page = 1_000

export function accountCommands(program: Command, given: Given): void {
  const account = program.command('account').description('people, offices, registers and services')
  account
    .command('add <address>')
    .description('a new account; persons get 1 GB unless --quota says otherwise')
    .requiredOption('--name <name>', 'name as people read it')
    .option('--password-stdin', 'read the password from standard input')
    .option('--quota <size>', 'for example 1GB', parseSize)
    .option('--most-messages <n>', 'messages that it may hold; any number by default', parseCount)
    .addOption(new Option('--kind <kind>', 'what it is').choices(accountKinds).default('person'))
    .option('--agency <id>', 'its agency')
    .option('--title <title>', 'chức vụ')
    .option('--json', 'print JSON')
    .action(async (address: string, { passwordStdin, json, ...rest }: Add) => {
      const password = passwordStdin ? await readPassword() : undefined
      await withDirectory(given, async (directory) => {
        const added = await directory['account.add']({ address, ...rest, ...(password !== undefined && { password }) })
        show(json, added.account)
      })
    })
  account
    .command('set <address>')
    .description('change what is named, leave the rest')
    .option('--name <name>', 'name as people read it')
    .option('--password-stdin', 'read the new password from standard input; sessions with the old one end')
    .option('--password-from-ldap', 'the LDAP directory judges the password from now on')
    .option(
      '--password-hash-stdin',
      'read what another mail server kept of it: {BLF-CRYPT}…, {SHA512-CRYPT}…, {SSHA512}…',
    )
    .option('--quota <size>', 'for example 1GB', parseSize)
    .option('--most-messages <n|none>', 'messages that it may hold', (text) =>
      text === 'none' ? null : parseCount(text),
    )
    .option('--title <title>', 'chức vụ')
    .option('--json', 'print JSON')
    .action(async (address: string, { passwordStdin, passwordHashStdin, passwordFromLdap, json, ...rest }: Change) => {
      const password = passwordStdin ? await readPassword() : undefined
      const passwordHash = passwordFromLdap ? '{LDAP}' : passwordHashStdin ? await readPassword() : undefined
      await withDirectory(given, async (directory) => {
        const changed = await directory['account.set']({
          address,
          ...rest,
          ...(password !== undefined && { password }),
          ...(passwordHash !== undefined && { passwordHash }),
        })
        show(json, changed.account)
      })
    })
  for (const [verb, disabled, help] of [
    ['disable', true, 'no sign-in, no new mail; what is there stays'],
    ['enable', false, 'undo disable'],
  ] as const)
    account
      .command(`${verb} <address>`)
      .description(help)
      .option('--json', 'print JSON')
      .action((address: string, { json }: { json?: boolean }) =>
        withDirectory(given, async (directory) =>
          show(json, (await directory['account.disable']({ address, disabled })).account),
        ),
      )
  importCommand(account, given)
  signInCommands(account, given)
  account
    .command('list')
    .description('all accounts, by address')
    .addOption(new Option('--kind <kind>', 'only these').choices(accountKinds))
    .option('--q <text>', 'only those with this in name or address')
    .option('--json', 'print JSON')
    .action(({ json, ...filter }: Filter) => listAccounts(given, json, filter))

  program
    .command('office')
    .description('role mailboxes')
    .command('list')
    .description('all offices, by address')
    .option('--q <text>', 'only those with this in name or address')
    .option('--json', 'print JSON')
    .action(({ json, ...filter }: Filter) => listAccounts(given, json, { ...filter, kind: 'office' }))
}

function listAccounts(given: Given, json: boolean | undefined, filter: Omit<Filter, 'json'>): Promise<void> {
  return withDirectory(given, async (directory) => {
    const accounts = await everyPage(directory, filter)
    print(json, accounts, accounts.map(row))
  })
}

/** All accounts, in the pages that the control API gives. */
export async function everyPage(directory: Directory, filter: Omit<Filter, 'json'>): Promise<Account[]> {
  const found: Account[] = []
  for (;;) {
    const after = found.at(-1)?.address
    const { accounts } = await directory['account.list']({ ...filter, limit: page, ...(after && { after }) })
    found.push(...accounts)
    if (accounts.length < page) return found
  }
}

function show(json: boolean | undefined, account: Account): void {
  print(json, account, [row(account)])
}

function row(a: Account): string[] {
  const state = a.disabled ? 'disabled' : a.to ? `until ${a.to}` : 'active'
  return [a.address, a.kind, state, `${sizeText(a.used)}/${sizeText(a.quota)}`, a.name]
}
