import { readFileSync, statSync } from 'node:fs'
import type { Command } from 'commander'
import { Refusal } from '#kit/refusal.ts'
import { fold } from '#kit/vi/fold.ts'
import { type Person, readPeople } from '../people.ts'
import { type Given, parseSize, print, withDirectory } from './command.ts'

/** twenty thousand rows of 250 octets */
const fileLimit = 5_000_000
/** a bar for what takes longer than a second, on a terminal */
const quietMs = 1_000

/** `congso account import`: many mailboxes from a spreadsheet's list. All rows are checked first; a repeat adds only what is missing. */
export function importCommand(account: Command, given: Given): void {
  account
    .command('import <file>')
    .description('mailboxes for the people in a CSV file with a heading: address, name, title, agency, quota, password')
    .option('--check', 'only say what is wrong with the list')
    .option('--json', 'print JSON')
    .action(async (file: string, { check, json }: { check?: boolean; json?: boolean }) => {
      if (statSync(file).size > fileLimit) throw new Error(`${file} is larger than ${fileLimit} octets; split it`)
      const read = readPeople(readFileSync(file, 'utf8'), parseSize, fold)
      if ('wrong' in read) {
        print(json, { wrong: read.wrong }, [])
        if (!json) for (const line of read.wrong) console.error(`congso: ${file}: ${line}`)
        process.exitCode = 1
        return
      }
      if (check) return print(json, { people: read.people.length }, [[`${read.people.length} people, nothing wrong`]])
      await withDirectory(given, async (directory) => {
        const result = { added: 0, there: 0, refused: [] as { line: number; why: string }[] }
        const show = progress(read.people.length)
        for (const [done, person] of read.people.entries()) {
          show(done)
          try {
            await directory['account.add'](toAccount(person))
            result.added++
          } catch (err) {
            if (!(err instanceof Refusal)) throw err
            if (err.status === 409) result.there++
            else result.refused.push({ line: person.line, why: err.advice })
          }
        }
        show(read.people.length)
        print(json, result, [
          [`${result.added} added, ${result.there} were there already, ${result.refused.length} refused`],
        ])
        if (!json) for (const { line, why } of result.refused) console.error(`congso: ${file}: line ${line}: ${why}`)
        if (result.refused.length > 0) process.exitCode = 1
      })
    })
}

function toAccount({ line: _, ...person }: Person): Omit<Person, 'line'> {
  return person
}

function progress(total: number): (done: number) => void {
  const begun = Date.now()
  let shown = false
  return (done) => {
    if (!process.stderr.isTTY || (!shown && Date.now() - begun < quietMs)) return
    shown = true
    const full = Math.round((30 * done) / Math.max(1, total))
    process.stderr.write(
      `\r[${'#'.repeat(full)}${'.'.repeat(30 - full)}] ${done}/${total}${done === total ? '\n' : ''}`,
    )
  }
}
