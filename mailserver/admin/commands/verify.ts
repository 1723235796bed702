import type { Command } from 'commander'
import { checkBackups } from '../../backup/check.ts'
import { type Given, withDirectory } from './command.ts'

/** `congso verify`: the mail store, to which the workflow adds its registers; `congso verify <folder>`: backups. */
export function verifyCommand(program: Command, given: Given): void {
  program
    .command('verify [backups]')
    .description(
      'recount the mail store of a running suite, and its registers from their raw messages; with a folder, read the backups in it; 1 when something is wrong',
    )
    .action(async (backups: string | undefined) => {
      if (backups !== undefined) {
        const { findings, generations, parts } = await checkBackups(backups)
        return say(`${generations} backups, ${parts} large parts`, findings)
      }
      await withDirectory(given, async (directory) => {
        say('mail store', (await directory['store.verify']({})).findings)
      })
    })
}

function say(what: string, findings: readonly string[]): void {
  for (const line of findings) console.log(line)
  console.log(`${what}: ${findings.length === 0 ? 'sound' : `${findings.length} findings`}`)
  if (findings.length > 0) process.exitCode = 1
}
