import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Directory } from '#kit/directory/calls.ts'
import { type Elsewhere, MailElsewhere } from '#kit/mail/elsewhere.ts'
import { folderOfPath } from '../export/mbox.ts'
import type { FoundMessage } from '../import/found.ts'
import { readImap } from '../import/imap.ts'
import { Importer, placed } from '../import/importer.ts'
import { readMaildir } from '../import/maildir.ts'
import { readMbox } from '../import/mbox.ts'
import { type Given, operator, print, readPassword, sizeText, withDirectory } from './command.ts'

type Options = { account: string; folder?: string; dryRun?: boolean; json?: boolean }
type ImapOptions = Options & {
  user: string
  authorizeAs?: string
  security: Elsewhere['security']
  port?: number
  ca?: string
}
type Kind = 'mbox' | 'maildir' | 'imap'
type Messages = Iterable<FoundMessage> | AsyncIterable<FoundMessage>
type Reader = (directory: Directory, mostOctets: number) => Messages

export function importMailCommands(program: Command, given: Given): void {
  const group = program
    .command('import')
    .description('mail from other servers; run again after a fault or a kill, it goes on where it was')
  const into = (command: Command): Command =>
    command
      .requiredOption('--account <address>', 'whose mailbox')
      .option('--folder <folder>', 'where to')
      .option('--dry-run', 'read all of it and change nothing')
      .option('--json', 'print JSON')

  into(group.command('mbox <path...>'))
    .description(
      'mbox files, each into --folder or the folder of its name; or a folder of files *.mbox, as `export mbox` makes it',
    )
    .action((paths: string[], options: Options) =>
      run(given, options, 'mbox', paths.join(' '), (_, most) =>
        each(paths, (path) => readMboxes(path, options.folder, most)),
      ),
    )
  into(group.command('maildir <path...>'))
    .description('Maildir++ folders with those below them; --folder puts all of it there')
    .action((paths: string[], options: Options) =>
      run(given, options, 'maildir', paths.join(' '), (_, most) => each(paths, (path) => readMaildir(path, most))),
    )
  into(group.command('imap <host>'))
    .description(
      'a mailbox on another server; its password is the first line of standard input. Again, it fetches what is new; --folder puts all of it there',
    )
    .requiredOption('--user <name>', 'who signs in there')
    .option('--authorize-as <name>', "whose mailbox, when the user is one who may open others' (SASL PLAIN)")
    .addOption(
      new Option('--security <how>', 'how the connection is secured')
        .choices(['tls', 'starttls', 'none'])
        .default('tls'),
    )
    .option('--port <number>', '993, or 143 without tls, unless it is another', parsePort)
    .option(
      '--ca <file>',
      "a certificate authority to trust besides the system's, or the server's own certificate (PEM)",
    )
    .action(async (host: string, options: ImapOptions) => {
      const { user, authorizeAs, security, port = security === 'tls' ? 993 : 143, ca } = options
      using mail = await MailElsewhere.open({
        host,
        port,
        security,
        user,
        password: await readPassword(),
        ...(authorizeAs !== undefined && { authorizeAs }),
        ...(ca !== undefined && { ca: readFileSync(ca, 'utf8') }),
      })
      const source = `${host}:${port} ${authorizeAs ?? user}`
      await run(given, options, 'imap', source, (directory, maxOctets) =>
        readImap(mail, {
          source,
          maxOctets,
          known: async (keys) => new Set((await directory['mail.imported']({ address: options.account, keys })).known),
        }),
      )
    })
}

async function run(given: Given, options: Options, kind: Kind, source: string, read: Reader): Promise<void> {
  const { account, folder, dryRun = false, json } = options
  await withDirectory(given, async (directory) => {
    // says that there is no such account before anything is read
    await directory['mailbox.list']({ address: account })
    const importer = new Importer(
      directory,
      { account, dryRun, by: operator(), ...(folder !== undefined && { folder }) },
      `${kind} ${source}`,
    )
    for await (const message of read(directory, given.settings().maxMessageMb * 1024 * 1024))
      await importer.take(message, kind)
    await importer.flush()
    const { sum } = importer
    print(json, sum, [
      [
        `${sum.found} messages (${sizeText(sum.octets)}), ${dryRun ? 'nothing changed' : `${sum.added} added, ${sum.found - sum.added} there before`}`,
      ],
    ])
    if (!json) for (const { where, why } of sum.skipped) console.error(`left out: ${where}: ${why}`)
    if (sum.skipped.length > 0) process.exitCode = 1
  })
}

async function* each(paths: readonly string[], read: (path: string) => Messages): AsyncGenerator<FoundMessage> {
  for (const path of paths) yield* read(path)
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) throw new InvalidArgumentError('a port, 1 to 65535')
  return port
}

/** A file, or all of a folder: then `folder` is put above the folders that their names say. */
async function* readMboxes(path: string, folder: string | undefined, most: number): AsyncGenerator<FoundMessage> {
  if (!statSync(path).isDirectory()) return yield* readMbox(path, folder ?? folderOfFile(path), most)
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.mbox'))
  if (files.length === 0) throw new Error(`${path} has no files *.mbox`)
  for (const file of files.sort()) {
    const at = join(path, file)
    if (statSync(at).isFile() && statSync(at).size > 0) yield* readMbox(at, placed(folderOfPath(file), folder), most)
  }
}

/** "sent.mbox" → sent; "inbox", "mbox" → INBOX */
function folderOfFile(file: string): string {
  const name = basename(file).replace(/\.mbox$/i, '')
  return /^(inbox|mbox)$/i.test(name) ? 'INBOX' : name.normalize('NFC')
}
