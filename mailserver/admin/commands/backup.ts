import type { Command } from 'commander'
import { restoreBackup } from '../../backup/restore.ts'
import { takeBackup } from '../../backup/take.ts'
import { type Given, operator, parseCount, print, sizeText, withDirectory } from './command.ts'

const keptByDefault = 7

/** `congso backup`, `congso restore`; what a backup is, and what comes back: docs/operations/backup.md */
export function backupCommands(program: Command, given: Given): void {
  program
    .command('backup <folder>')
    .description(
      'copy everything that must be kept into a folder, while the suite runs or not; again, it copies what is new',
    )
    .option('--keep <n>', 'generations that stay', parseCount, keptByDefault)
    .option('--json', 'print JSON')
    .action(async (dir: string, { keep, json }: { keep: number; json?: boolean }) => {
      const { data, hostname } = given.settings()
      const taken = await takeBackup({ data, dir, keep: Math.max(1, keep), hostname, now: Date.now })
      await withDirectory(given, async (directory) => {
        await directory['backup.note']({ folder: dir, generation: taken.generation, by: operator() })
      })
      const { generation, messages, octets, copied, damaged, missing, removed } = taken
      print(json, taken, [
        [`${generation}: ${messages} messages (${sizeText(octets)})`],
        [`${copied.files} large parts new in the folder (${sizeText(copied.octets)})`],
        ...removed.map((old) => [`${old} removed`]),
      ])
      for (const sha of damaged) console.error(`congso: part ${sha} of a message is damaged in the store`)
      for (const sha of missing) console.error(`congso: part ${sha} of a message is missing in the store`)
      if (damaged.length + missing.length > 0) process.exitCode = 1
    })

  program
    .command('restore <folder>')
    .description('put a backup back into an empty data folder (--data); the suite must not run on it')
    .option('--generation <name>', 'which one; the newest unless named')
    .option('--send-queue', 'send again what waited in the queue; otherwise it is held')
    .option('--json', 'print JSON')
    .action(async (dir: string, options: { generation?: string; sendQueue?: boolean; json?: boolean }) => {
      const { data } = given.settings()
      const restored = await restoreBackup({
        dir,
        data,
        sendQueue: options.sendQueue ?? false,
        ...(options.generation !== undefined && { generation: options.generation }),
      })
      print(options.json, restored, [
        [`${restored.messages} messages of ${restored.generation} are in ${data}`],
        ...(restored.held > 0
          ? [
              [
                `${restored.held} letters to the outside are held: look at them with queue list, and release or drop them`,
              ],
            ]
          : []),
      ])
      for (const finding of restored.findings) console.error(`congso: ${finding}`)
      if (restored.findings.length > 0) process.exitCode = 1
    })
}
