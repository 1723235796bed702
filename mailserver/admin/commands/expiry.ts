import { type Command, InvalidArgumentError } from 'commander'
import { type Given, operator, print, sizeText, withDirectory } from './command.ts'

type Days = number | null
type Set = { junk?: Days; trash?: Days; json?: boolean }

/** `all` stands for every account; else an address or a domain. */
const scopeOf = (text: string): string => (text === 'all' ? '' : text)

export function expiryCommands(program: Command, given: Given): void {
  const expiry = program.command('expiry').description('how long Junk and Trash keep what was put into them')
  expiry
    .command('show <scope>')
    .description('days that hold for an address, a domain, or `all`; 0 is for ever')
    .option('--json', 'print JSON')
    .action((scope: string, { json }: { json?: boolean }) =>
      withDirectory(given, async (directory) => show(json, await directory['expiry.get']({ scope: scopeOf(scope) }))),
    )
  expiry
    .command('set <scope>')
    .description('for an address, a domain, or `all`; the narrower one decides')
    .option('--junk <days|never|default>', 'of Junk', parseDays)
    .option('--trash <days|never|default>', 'of Trash', parseDays)
    .option('--json', 'print JSON')
    .action((scope: string, { json, ...change }: Set) =>
      withDirectory(given, async (directory) =>
        show(json, await directory['expiry.set']({ scope: scopeOf(scope), ...change, by: operator() })),
      ),
    )
  expiry
    .command('run')
    .description('empty Junk and Trash of what is due now, rather than within the hour')
    .option('--dry-run', 'only say what would be removed')
    .option('--json', 'print JSON')
    .action(({ dryRun = false, json }: { dryRun?: boolean; json?: boolean }) =>
      withDirectory(given, async (directory) => {
        const done = await directory['expiry.run']({ dryRun, by: operator() })
        print(
          json,
          done,
          done.expired.map((e) => [
            e.account,
            e.folder,
            `${e.days} days`,
            `${e.messages} messages`,
            sizeText(e.octets),
          ]),
        )
        if (done.stopped) console.error('congso: this takes longer; the rest goes in the background, or run it again')
      }),
    )
}

type Shown = { junk: number; trash: number; set: { junk?: number; trash?: number } }

function show(json: boolean | undefined, shown: Shown): void {
  print(
    json,
    shown,
    (['junk', 'trash'] as const).map((use) => [
      use === 'junk' ? 'Junk' : 'Trash',
      shown[use] === 0 ? 'never' : `${shown[use]} days`,
      shown.set[use] === undefined ? 'by default' : 'set here',
    ]),
  )
}

function parseDays(text: string): Days {
  if (text === 'default') return null
  if (text === 'never' || text === 'off') return 0
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('a number of days, never, or default')
  return Number(text)
}
