/** The states of an IMAP connection, and what is sent in those where a command is no good input. */
import { deflateRawSync, constants as zlib } from 'node:zlib'
import type { Dice } from '../dice.ts'
import { giveLong } from '../letters.ts'
import { mutate, spoil } from '../mutate.ts'
import type { Ground, State } from '../target.ts'
import { wrongHandshake, wrongRecords } from '../tlsrecords.ts'
import type { Wire } from '../wire.ts'
import { imapCommand, message } from './imapgrammar.ts'

type Person = Pick<Ground, 'victim' | 'password'>
const signIn = async (wire: Wire, { victim, password }: Person): Promise<void> => {
  await wire.until(/^\* OK[^\n]*\n/m)
  await wire.ask(`L LOGIN ${victim} "${password}"`, /^L OK[^\n]*\n/m)
}
const inbox = async (wire: Wire, ground: Person): Promise<void> => {
  await signIn(wire, ground)
  await wire.ask('S SELECT INBOX', /^S OK[^\n]*\n/m)
}
const sasl = (dice: Dice) =>
  Buffer.from(
    dice
      .some(
        1,
        6,
        () =>
          `${dice.pick(['', '*', '=', '====', 'AGEAYg==', Buffer.from(spoil(dice, 'n,,n=x,r=abc')).toString('base64'), spoil(dice, 'biws')])}\r\n`,
      )
      .join(''),
    'latin1',
  )

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const resynchronized = async (wire: Wire, dice: Dice, ground: Ground): Promise<void> => {
  await signIn(wire, ground)
  await wire.ask('e ENABLE QRESYNC', /^e OK[^\n]*\n/m)
  const validity = (await wire.ask('v STATUS INBOX (UIDVALIDITY)', /^[\s\S]*^v OK[^\n]*\n/m)).match(
    /UIDVALIDITY (\d+)/,
  )![1]
  const known = dice.pick(['', ' 1:100', ' 1:* (1:5 1:5)'])
  await wire.ask(`s SELECT INBOX (QRESYNC (${validity} ${dice.pick([1, 5, 2 ** 40])}${known}))`, /^s (OK|BAD)[^\n]*\n/m)
}
const notified = async (wire: Wire, dice: Dice): Promise<void> => {
  const selected = dice.pick(['SELECTED', 'SELECTED-DELAYED'])
  await wire.ask(
    `n NOTIFY SET STATUS (${selected} (MessageNew (UID FLAGS BODY.PEEK[HEADER]) MessageExpunge FlagChange)) (PERSONAL (MessageNew MessageExpunge MailboxName SubscriptionChange))`,
    /^n OK[^\n]*\n/m,
  )
}
/** What may stand behind a first piece of text, right or wrong. */
const catenated = (dice: Dice): Buffer =>
  latin1(
    `${message(dice)}${dice
      .some(0, 5, () =>
        dice.pick([
          () => ` TEXT {${dice.pick([2, 3, 9])}+}\r\n${dice.pick(['x\n', 'a:b'])}`,
          () => ` URL "${spoil(dice, '/INBOX;UIDVALIDITY=1/;UID=1/;SECTION=1.MIME')}"`,
          () =>
            ` URL "/INBOX/;UID=${dice.pick(['1', '*', '0', '99999999999'])}/;PARTIAL=0.${dice.pick(['9', '99999999999'])}"`,
          () => spoil(dice, ' TEXT {1}\r\nx'),
        ])(),
      )
      .join('')}${dice.pick([')\r\n', '\r\n', '))\r\n', ')'])}${imapCommand(dice)}`,
  )
/** Some kilobytes that are 60 MB without a line end. */
const bomb = (dice: Dice): Buffer =>
  deflateRawSync(Buffer.alloc(60_000_000, dice.pick(['a', '(', '"', '\0', ' '])), { finishFlush: zlib.Z_SYNC_FLUSH })

/** of the plain port; 993 has those that want no STARTTLS */
export const imapStates: readonly State[] = [
  { name: 'before login', enter: async (wire) => void (await wire.until(/^\* OK/m)) },
  { name: 'before the greeting', enter: async () => undefined },
  { name: 'signed in', known: true, enter: (wire, _dice, ground) => signIn(wire, ground) },
  { name: 'selected', known: true, enter: (wire, _dice, ground) => inbox(wire, ground) },
  {
    name: 'with followed searches',
    known: true,
    enter: async (wire, dice, ground) => {
      await inbox(wire, ground)
      await wire.ask('f1 UID SEARCH RETURN (UPDATE ALL) UNSEEN', /^f1 OK[^\n]*\n/m)
      await wire.ask('f2 UID SORT RETURN (UPDATE) (SUBJECT) UTF-8 NOT DELETED', /^f2 OK[^\n]*\n/m)
      if (dice.oneIn(2)) await wire.ask('f3 ENABLE UIDONLY', /^f3 OK[^\n]*\n/m)
    },
  },
  {
    name: 'inside a literal',
    known: true,
    enter: async (wire, dice, ground) => {
      await inbox(wire, ground)
      await wire.ask(
        `a ${dice.pick(['APPEND INBOX', 'APPEND INBOX (\\Seen)', 'REPLACE 1 INBOX'])} {${dice.pick([1, 100, 5_000])}}`,
        /^(\+|a )[^\n]*\n/m,
      )
    },
  },
  {
    name: 'inside a small literal',
    known: true,
    enter: async (wire, dice, ground) => {
      await inbox(wire, ground)
      await wire.ask(
        `a ${dice.pick(['SEARCH SUBJECT', 'CREATE', 'STATUS', 'SEARCH OR TEXT'])} {${1 + dice.below(30)}}`,
        /^\+[^\n]*\n/m,
      )
    },
  },
  {
    name: 'in IDLE',
    known: true,
    enter: async (wire, _dice, ground) => {
      await inbox(wire, ground)
      await wire.ask('i IDLE', /^\+[^\n]*\n/m)
    },
  },
  {
    name: 'inside AUTHENTICATE',
    input: sasl,
    enter: async (wire, dice) => {
      await wire.until(/^\* OK/m)
      await wire.ask(
        `a AUTHENTICATE ${dice.pick(['PLAIN', 'SCRAM-SHA-256', 'XOAUTH2', 'OAUTHBEARER'])}`,
        /^(\+|a )[^\n]*\n/m,
      )
    },
  },
  {
    name: 'after COMPRESS',
    known: true,
    enter: async (wire, _dice, ground) => {
      await inbox(wire, ground)
      await wire.ask('c COMPRESS DEFLATE', /^c OK[^\n]*\n/m)
      wire.compress()
    },
  },
  {
    name: 'after COMPRESS, below it',
    known: true,
    raw: true,
    enter: async (wire, _dice, ground) => {
      await signIn(wire, ground)
      await wire.ask('c COMPRESS DEFLATE', /^c OK[^\n]*\n/m)
    },
  },
  {
    name: 'after ENABLE QRESYNC',
    known: true,
    enter: resynchronized,
  },
  {
    name: 'under NOTIFY',
    known: true,
    enter: async (wire, dice, ground) => {
      await resynchronized(wire, dice, ground)
      await notified(wire, dice)
    },
  },
  {
    name: 'in IDLE under NOTIFY',
    known: true,
    input: (dice) =>
      latin1(dice.pick(['DONE\r\n', 'done\n', 'DONE', ' DONE\r\n', spoil(dice, 'DONE\r\n')]) + imapCommand(dice)),
    enter: async (wire, dice, ground) => {
      await inbox(wire, ground)
      await notified(wire, dice)
      await wire.ask('i IDLE', /^\+[^\n]*\n/m)
    },
  },
  {
    name: 'inside CATENATE',
    known: true,
    input: catenated,
    enter: async (wire, dice, ground) => {
      await inbox(wire, ground)
      const verb = dice.pick(['APPEND INBOX', 'APPEND INBOX (\\Seen)', 'REPLACE 1 INBOX', 'UID REPLACE 1 INBOX'])
      await wire.ask(`a ${verb} CATENATE (TEXT {${dice.pick([1, 20, 3_000])}}`, /^(\+|a )[^\n]*\n/m)
    },
  },
  {
    name: 'inside REPLACE',
    known: true,
    input: (dice) =>
      latin1(`${message(dice)}${dice.pick(['\r\n', ' \r\n', ' (\r\n', ' {3+}\r\nabc\r\n'])}${imapCommand(dice)}`),
    enter: async (wire, dice, ground) => {
      await inbox(wire, ground)
      await wire.ask(
        `a ${dice.pick(['REPLACE 1', 'UID REPLACE 1', 'UID REPLACE *'])} ${dice.pick(['INBOX', 'Drafts'])} {${dice.pick([1, 60, 9_000])}}`,
        /^(\+|a )[^\n]*\n/m,
      )
    },
  },
  {
    name: 'between messages of one APPEND',
    known: true,
    input: (dice) =>
      latin1(
        `${dice.some(0, 5, () => ` ${dice.oneIn(4) ? '(\\Seen) ' : ''}{${dice.pick([3, 3, 3, 0, 99])}${dice.pick(['+', ''])}}\r\n${dice.pick(['a:b', ''])}`).join('')}\r\n${imapCommand(dice)}`,
      ),
    enter: async (wire, _dice, ground) => {
      await inbox(wire, ground)
      await wire.ask('a APPEND INBOX {5}', /^\+[^\n]*\n/m)
      wire.send('a: b\n')
    },
  },
  {
    name: 'in the middle of a command line',
    known: true,
    enter: async (wire, dice, ground) => {
      await inbox(wire, ground)
      wire.send(dice.pick(['a FETCH 1:* (', 'a UID SEARCH OR (', 'a LIST (', 'a STORE 1 +FLAGS (', 'a SELECT "']))
    },
  },
  {
    name: 'deaf to a long answer',
    known: true,
    enter: async (wire, dice, ground) => {
      const { reader, password } = ground
      await signIn(wire, { victim: reader, password })
      const opened = await wire.ask('s SELECT INBOX', /^[\s\S]*^s OK[^\n]*\n/m)
      if (opened.includes('* 0 EXISTS')) await giveLong(ground) // an earlier input has moved it away
      wire.deaf()
      wire.send(dice.pick(['a FETCH 1:* BODY[]\r\n', 'a FETCH 1:* (BODY[1] BODY[1]<0.1000000>)\r\n']))
    },
  },
  {
    name: 'after COMPRESS, its stream damaged',
    known: true,
    raw: true,
    input: (dice) => {
      const commands = latin1(dice.some(1, 20, () => imapCommand(dice)).join(''))
      return dice.pick<() => Buffer>([
        () => mutate(dice, deflateRawSync(commands, { finishFlush: zlib.Z_SYNC_FLUSH })),
        () => Buffer.concat([deflateRawSync(commands), deflateRawSync(commands)]), // goes on behind its last block
        () => bomb(dice),
      ])()
    },
    enter: async (wire, _dice, ground) => {
      await inbox(wire, ground)
      await wire.ask('c COMPRESS DEFLATE', /^c OK[^\n]*\n/m)
    },
  },
]

export const imapStartTls: readonly State[] = [
  {
    name: 'during STARTTLS',
    raw: true,
    input: wrongHandshake,
    enter: async (wire) => void (await wire.ask('s STARTTLS', /^s OK[^\n]*\n/m)),
  },
  {
    name: 'behind STARTTLS in the clear',
    enter: async (wire, dice) => {
      await wire.until(/^\* OK[^\n]*\n/m)
      wire.send(`s STARTTLS\r\ninjected ${dice.pick(['NOOP', 'CAPABILITY', 'LOGIN a b'])}\r\n`)
      await wire.until(/^s OK[^\n]*\n/m)
      await wire.secure()
      const heard = await wire.ask('mine NOOP', /^[\s\S]*mine OK[^\n]*\n/)
      if (/injected/.test(heard)) throw new Error(`what was sent in the clear was answered under TLS: ${heard}`)
    },
  },
  {
    name: 'half a record under STARTTLS',
    raw: true,
    input: wrongRecords,
    enter: async (wire) => {
      await wire.until(/^\* OK[^\n]*\n/m)
      await wire.ask('s STARTTLS', /^s OK[^\n]*\n/m)
      await wire.secure()
    },
  },
]
