/** POP3 (RFC 1939, 2449, 2595, 5034, 6856). */
import { once } from 'node:events'
import type { Dice } from '../dice.ts'
import { giveLong } from '../letters.ts'
import { spoil } from '../mutate.ts'
import type { Ground, State, Target } from '../target.ts'
import { words } from '../target.ts'
import { belowTls, wrongHandshake, wrongRecords } from '../tlsrecords.ts'
import { Gone, type Wire } from '../wire.ts'

const near = (dice: Dice, text: string): string => (dice.oneIn(6) ? spoil(dice, text) : text)
const number = (dice: Dice) => near(dice, String(dice.pick([0, 1, 2, 3, 99, 4294967296, -1])))

const lines: readonly ((dice: Dice) => string[])[] = [
  ...['CAPA', 'STAT', 'NOOP', 'RSET', 'UTF8', 'LANG', 'XYZ', 'LIST', 'UIDL', ''].map((verb) => () => [verb]),
  (d) => ['QUIT', d.pick(['x', '', ''])],
  (d) => ['USER', near(d, 'khong.ai@haiduong.gov.vn')],
  (d) => ['PASS', near(d, 'mật khẩu')],
  () => ['APOP', 'x', 'c4c9334bac560ecc979e58001b3e22fb'],
  (d) => ['AUTH', near(d, d.pick(['PLAIN', 'SCRAM-SHA-256', 'XOAUTH2', ''])), d.pick(['', '=', 'AGEAYg==', '*'])],
  (d) => [d.pick(['LIST', 'UIDL', 'RETR', 'DELE', 'LAST']), number(d)],
  (d) => ['TOP', number(d), number(d)],
  (d) => ['LANG', near(d, d.pick(['vi', 'en', '*', 'tlh']))],
]

export const pop3Command = (dice: Dice): string =>
  `${near(dice, words(dice, dice.pick(lines)(dice)))}${dice.oneIn(30) ? dice.pick(['\n', '\r', '']) : '\r\n'}`

const greeted = /^\+OK[^\n]*\n/m
/** A maildrop is one session's, and who finds it taken must go: here each waits until the one before has gone. */
let before: Promise<unknown> = Promise.resolve()
/** @throws Gone when the server is not done with the one before */
async function maildrop(wire: Wire, { reader, password }: Ground): Promise<void> {
  const turn = before
  before = Promise.all([turn, wire.socket.destroyed ? undefined : once(wire.socket, 'close')])
  await turn
  await wire.until(greeted)
  await wire.ask(`USER ${reader}`, greeted)
  const [answer] = await wire.ask(`PASS ${password}`, /^(\+OK|-ERR)[^\n]*\n/m)
  if (answer === '-') throw new Gone('the maildrop is still in use')
}

const states: readonly State[] = [
  { name: 'before login', enter: async (wire) => void (await wire.until(greeted)) },
  {
    name: 'between USER and PASS',
    enter: async (wire) => {
      await wire.until(greeted)
      await wire.ask('USER khong.ai@haiduong.gov.vn', greeted)
    },
  },
  {
    name: 'inside AUTH',
    enter: async (wire, dice) => {
      await wire.until(greeted)
      await wire.ask(`AUTH ${dice.pick(['PLAIN', 'SCRAM-SHA-256', 'XOAUTH2', 'OAUTHBEARER'])}`, /^(\+|-)[^\n]*\n/m)
    },
  },
  {
    name: 'in the maildrop',
    known: true,
    enter: async (wire, _dice, { victim, password }) => {
      await wire.until(greeted)
      await wire.ask(`USER ${victim}`, greeted)
      await wire.ask(`PASS ${password}`, /^(\+OK|-ERR)[^\n]*\n/m) // in use by another: stays a stranger
    },
  },
  ...['RETR 1', 'TOP 1 20000', 'RETR 1\r\nUIDL\r\nLIST\r\nRETR 1'].map(
    (asked): State => ({
      name: `inside the answer to ${asked.replaceAll('\r\n', ', ')}`,
      known: true,
      enter: async (wire, dice, ground) => {
        await maildrop(wire, ground)
        const [answer] = await wire.ask(asked, /^(\+OK|-ERR)[^\n]*\n/m)
        if (answer === '-') {
          await giveLong(ground)
          throw new Gone('an earlier input has moved the letter away')
        }
        if (dice.oneIn(2)) wire.deaf()
      },
    }),
  ),
]
const startTls: readonly State[] = [
  {
    name: 'during STLS',
    raw: true,
    input: wrongHandshake,
    enter: async (wire) => {
      await wire.until(greeted)
      await wire.ask('STLS', greeted)
    },
  },
  {
    name: 'half a record under STLS',
    raw: true,
    input: wrongRecords,
    enter: async (wire) => {
      await wire.until(greeted)
      await wire.ask('STLS', greeted)
      await wire.secure()
    },
  },
  {
    name: 'behind STLS in the clear',
    enter: async (wire, dice) => {
      await wire.until(greeted)
      wire.send(`STLS\r\n${dice.pick(['CAPA', 'USER x', 'NOOP'])}\r\n`)
      await wire.until(greeted)
      await wire.secure()
      wire.send('NOSUCH\r\nCAPA\r\n')
      const heard = await wire.until(/^[\s\S]*?\n\.\r\n/)
      if (!/^-ERR[^\n]*\n\+OK/.test(heard)) throw new Error(`answered under TLS what was sent in the clear: ${heard}`)
    },
  },
]

const recorded = [
  'CAPA\r\nUSER khong.ai@haiduong.gov.vn\r\nPASS x\r\nQUIT\r\n',
  'STAT\r\nUIDL\r\nLIST\r\nRETR 1\r\nTOP 1 0\r\nDELE 1\r\nRSET\r\nNOOP\r\nRETR 2\r\n',
  'AUTH PLAIN\r\nAGtob25nLmFpQHguZ292LnZuAHg=\r\nUTF8\r\nLANG vi\r\nSTAT\r\n',
]

const serve: Target['serve'] = async ({ bystander, password }, open) => {
  const wire = await open()
  await wire.until(greeted)
  await wire.ask(`USER ${bystander}`, greeted)
  await wire.ask(`PASS ${password}`, greeted)
  await wire.ask('STAT', greeted)
  await wire.ask('QUIT', greeted)
  wire.destroy()
}

const both = { command: pop3Command, sessions: recorded, serve }
export const pop3: Target = {
  name: 'POP3',
  at: ({ ports }) => ({ port: ports['pop3']! }),
  states: [...states, ...startTls],
  ...both,
}
export const pop3s: Target = {
  name: 'POP3 under TLS',
  at: ({ ports }) => ({ port: ports['pop3s']! }),
  secured: true,
  states: [...states, ...belowTls],
  ...both,
}
