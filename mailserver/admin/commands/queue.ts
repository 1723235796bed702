import { type Command, InvalidArgumentError, Option } from 'commander'
import type { QueueRow } from '#kit/directory/calls.ts'
import { type Given, print, withDirectory } from './command.ts'

type List = { state?: QueueRow['state']; limit: number; json?: boolean }

export function queueCommands(program: Command, given: Given): void {
  const queue = program.command('queue').description('mail on its way to the outside')
  queue
    .command('list')
    .description('what is queued, with the last answer of the other side')
    .addOption(new Option('--state <state>', 'only these').choices(['waiting', 'sending', 'held', 'done', 'failed']))
    .option('--limit <n>', 'at most so many', parseLimit, 100)
    .option('--json', 'print JSON')
    .action(({ json, ...q }: List) =>
      withDirectory(given, async (directory) => {
        const { rows } = await directory['queue.list'](q)
        print(json, rows, rows.map(row))
      }),
    )
  const change = (name: string, help: string, make: (id: string) => Parameters<typeof withDirectory>[1]) =>
    queue
      .command(`${name} <id...>`)
      .description(help)
      .action((ids: string[]) =>
        withDirectory(given, async (directory) => {
          for (const id of ids) {
            await make(id)(directory)
            print(false, id, [[id, name]])
          }
        }),
      )
  change('retry', 'try now', (id) => async (directory) => void (await directory['queue.retry']({ id })))
  change(
    'hold',
    'do not send until released',
    (id) => async (directory) => void (await directory['queue.hold']({ id, hold: true })),
  )
  change('release', 'undo hold', (id) => async (directory) => void (await directory['queue.hold']({ id, hold: false })))
  change(
    'drop',
    'never send it; nobody is told',
    (id) => async (directory) => void (await directory['queue.drop']({ id })),
  )
}

function parseLimit(text: string): number {
  const n = Number(text)
  if (!Number.isInteger(n) || n < 1 || n > 1000) throw new InvalidArgumentError('a whole number from 1 to 1000')
  return n
}

function row(r: QueueRow): string[] {
  const last = r.attempts.at(-1)
  return [r.id, r.state, r.from, r.to, r.nextAt ?? '-', last ? `${last.host}: ${last.reply}` : '-']
}
