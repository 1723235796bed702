import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { Refusal } from '#kit/refusal.ts'
import { writeMaildir } from '../export/maildir.ts'
import { writeMbox } from '../export/mbox.ts'
import { Folder } from '../export/source.ts'
import { type Given, print, sizeText, withDirectory } from './command.ts'

type Options = { folder?: string[]; json?: boolean }
type Sum = { folder: string; messages: number; octets: number }

const writers: Record<
  'mbox' | 'maildir',
  (
    folder: Folder,
    mailbox: { path: string; uidValidity: number },
    to: string,
  ) => Promise<{ messages: number; octets: number; keywords?: string[] }>
> = {
  mbox: (folder, { path }, to) => writeMbox(folder, path, to),
  maildir: writeMaildir,
}

export function exportMailCommands(program: Command, given: Given): void {
  const group = program
    .command('export')
    .description('mail for other programs, with its folders, flags and dates; run again after a fault or a kill')
  for (const [kind, help] of [
    ['mbox', 'an mbox file for each folder; written anew each time'],
    ['maildir', 'a Maildir++; what is there already from an earlier run is not written again'],
  ] as const)
    group
      .command(`${kind} <address> <directory>`)
      .description(help)
      .option('--folder <folder>', 'only this one; may be repeated', (f: string, all: string[] = []) => [...all, f])
      .option('--json', 'print JSON')
      .action((address: string, directory: string, { folder: only, json }: Options) =>
        withDirectory(given, async (api) => {
          const to = resolve(directory)
          const { mailboxes } = await api['mailbox.list']({ address })
          const wanted = only?.map((f) => f.normalize('NFC'))
          const missing = wanted?.find((f) => !mailboxes.some((m) => m.path === f))
          if (missing !== undefined)
            throw new Refusal(404, `Hộp thư ${address} không có thư mục ${missing}.`, `no folder ${missing}`)
          mkdirSync(to, { recursive: true, mode: 0o700 })
          const sums: Sum[] = []
          const left = new Set<string>()
          for (const mailbox of mailboxes.filter((m) => !wanted || wanted.includes(m.path))) {
            const folder = new Folder(api, { address, folder: mailbox.path, to: `${kind} ${to}`.slice(0, 1000) })
            try {
              const { keywords = [], ...sum } = await writers[kind](folder, mailbox, to)
              for (const keyword of keywords) left.add(`flag ${keyword} in ${mailbox.path}`)
              sums.push({ folder: mailbox.path, ...sum })
            } catch (err) {
              if ((err as NodeJS.ErrnoException).code !== 'ENAMETOOLONG') throw err
              left.add(`folder ${mailbox.path}: its name is too long for the file system`)
            }
          }
          print(
            json,
            { to, folders: sums },
            sums.map((s) => [s.folder, `${s.messages} messages`, sizeText(s.octets)]),
          )
          for (const what of left) console.error(`left out: ${what}`)
          if (left.size > 0) process.exitCode = 1
        }),
      )
}
