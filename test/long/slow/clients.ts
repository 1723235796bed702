/** Clients that read nothing of what they asked for, and clients that send an octet now and then, on every listener. */
import { type Ground, knownNetwork } from '../fuzz/target.ts'
import type { Wire } from '../fuzz/wire.ts'

export type Slow = {
  what: string
  port: string
  secured?: true
  count: number
  /** signs in: comes from where it did before */
  known?: true
  /** up to where it is slow @throws Gone when there is no place for one more */
  enter: (wire: Wire, ground: Ground, n: number) => Promise<void>
  /** what is sent now and then; absent: nothing is read */
  drip?: string
}

const ok = (tag: string) => new RegExp(`^${tag} OK[^\\n]*\\n`, 'm')
const code = (n: number) => new RegExp(`^${n} [^\\n]*\\n`, 'm')
const pop = /^\+OK[^\n]*\n/m
const sieveOk = /^OK[^\n]*\n/m
const plain = ({ victim, password }: Ground) => Buffer.from(`\0${victim}\0${password}`).toString('base64')

const imap = async (wire: Wire, { reader, password }: Ground): Promise<void> => {
  await wire.until(/^\* OK[^\n]*\n/m)
  await wire.ask(`l LOGIN ${reader} "${password}"`, ok('l'))
  await wire.ask('s SELECT INBOX', ok('s'))
}
const sieve = async (wire: Wire, ground: Ground): Promise<void> => {
  await wire.until(sieveOk)
  await wire.ask(`AUTHENTICATE "PLAIN" "${plain(ground)}"`, sieveOk)
}
const hello = async (wire: Wire, verb: string): Promise<void> => {
  await wire.until(code(220))
  await wire.ask(`${verb} client.example.com`, code(250))
}
const submission = async (wire: Wire, ground: Ground): Promise<void> => {
  await hello(wire, 'EHLO')
  await wire.ask(`AUTH PLAIN ${plain(ground)}`, code(235))
}
const inData = async (wire: Wire, { victim }: Ground, from = 'a@ngoai.vn'): Promise<void> => {
  await wire.ask(`MAIL FROM:<${from}>`, code(250))
  await wire.ask(`RCPT TO:<${victim}>`, code(250))
  await wire.ask('DATA', code(354))
  wire.send('Subject: x\r\n\r\n')
}
const request = (wire: Wire, head: string) =>
  wire.send(`${head} HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n`)
const many = (text: string, n: number) => text.repeat(n)

export const readers: readonly Slow[] = [
  ...(['imap', 'imaps'] as const).map(
    (port): Slow => ({
      what: `${port}: a large FETCH`,
      port,
      ...(port === 'imaps' ? { secured: true as const } : {}),
      count: 100,
      known: true,
      enter: async (wire, ground) => {
        await imap(wire, ground)
        wire.deaf()
        wire.send(many('f UID FETCH 1:* (BODY.PEEK[] BODY.PEEK[TEXT])\r\n', 20))
      },
    }),
  ),
  {
    what: 'pop3: a letter over and over',
    port: 'pop3',
    count: 1,
    known: true,
    enter: async (wire, { reader, password }) => {
      await wire.until(pop)
      await wire.ask(`USER ${reader}`, pop)
      await wire.ask(`PASS ${password}`, pop)
      wire.deaf()
      wire.send(many('RETR 1\r\n', 50))
    },
  },
  {
    what: 'sieve: capabilities',
    port: 'sieve',
    count: 60,
    known: true,
    enter: async (wire, ground) => {
      await sieve(wire, ground)
      wire.deaf()
      wire.send(many('CAPABILITY\r\n', 200_000))
    },
  },
  ...(['submission', 'lmtp', 'smtp'] as const).map(
    (port): Slow => ({
      what: `${port}: greetings`,
      port,
      count: port === 'lmtp' ? 20 : 60,
      enter: async (wire) => {
        const verb = port === 'lmtp' ? 'LHLO' : 'EHLO'
        await hello(wire, verb)
        wire.deaf()
        wire.send(many(`${verb} client.example.com\r\n`, 50_000))
      },
    }),
  ),
  ...(['portal', 'desk'] as const).map(
    (port): Slow => ({
      what: `${port}: a style sheet over and over`,
      port,
      count: 60,
      enter: async (wire) => {
        request(wire, `GET ${port === 'portal' ? '/' : '/dang-nhap'}`)
        wire.send('\r\n')
        const sheet = await wire.until(/\/assets\/[^"]*\.css/)
        await wire.until(/<\/html>/)
        wire.deaf()
        wire.send(many(`GET ${sheet} HTTP/1.1\r\nHost: x\r\n\r\n`, 300))
      },
    }),
  ),
]

export const writers: readonly Slow[] = [
  {
    what: 'imap: a line before login',
    port: 'imap',
    count: 30,
    drip: 'a',
    enter: async (wire) => void (await wire.until(/^\* OK/m)),
  },
  { what: 'imap: a line', port: 'imap', count: 40, known: true, drip: 'a', enter: imap },
  {
    what: 'imap: a literal',
    port: 'imap',
    count: 60,
    known: true,
    drip: 'a',
    enter: async (wire, ground) => {
      await imap(wire, ground)
      await wire.ask('a APPEND INBOX {1000000}', /^\+[^\n]*\n/m)
    },
  },
  {
    what: 'imaps: a handshake',
    port: 'imaps',
    count: 30,
    drip: '\x16\x03\x01\x02\x00\x01'.slice(0, 1),
    enter: async (wire) => wire.sendRaw(Buffer.from('1603010200', 'hex')),
  },
  {
    what: 'pop3: USER',
    port: 'pop3',
    count: 40,
    drip: 'x',
    enter: async (wire) => {
      await wire.until(pop)
      wire.send('USER ')
    },
  },
  {
    what: 'sieve: PUTSCRIPT',
    port: 'sieve',
    count: 60,
    known: true,
    drip: '#',
    enter: async (wire, ground) => {
      await sieve(wire, ground)
      wire.send('PUTSCRIPT "cham" {60000+}\r\n')
    },
  },
  {
    what: 'submission: before login',
    port: 'submission',
    count: 40,
    drip: 'N',
    enter: (wire) => hello(wire, 'EHLO'),
  },
  {
    what: 'submission: DATA',
    port: 'submission',
    count: 60,
    known: true,
    drip: 'x\r\n',
    enter: async (wire, ground) => {
      await submission(wire, ground)
      await inData(wire, ground, ground.victim)
    },
  },
  {
    what: 'submissions: a handshake',
    port: 'submissions',
    count: 20,
    drip: '\x01',
    enter: async (wire) => wire.sendRaw(Buffer.from('1603010200', 'hex')),
  },
  {
    what: 'lmtp: DATA',
    port: 'lmtp',
    count: 20,
    drip: 'x',
    enter: async (wire, ground) => {
      await hello(wire, 'LHLO')
      await inData(wire, ground)
    },
  },
  {
    what: 'edge: DATA',
    port: 'smtp',
    count: 60,
    drip: 'x',
    enter: async (wire, ground) => {
      await hello(wire, 'EHLO')
      await inData(wire, ground)
    },
  },
  ...(['portal', 'desk'] as const).flatMap((port): Slow[] => [
    {
      what: `${port}: a header`,
      port,
      count: 20,
      drip: 'x',
      enter: async (wire) => {
        request(wire, 'GET /')
        wire.send('X-Slow: ')
      },
    },
    {
      what: `${port}: a body`,
      port,
      count: 40,
      drip: 'x',
      enter: async (wire) => {
        request(wire, `POST ${port === 'portal' ? '/tra-cuu' : '/dang-nhap'}`)
        wire.send('Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\n')
      },
    },
  ]),
]

/** Each from an address of its own, so that no limit of one address is what is tried. */
export const addressOf = (slow: Slow, n: number): string =>
  slow.known ? knownNetwork : `127.${20 + Math.floor(n / 200)}.${(slow.what.length * 7) % 250}.${1 + (n % 200)}`
