import { type Command, InvalidArgumentError } from 'commander'
import { type Grant, type OfficeRight, officeRights } from '#kit/directory/calls.ts'
import { type Given, operator, parseInstant, print, withDirectory } from './command.ts'

export function grantCommands(program: Command, given: Given): void {
  const grant = program.command('grant').description('dated rights of persons and groups on offices')
  grant
    .command('add <person-or-group> <office>')
    .description('give a person, or everyone in a group, rights on an office, or reading of a register')
    .requiredOption('--rights <list>', 'of read, act, send, manage, with commas', parseRights)
    .option('--from <when>', 'day or instant; now when absent', parseInstant)
    .option('--to <when>', 'first day or instant on which it no longer holds', parseInstant)
    .option('--json', 'print JSON')
    .action(
      (person: string, office: string, o: { rights: Grant['rights']; from?: string; to?: string; json?: boolean }) =>
        withDirectory(given, async (directory) => {
          const { rights, from = new Date().toISOString(), to } = o
          const added = await directory['grant.add']({
            person,
            office,
            rights,
            from,
            by: operator(),
            ...(to && { to }),
          })
          print(o.json, added.grant, [row(added.grant)])
        }),
    )
  grant
    .command('end <grant>')
    .description('end a grant; its id is in the list')
    .option('--at <when>', 'day or instant; now when absent', parseInstant)
    .option('--json', 'print JSON')
    .action((id: string, { at = new Date().toISOString(), json }: { at?: string; json?: boolean }) =>
      withDirectory(given, async (directory) => {
        const ended = await directory['grant.end']({ grant: id, at, by: operator() })
        print(json, ended.grant, [row(ended.grant)])
      }),
    )
  grant
    .command('list')
    .description('grants in force')
    .option('--person <address>', 'only of this person')
    .option('--office <address>', 'only on this office')
    .option('--all', 'also those that ended or are to come')
    .option('--json', 'print JSON')
    .action(({ json, ...q }: { person?: string; office?: string; all?: boolean; json?: boolean }) =>
      withDirectory(given, async (directory) => {
        const { grants } = await directory['directory.grants'](q)
        print(json, grants, grants.map(row))
      }),
    )
}

function parseRights(text: string): Grant['rights'] {
  const given = text.split(',').map((r) => r.trim())
  const wrong = given.find((r) => !officeRights.includes(r as OfficeRight))
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is not one of ${officeRights.join(', ')}`)
  return given as unknown as Grant['rights']
}

function row(g: Grant): string[] {
  return [
    g.grant,
    g.group && g.group !== g.person ? `${g.person} (${g.group})` : g.person,
    g.office,
    g.rights.join(','),
    g.from,
    g.to ?? '-',
  ]
}
