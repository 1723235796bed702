import type { Command } from 'commander'
import type { Settings } from '#config/settings.ts'
import type { Account } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { fold } from '#mailserver/accounts/address.ts'
import { directoryPassword } from '#mailserver/accounts/judge.ts'
import type { LdapDirectory } from '#mailserver/accounts/ldap.ts'
import { everyPage } from './account.ts'
import { type Given, print, readPassword, withDirectory } from './command.ts'

/** `congso ldap`: the province's directory, which judges passwords and knows who works there (docs/operations/ldap.md). */
export function ldapCommands(program: Command, given: Given): void {
  const ldap = program.command('ldap').description('the LDAP directory that judges passwords')
  ldap
    .command('check [address]')
    .description(
      'does it answer, and how many people does it name; with an address, is the password on standard input right',
    )
    .option('--json', 'print JSON')
    .action(async (address: string | undefined, { json }: { json?: boolean }) => {
      const directory = await opened(given.settings())
      const done = await said(async () =>
        address === undefined
          ? { people: (await directory.people()).length }
          : { right: await directory.fits(fold(address), await readPassword()) },
      )
      if (!done) return
      print(json, done, ['people' in done ? [`${done.people} people`] : [done.right ? 'right' : 'wrong']])
      if ('right' in done && !done.right) process.exitCode = 1
    })
  ldap
    .command('import')
    .description(
      'mailboxes for the people it names in our domains, with the password that they have there; a repeat adds only what is missing',
    )
    .option('--dry-run', 'only say who it would be')
    .option('--disable', 'switch off those whose password is there, who are switched off or missing in it')
    .option('--json', 'print JSON')
    .action(
      async ({ dryRun = false, disable = false, json }: { dryRun?: boolean; disable?: boolean; json?: boolean }) => {
        const people = await said(async () => (await opened(given.settings())).people())
        if (!people) return
        await withDirectory(given, async (directory) => {
          const domains = new Set((await directory['domain.list']({})).domains)
          const wanted = new Map(
            people
              .filter((p) => !p.disabled && domains.has(p.address.slice(p.address.lastIndexOf('@') + 1).toLowerCase()))
              .map((p) => [fold(p.address), p]),
          )
          const here = (await everyPage(directory, { kind: 'person' })) as Account[]
          const known = new Set(here.map((a) => a.address))
          const added: string[] = []
          const refused: { address: string; why: string }[] = []
          for (const [address, { name, title }] of wanted) {
            if (known.has(address)) continue
            try {
              const account = { address, name, ...(title !== undefined && { title }), passwordHash: directoryPassword }
              if (!dryRun) await directory['account.add'](account)
              added.push(address)
            } catch (err) {
              if (!(err instanceof Refusal)) throw err
              refused.push({ address, why: err.advice })
            }
          }
          const gone = here
            .filter((a) => a.passwordFrom === 'ldap' && !a.disabled && !wanted.has(a.address))
            .map((a) => a.address)
          if (disable && !dryRun)
            for (const address of gone) await directory['account.disable']({ address, disabled: true })
          print(json, { added, gone, refused }, [
            [
              `${added.length} ${dryRun ? 'would be added' : 'added'}, ${wanted.size - added.length - refused.length} were there already`,
            ],
            ...(gone.length > 0
              ? [
                  [
                    `${gone.length} are not in it any more${disable && !dryRun ? ', switched off' : ''}: ${gone.join(', ')}`,
                  ],
                ]
              : []),
          ])
          for (const { address, why } of refused) console.error(`congso: ${address}: ${why}`)
          if (refused.length > 0) process.exitCode = 1
        })
      },
    )
}

/** @throws Error when none is set */
async function opened(settings: Settings): Promise<LdapDirectory> {
  const { LdapDirectory, ldapSettings } = await import('#mailserver/accounts/ldap.ts')
  const found = ldapSettings(settings)
  if (!found) throw new Error('no LDAP directory is set (CONGSO_LDAP_URL)')
  return new LdapDirectory(found)
}

/** @returns undefined when it refused, which is said */
async function said<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (err) {
    if (!(err instanceof Refusal)) throw err
    const { cause } = err
    console.error(`congso: ${err.message}${cause instanceof Error ? `: ${cause.message}` : ''}`)
    process.exitCode = 1
    return undefined
  }
}
