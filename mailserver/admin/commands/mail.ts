import { type Command, InvalidArgumentError, Option } from 'commander'
import type { FoundMail } from '#kit/directory/calls.ts'
import { type Given, operator, parseCount, print, sizeText, withDirectory } from './command.ts'

type Json = { json?: boolean }
type Deed = Json & { dryRun?: boolean }
type Flagging = { remove?: boolean; replace?: boolean }

export const queryHelp = `
A query is written as in IMAP SEARCH (RFC 9051 §6.4.4), for example
  UNSEEN SINCE 1-Nov-2026        FROM "Trần Hà"        OR SUBJECT "công văn" LARGER 5000000
  UID 100:200                    SAVEDBEFORE 1-Jan-2026 KEYWORD $Forwarded
An argument with spaces is taken for one text: FROM 'Trần Hà' needs no other quotes. One single argument is taken as it is.`

/** Looking into mailboxes and acting there, as doveadm's search, fetch, expunge, move, copy and flags do; each is in the record. */
export function mailCommands(program: Command, given: Given): void {
  const mail = program.command('mail').description("somebody's mail; looking is written into the record like acting")
  mail
    .command('search <address> <query...>')
    .description('folder, UID, date, size, sender, subject; the newest first')
    .option('--folder <folder>', 'only there; may be repeated', (f: string, all: string[] = []) => [...all, f])
    .option('--limit <n>', 'at most so many lines, up to 1000', parseLimit, 100)
    .option('--json', 'print JSON')
    .addHelpText('after', queryHelp)
    .action((address: string, query: string[], { folder, limit, json }: Json & { folder?: string[]; limit: number }) =>
      withDirectory(given, async (directory) => {
        const done = await directory['mail.find']({
          address,
          query: queryOf(query),
          limit,
          ...(folder && { folders: folder }),
          by: operator(),
        })
        print(json, done, done.found.map(row))
        if (!json)
          console.error(`${done.total} found${done.total > done.found.length ? `, ${done.found.length} shown` : ''}`)
      }),
    )
  mail
    .command('show <address> <folder> <uid>')
    .description('the message, octet by octet, on standard output')
    .action((address: string, folder: string, uid: string) =>
      withDirectory(given, async (directory) => {
        const number = parseCount(uid)
        for (let from: number | undefined = 0; from !== undefined; ) {
          const piece: { base64: string; next?: number } = await directory['mail.read']({
            address,
            folder,
            uid: number,
            from,
            by: operator(),
          })
          await written(Buffer.from(piece.base64, 'base64'))
          from = piece.next
        }
      }),
    )
  mail
    .command('expunge <address> <folder> <query...>')
    .description(
      'remove what the query finds there; ALL for everything. It can be restored for some days (`mail deleted`)',
    )
    .option('--dry-run', 'only say how much it would be')
    .option('--json', 'print JSON')
    .addHelpText('after', queryHelp)
    .action((address: string, folder: string, query: string[], { dryRun = false, json }: Deed) =>
      withDirectory(given, async (directory) => {
        const asked = { address, folder, query: queryOf(query), dryRun, by: operator() }
        said(json, await directory['mail.expunge'](asked), dryRun ? 'would be removed' : 'removed')
      }),
    )
  mail
    .command('move <address> <folder> <to> <query...>')
    .description('move what the query finds in one folder to another of the same account')
    .option('--dry-run', 'only say how much it would be')
    .option('--json', 'print JSON')
    .addHelpText('after', queryHelp)
    .action((address: string, folder: string, to: string, query: string[], { dryRun = false, json }: Deed) =>
      withDirectory(given, async (directory) => {
        const asked = { address, folder, to, query: queryOf(query), dryRun, by: operator() }
        said(json, await directory['mail.move'](asked), dryRun ? 'would be moved' : 'moved')
      }),
    )
  mail
    .command('copy <address> <folder> <to> <query...>')
    .description('copy what the query finds into a folder of the same account, or of --to-account')
    .option('--to-account <address>', 'whose folder; within its quota')
    .option('--dry-run', 'only say how much it would be')
    .option('--json', 'print JSON')
    .addHelpText('after', queryHelp)
    .action((address: string, folder: string, to: string, query: string[], options: Deed & { toAccount?: string }) =>
      withDirectory(given, async (directory) => {
        const { dryRun = false, json, toAccount: toAddress = address } = options
        const asked = { address, folder, toAddress, to, query: queryOf(query), dryRun, by: operator() }
        said(json, await directory['mail.copy'](asked), dryRun ? 'would be copied' : 'copied')
      }),
    )
  mail
    .command('flag <address> <folder> <flags> <query...>')
    .description(String.raw`add flags to what the query finds ("\Seen $Viec"), or --remove or --replace them`)
    .addOption(new Option('--remove', 'take them away').conflicts('replace'))
    .option('--replace', 'these and no others')
    .option('--dry-run', 'only say how many it would be')
    .option('--json', 'print JSON')
    .addHelpText('after', queryHelp)
    .action((address: string, folder: string, flags: string, query: string[], options: Deed & Flagging) =>
      withDirectory(given, async (directory) => {
        const { dryRun = false, json, remove, replace } = options
        const op = remove ? 'remove' : replace ? 'set' : 'add'
        const asked = { address, folder, query: queryOf(query), op, flags, dryRun, by: operator() } as const
        const done = await directory['mail.flag'](asked)
        print(json, done, [[`${done.messages} messages ${dryRun ? 'would be flagged' : 'flagged'}`]])
      }),
    )
}

/** Words of the shell as they stand; those that hold more than one word become one string of IMAP. */
export function queryOf(words: readonly string[]): string {
  if (words.length === 1) return words[0]!
  return words.map((w) => (/[\s]/.test(w) || w === '' ? `"${w.replaceAll(/["\\]/g, '\\$&')}"` : w)).join(' ')
}

export function said(json: boolean | undefined, done: { messages: number; octets: number }, what: string): void {
  print(json, done, [[`${done.messages} messages (${sizeText(done.octets)}) ${what}`]])
}

const row = ({ folder, uid, at, size, from, subject }: FoundMail): string[] => [
  folder,
  String(uid),
  at,
  sizeText(size),
  printable(from).slice(0, 40),
  printable(subject).slice(0, 80),
]

/** What strangers wrote must not move the cursor of a terminal. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?')

export function parseLimit(text: string): number {
  const n = parseCount(text)
  if (n < 1 || n > 1000) throw new InvalidArgumentError('from 1 to 1000')
  return n
}

const written = (octets: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => process.stdout.write(octets, (err) => (err ? reject(err) : resolve())))
