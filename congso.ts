/**
 * The one command line. `start` runs every process under this one; `serve <process>` is what each of them runs;
 * the other commands belong to the parts and are registered by them.
 */
import { existsSync } from 'node:fs'
import { Command, Option } from 'commander'
import { loadSettings, type SettingName, settingsTable } from '#config/settings.ts'
import { runProcess } from '#kit/process/child.ts'
import { printSettings } from './config/print.ts'
import { processes } from './processes.ts'
import { printStatus, startSuite } from './suite.ts'

const program = new Command('congso')
  .description('Công Sở: máy chủ thư và văn phòng điện tử của một tỉnh')
  .addOption(new Option('--data <folder>', settingsTable.data.help))
  .addOption(new Option('--port-base <number>', settingsTable.portBase.help))
  .addOption(new Option('--config <file>', 'JSON file of settings; options and the environment win over it'))
  .showHelpAfterError()
  .exitOverride((err) => {
    process.exitCode = err.exitCode === 0 ? 0 : 2 // 2: wrong use
    throw err
  })

const configured = () => {
  const { data, portBase, config } = program.opts<{ data?: string; portBase?: string; config?: string }>()
  const options: Partial<Record<SettingName, string>> = {}
  if (data !== undefined) options.data = data
  if (portBase !== undefined) options.portBase = portBase
  const file = config ?? process.env['CONGSO_CONFIG']
  if (file && !existsSync(file)) throw new Error(`there is no settings file ${file}`)
  return loadSettings(options, process.env, file)
}

program
  .command('start')
  .description('start every process, and the demonstration province at first start')
  .action(async () => {
    await startSuite(configured().settings)
  })

program
  .command('serve <process>')
  .description(`run one process: ${processes.map((p) => p.name).join(', ')}`)
  .action(async (name: string) => {
    const entry = processes.find((p) => p.name === name)
    if (!entry) return program.error(`there is no process named ${name}`)
    const { settings } = configured()
    const off = entry.off?.(settings)
    await runProcess(async () => (off ? { off } : entry.start(settings)))
  })

program
  .command('status')
  .description('what each process does; 0 when all are ready or off, else 1')
  .option('--wait <seconds>', 'wait until all are ready, at most this long')
  .option('--json', 'print JSON')
  .action(async (options: { wait?: string; json?: boolean }) => {
    process.exitCode = await printStatus(configured().settings, options)
  })

program
  .command('config')
  .description('print every setting with its value, where that came from, and its help')
  .option('--json', 'print JSON')
  .action((options: { json?: boolean }) => printSettings(configured(), options))

const partCommands = async () => {
  const [{ registerMailserverCommands }, { registerWorkflowCommands }] = await Promise.all([
    import('#mailserver/admin/commands/index.ts'),
    import('#workflow/commands.ts'),
  ])
  registerMailserverCommands(program, () => configured().settings)
  registerWorkflowCommands(program, () => configured().settings)
}

try {
  // the parts' own commands load their code; the processes must not pay for that
  if (!['start', 'serve', 'status', 'config'].includes(firstWord(process.argv.slice(2)))) await partCommands()
  await program.parseAsync()
} catch (err) {
  if (!(err instanceof Error && 'code' in err && String(err.code).startsWith('commander.'))) {
    process.exitCode ||= 1
    console.error(`congso: ${err instanceof Error ? err.message : String(err)}`)
    if (process.env['CONGSO_LOG_LEVEL'] === 'debug') console.error(err)
  }
}

/** The command's name: the first argument that is neither an option nor an option's value. */
function firstWord(argv: readonly string[]): string {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!
    if (['--data', '--port-base', '--config'].includes(word)) i++
    else if (!word.startsWith('-')) return word
  }
  return ''
}
