import { type Command, Option } from 'commander'
import type { MailboxShown } from '#kit/directory/calls.ts'
import { Refusal } from '#kit/refusal.ts'
import { specialUses } from '#mailserver/store/port.ts'
import { type Given, operator, print, sizeText, withDirectory } from './command.ts'

type Json = { json?: boolean }

/** Folders of any account, as doveadm's `mailbox` has them; each change is in the record. */
export function mailboxCommands(program: Command, given: Given): void {
  const mailbox = program.command('mailbox').description('folders of an account')
  mailbox
    .command('list <address>')
    .description('path, messages, unseen, size, use; the sum is in the last line')
    .option('--json', 'print JSON')
    .action((address: string, { json }: Json) =>
      withDirectory(given, async (directory) => {
        const shown = await directory['mailbox.list']({ address })
        const { account, mailboxes } = shown
        const limits = `${sizeText(account.used)}/${sizeText(account.quota)}`
        print(json, shown, [
          ...mailboxes.map(row),
          ['=', `${account.messages}/${account.mostMessages ?? '-'} messages`, '', limits, ''],
        ])
      }),
    )
  mailbox
    .command('status <address> <folder>')
    .description('all that is known of one folder')
    .option('--json', 'print JSON')
    .action((address: string, folder: string, { json }: Json) =>
      withDirectory(given, async (directory) => {
        const { mailboxes } = await directory['mailbox.list']({ address })
        const found = mailboxes.find((m) => m.path === folder.normalize('NFC'))
        if (!found) throw new Refusal(404, `Hộp thư ${address} không có thư mục ${folder}.`, 'no such folder')
        print(
          json,
          found,
          Object.entries(found).map(([name, value]) => [name, String(value)]),
        )
      }),
    )
  mailbox
    .command('create <address> <folder>')
    .description('levels are separated by /')
    .addOption(new Option('--use <use>', 'special use').choices(specialUses))
    .option('--json', 'print JSON')
    .action((address: string, path: string, { use, json }: Json & { use?: string }) =>
      withDirectory(given, async (directory) => {
        const { mailbox: made } = await directory['mailbox.create']({
          address,
          path,
          ...(use && { specialUse: use }),
          by: operator(),
        })
        print(json, made, [row(made)])
      }),
    )
  mailbox
    .command('rename <address> <folder> <to>')
    .description('with the folders below it')
    .action((address: string, from: string, to: string) =>
      withDirectory(
        given,
        async (directory) => void (await directory['mailbox.rename']({ address, from, to, by: operator() })),
      ),
    )
  mailbox
    .command('remove <address> <folder>')
    .description('with all mail in it; an empty one, unless --with-mail')
    .option('--with-mail', 'also when there are messages in it')
    .option('--json', 'print JSON')
    .action((address: string, path: string, { withMail, json }: Json & { withMail?: boolean }) =>
      withDirectory(given, async (directory) => {
        const { mailboxes } = await directory['mailbox.list']({ address })
        const there = mailboxes.find((m) => m.path === path.normalize('NFC'))
        if (there && there.messages > 0 && !withMail)
          throw new Refusal(
            409,
            `Thư mục ${path} còn ${there.messages} thư; thêm --with-mail để xóa cả thư.`,
            'not empty',
          )
        const done = await directory['mailbox.remove']({ address, path, by: operator() })
        print(json, done, [[`${done.messages} messages removed`]])
      }),
    )
}

const row = ({ path, messages, unseen, octets, specialUse, type }: MailboxShown): string[] => [
  path,
  `${messages} messages`,
  `${unseen} unseen`,
  sizeText(octets),
  specialUse ?? (type === 'normal' ? '' : type),
]
