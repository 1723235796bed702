import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { Command } from 'commander'
import type { Directory } from '#kit/directory/calls.ts'
import type { FoundMessage } from '../import/found.ts'
import { readMaildir } from '../import/maildir.ts'
import { readMbox } from '../import/mbox.ts'
import { type Given, operator, print, sizeText, withDirectory } from './command.ts'

type Options = { account: string; folder?: string; dryRun?: boolean; json?: boolean }
type Sum = { found: number; added: number; octets: number; skipped: { where: string; why: string }[] }

/** Of one call: few enough to be in memory twice, enough for one commit to be worth it. */
const batchOctets = 8 * 1024 * 1024
const batchMessages = 100

export function importMailCommands(program: Command, given: Given): void {
  const group = program
    .command('import')
    .description('mail from other servers; run again after a fault or a kill, it goes on where it was')
  const kinds = {
    mbox: (file: string, { folder }: Options, most: number) => readMbox(file, folder ?? folderOfFile(file), most),
    maildir: (path: string, _: Options, most: number) => readMaildir(path, most),
  }
  for (const [kind, help] of [
    ['mbox', 'mbox files; each into --folder, or the folder of its name'],
    ['maildir', 'Maildir++ folders with those below them; --folder puts all of it there'],
  ] as const)
    group
      .command(`${kind} <path...>`)
      .description(help)
      .requiredOption('--account <address>', 'whose mailbox')
      .option('--folder <folder>', 'where to')
      .option('--dry-run', 'read all of it and change nothing')
      .option('--json', 'print JSON')
      .action((paths: string[], options: Options) =>
        withDirectory(given, async (directory) => {
          const most = given.settings().maxMessageMb * 1024 * 1024
          const sum: Sum = { found: 0, added: 0, octets: 0, skipped: [] }
          // names what is there already, before anything is read
          await directory['mailbox.list']({ address: options.account })
          const into = new Importer(directory, options, sum, `${kind} ${paths.join(' ')}`)
          for (const path of paths)
            for await (const message of kinds[kind](path, options, most)) await into.take(message, kind)
          await into.flush()
          print(options.json, sum, [
            [
              `${sum.found} messages (${sizeText(sum.octets)}), ${options.dryRun ? 'nothing changed' : `${sum.added} added, ${sum.found - sum.added} there before`}`,
            ],
          ])
          if (!options.json) for (const { where, why } of sum.skipped) console.error(`left out: ${where}: ${why}`)
          if (sum.skipped.length > 0) process.exitCode = 1
        }),
      )
}

class Importer {
  readonly #directory: Directory
  readonly #options: Options
  readonly #sum: Sum
  #first: string | undefined
  #folder = ''
  #batch: { raw: Buffer; flags: string[]; at: string; key: string }[] = []
  #octets = 0
  /** how often each message stood in this folder so far: equal letters are different ones, and the same again at the next run */
  readonly #seen = new Map<string, number>()

  constructor(directory: Directory, options: Options, sum: Sum, first: string) {
    this.#directory = directory
    this.#options = options
    this.#sum = sum
    this.#first = first.slice(0, 1000)
  }

  async take(message: FoundMessage, kind: 'mbox' | 'maildir'): Promise<void> {
    if ('skipped' in message) {
      this.#sum.skipped.push({ where: message.where, why: message.skipped })
      return
    }
    const { raw, flags, at } = message
    const folder = kind === 'maildir' ? placed(message.folder, this.#options.folder) : message.folder
    this.#sum.found++
    this.#sum.octets += raw.length
    if (this.#options.dryRun) return
    if (folder !== this.#folder || this.#octets + raw.length > batchOctets || this.#batch.length >= batchMessages)
      await this.flush()
    this.#folder = folder
    const same = createHash('sha256').update(`${folder}\0`).update(raw).digest('base64url').slice(0, 22)
    const n = (this.#seen.get(same) ?? 0) + 1
    this.#seen.set(same, n)
    this.#batch.push({ raw, flags, at: at.toISOString(), key: `${same}-${n}` })
    this.#octets += raw.length
  }

  async flush(): Promise<void> {
    if (this.#batch.length === 0) return
    const { added } = await this.#directory['mail.import']({
      address: this.#options.account,
      folder: this.#folder,
      messages: this.#batch,
      ...(this.#first !== undefined && { first: this.#first }),
      by: operator(),
    })
    this.#first = undefined
    this.#sum.added += added
    this.#batch = []
    this.#octets = 0
  }
}

/** "sent.mbox" → sent; "inbox", "mbox" → INBOX */
function folderOfFile(file: string): string {
  const name = basename(file).replace(/\.mbox$/i, '')
  return /^(inbox|mbox)$/i.test(name) ? 'INBOX' : name.normalize('NFC')
}

const placed = (folder: string, under: string | undefined): string =>
  under === undefined ? folder : folder === 'INBOX' ? under : `${under}/${folder}`
