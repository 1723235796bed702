import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { type Given, operator, print, sizeText, withDirectory } from './command.ts'

type Json = { json?: boolean }

/** `congso sieve`: scripts of persons and offices, as doveadm's sieve does; what is changed or read is in the record. */
export function sieveCommands(program: Command, given: Given): void {
  const sieve = program.command('sieve').description('Sieve scripts of a person or an office')
  sieve
    .command('list <address>')
    .description('name, size, last change; the active one is marked')
    .option('--json', 'print JSON')
    .action((owner: string, { json }: Json) =>
      withDirectory(given, async (directory) => {
        const { scripts } = await directory['script.list']({ owner })
        const rows = scripts.map((s) => [s.name, sizeText(s.octets), s.changed, s.active ? 'active' : ''])
        print(json, scripts, rows)
      }),
    )
  sieve
    .command('show <address> <name>')
    .description('the script as it was written')
    .action((owner: string, name: string) =>
      withDirectory(given, async (directory) => {
        process.stdout.write((await directory['script.get']({ owner, name, by: operator() })).text)
      }),
    )
  sieve
    .command('put <address> <name> <file>')
    .description('check a script and keep it, in the place of one of that name; "-" reads standard input')
    .option('--activate', 'make it the active one')
    .option('--json', 'print JSON')
    .action((owner: string, name: string, file: string, { activate = false, json }: Json & { activate?: boolean }) =>
      withDirectory(given, async (directory) => {
        const text = readFileSync(file === '-' ? 0 : file, 'utf8')
        const done = await directory['script.put']({ owner, name, text, activate, by: operator() })
        print(json, done, done.faults.length === 0 ? [[`${name} kept${activate ? ', active' : ''}`]] : [])
        if (!json) for (const f of done.faults) console.error(`${file}:${f.line}:${f.column}: ${f.vi} / ${f.en}`)
        if (done.faults.length > 0) process.exitCode = 1
      }),
    )
  sieve
    .command('activate <address> [name]')
    .description('make it the active one; without a name, none is')
    .action((owner: string, name = '') =>
      withDirectory(given, async (directory) => {
        await directory['script.activate']({ owner, name, by: operator() })
      }),
    )
  sieve
    .command('remove <address> <name>')
    .description('one that is not active')
    .action((owner: string, name: string) =>
      withDirectory(given, async (directory) => {
        await directory['script.remove']({ owner, name, by: operator() })
      }),
    )
}
