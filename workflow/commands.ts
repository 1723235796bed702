/** The commands of registers: `rebuild [--check]`, and the workflow's part of `verify`. */
import { existsSync, readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { paths, ports, type Settings } from '#config/settings.ts'
import { loadActs } from '#kit/act/registry.ts'
import type { Directory, ProcessName } from '#kit/directory/calls.ts'
import { createDirectory } from '#kit/directory/client.ts'
import { checkRebuild, rebuild } from './projection/rebuild.ts'
import { verifyRegisters } from './verify/verify.ts'
import { actsFolder } from './worker/start.ts'

/** @param settings read when a command runs, since the options come with it */
export function registerWorkflowCommands(program: Command, settings: () => Settings): void {
  program
    .command('rebuild [register...]')
    .description('build the registers of a running suite anew from the ledgers; all of them when none is named')
    .option('--check', 'compare with what is in force and change nothing; 1 when something differs')
    .option('--json', 'print JSON')
    .action((registers: string[], options: { check?: boolean; json?: boolean }) =>
      runRebuild(settings(), registers, options),
    )

  // the mail server makes the command, which recounts its store, or what the named folder holds; the registers come after
  program.commands
    .find((c) => c.name() === 'verify')
    ?.hook('postAction', (_, { args }) => (args.length === 0 ? runVerify(settings()) : undefined))
}

async function runRebuild(
  settings: Settings,
  named: readonly string[],
  options: { check?: boolean; json?: boolean },
): Promise<void> {
  using directory = directoryOf(settings, 'cli')
  const registers = await registersOf(directory, named)
  const registry = await loadActs(actsFolder)
  const folder = paths(settings.data).projections
  const results: { register: string; entries: number; differences?: string[] }[] = []
  for (const register of registers) {
    const given = { folder, register, registry, directory, progress: progressOf(register) }
    if (options.check) {
      const { head, differences } = await checkRebuild(given)
      results.push({ register, entries: head.seq, differences })
    } else results.push({ register, entries: (await rebuild(given)).seq })
  }
  const wrong = results.flatMap((r) => (r.differences ?? []).map((d) => `${r.register}: ${d}`))
  if (options.json) console.log(JSON.stringify(results))
  else {
    for (const line of wrong) console.log(line)
    const entries = results.reduce((sum, r) => sum + r.entries, 0)
    console.log(
      options.check
        ? `${results.length} registers, ${entries} entries: ${wrong.length === 0 ? 'equal' : `${wrong.length} differences`}`
        : `${results.length} registers rebuilt from ${entries} entries`,
    )
  }
  if (wrong.length > 0) process.exitCode = 1
}

async function runVerify(settings: Settings): Promise<void> {
  // the registers' mailboxes are in the scope of the workers' secret alone
  using directory = directoryOf(settings, 'workers')
  const { findings, entries } = await verifyRegisters({
    registers: await registersOf(directory, []),
    directory,
    mail: { host: settings.listen, port: ports(settings.portBase).imap, tls: 'none' },
    projections: paths(settings.data).projections,
  })
  for (const line of findings) console.log(line)
  console.log(
    `registers: ${entries} entries recounted, ${findings.length === 0 ? 'sound' : `${findings.length} findings`}`,
  )
  if (findings.length > 0) process.exitCode = 1
}

/** @throws Error when a named register does not exist */
async function registersOf(
  directory: Pick<Directory, 'directory.agencies'>,
  named: readonly string[],
): Promise<string[]> {
  const all = (await directory['directory.agencies']({})).agencies.map((a) => a.register)
  const unknown = named.filter((name) => !all.includes(name))
  if (unknown.length > 0) throw new Error(`there is no register ${unknown.join(', ')}`)
  return named.length > 0 ? [...named] : all
}

/** @throws Error when the suite does not run on the data folder */
function directoryOf(settings: Settings, name: ProcessName): Directory & Disposable {
  const at = paths(settings.data)
  if (!existsSync(at.control)) throw new Error(`the suite does not run on ${settings.data}: start it first`)
  return createDirectory({ socket: at.control, process: name, secret: readFileSync(at.secret(name), 'utf8').trim() })
}

/** A line that overwrites itself, on a terminal only, once the work has taken a second (design §9). */
function progressOf(register: string): (done: number, total: number) => void {
  const begun = Date.now()
  return (done, total) => {
    if (!process.stderr.isTTY || Date.now() - begun < 1_000) return
    process.stderr.write(`\r${register} ${Math.floor((done / total) * 100)} %${done === total ? '\n' : ''}`)
  }
}
