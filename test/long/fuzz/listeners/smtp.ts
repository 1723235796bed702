/** SMTP (RFC 5321 and its extensions) to the three who speak it: submission, LMTP (RFC 2033), and the edge. */
import type { Dice } from '../dice.ts'
import { spoil } from '../mutate.ts'
import type { Ground, State, Target } from '../target.ts'
import { words } from '../target.ts'
import { belowTls, wrongHandshake, wrongRecords } from '../tlsrecords.ts'
import type { Wire } from '../wire.ts'

const near = (dice: Dice, text: string): string => (dice.oneIn(6) ? spoil(dice, text) : text)
const domain = 'haiduong.gov.vn'
const mailboxes = [
  ...[
    `an.nguyen@${domain}`,
    `lan.pham@${domain}`,
    `so.stttt@${domain}`,
    `so.stttt+1-1@${domain}`,
    `khong.ai@${domain}`,
    'a@ngoai.vn',
    '',
  ],
  ...[
    '"a b"@ngoai.vn',
    '@x,@y:a@b',
    'a@[127.0.0.1]',
    'a@[IPv6:::1]',
    'postmaster',
    `${'x'.repeat(70)}@${domain}`,
    `a@${'x'.repeat(300)}.vn`,
  ],
  'nguyễn@tỉnh.vn',
]
const path = (dice: Dice) => near(dice, `<${Buffer.from(dice.pick(mailboxes)).toString('latin1')}>`)
const parameter = (dice: Dice) =>
  near(
    dice,
    dice.pick([
      'SIZE=100',
      'SIZE=99999999999999999999',
      'BODY=8BITMIME',
      'SMTPUTF8',
      'RET=HDRS',
      'ENVID=x+2B',
      'NOTIFY=NEVER',
      'ORCPT=rfc822;a@b',
      'AUTH=<>',
      'X=Y',
      'SIZE=-1',
    ]),
  )
const field = (dice: Dice) =>
  near(
    dice,
    dice.pick([
      ...[
        'From: a@ngoai.vn',
        `From: <an.nguyen@${domain}>`,
        'From: A: a@b, c@d;',
        'Subject: =?utf-8?B?VGjGsA==?=',
        'Subject: x\r\n y',
        'To: b@c',
      ],
      ...[
        'Content-Type: multipart/mixed; boundary="b"',
        'Content-Type: message/rfc822',
        'Content-Transfer-Encoding: base64',
        'MIME-Version: 1.0',
      ],
      ...[
        'DKIM-Signature: v=1; a=rsa-sha256; d=x; s=y; h=from; bh=; b=',
        'CongSo-Kind: dossier.lodge',
        'Received: from x',
        'Date: never',
        ':',
        'no colon',
      ],
      `References: ${'<a@b> '.repeat(500)}`,
    ]),
  )
export const message = (dice: Dice): string =>
  `${dice.some(0, 8, () => field(dice)).join('\r\n')}\r\n\r\n${dice.some(0, 6, () => near(dice, dice.pick(['Kính gửi', '--b', '--b--', '..x', '.', '', 'VGjGsA==', 'x'.repeat(3_000)]))).join('\r\n')}`
const data = (dice: Dice): string =>
  `DATA\r\n${message(dice)}${dice.pick(['\r\n.\r\n', '\r\n.\r\n', '\n.\n', '\r\n.\n', '\r.\r', ''])}`

const lines: readonly ((dice: Dice) => string[])[] = [
  ...['RSET', 'NOOP', 'HELP', 'VRFY x', 'EXPN x', 'TURN', 'XYZ', '', 'ETRN x', 'STARTTLS x'].map((line) => () => [
    line,
  ]),
  (d) => [d.pick(['EHLO', 'HELO', 'LHLO']), near(d, d.pick(['x', '[127.0.0.1]', 'client.example.com', '']))],
  (d) => [`MAIL FROM:${path(d)}`, ...d.some(0, 3, () => parameter(d))],
  (d) => [`RCPT TO:${path(d)}`, ...d.some(0, 2, () => parameter(d))],
  (d) => [`RCPT TO:${path(d)}`],
  (d) => [data(d)],
  (d) => [`MAIL FROM:<an.nguyen@${domain}>\r\nRCPT TO:<an.nguyen@${domain}>\r\n${data(d)}`],
  (d) => [`BDAT ${d.pick(['5', '0 LAST', '99999999999', '-1'])}\r\nhello`],
  (d) => [
    'AUTH',
    near(d, d.pick(['PLAIN', 'LOGIN', 'SCRAM-SHA-256', 'XOAUTH2'])),
    d.pick(['', '=', 'AGEAYg==', '*', 'A'.repeat(3_000)]),
  ],
  (d) => ['PROXY TCP4 1.2.3.4 5.6.7.8 1 2', d.pick(['', 'x'])],
  (d) => (d.oneIn(5) ? ['QUIT'] : ['NOOP']),
]
export const smtpCommand = (dice: Dice): string =>
  `${near(dice, words(dice, dice.pick(lines)(dice)))}${dice.oneIn(30) ? dice.pick(['\n', '\r', '']) : '\r\n'}`

/** a last line of a reply */
const said = (code: string) => new RegExp(`^${code} [^\\n]*\\n`, 'm')
const hello = async (wire: Wire, verb = 'EHLO'): Promise<void> => {
  await wire.until(said('220'))
  await wire.ask(`${verb} client.example.com`, said('250'))
}
const signIn = async (wire: Wire, { victim, password }: Ground): Promise<void> => {
  await hello(wire)
  await wire.ask(`AUTH PLAIN ${Buffer.from(`\0${victim}\0${password}`).toString('base64')}`, said('235'))
}
const intoData = (dice: Dice): Buffer =>
  Buffer.from(
    `${message(dice)}${dice.pick(['\r\n.\r\n', '\n.\r\n', '\r\n.\n', '\r\n..\r\n', '\r\n. \r\n', ''])}${smtpCommand(dice)}`,
    'latin1',
  )
/** @param from who sends @param to how many recipients */
const inData = async (
  wire: Wire,
  { victim, bystander, reader }: Ground,
  { from, to = 1 }: { from: string; to?: number },
) => {
  await wire.ask(`MAIL FROM:<${from}>${to > 1 ? ' BODY=8BITMIME' : ''}`, said('250'))
  for (const each of [victim, bystander, reader].slice(0, to)) await wire.ask(`RCPT TO:<${each}>`, said('250'))
  await wire.ask('DATA', said('354'))
}
/** Mail that is under way in the middle of a command, with what comes then. */
const underWay = (from: (ground: Ground) => string, begin: (wire: Wire, ground: Ground) => Promise<void>): State[] => [
  {
    name: 'between MAIL and RCPT',
    enter: async (wire, dice, ground) => {
      await begin(wire, ground)
      const sender = dice.oneIn(3) ? `<${from(ground)}> SIZE=100` : `<${from(ground)}>`
      await wire.ask(`MAIL FROM:${sender}`, said('250'))
    },
  },
  {
    name: 'where BDAT would be',
    input: (dice) =>
      Buffer.from(
        dice
          .some(1, 6, () => {
            const octets = dice.pick([0, 5, 100, 70_000])
            return `BDAT ${near(dice, String(octets))}${dice.pick([' LAST', '', ' last', ' X'])}\r\n${'x'.repeat(octets)}`
          })
          .join('') + smtpCommand(dice),
        'latin1',
      ),
    enter: async (wire, _dice, ground) => {
      await begin(wire, ground)
      await wire.ask(`MAIL FROM:<${from(ground)}>`, said('250'))
      await wire.ask(`RCPT TO:<${ground.victim}>`, said('250'))
    },
  },
  {
    name: 'in DATA for three',
    input: intoData,
    enter: async (wire, _dice, ground) => {
      await begin(wire, ground)
      await inData(wire, ground, { from: from(ground), to: 3 })
    },
  },
  {
    name: 'in a line of DATA that does not end',
    input: (dice) =>
      Buffer.concat([
        Buffer.from('X: '),
        dice.octets(dice.pick([900, 9_000])),
        Buffer.alloc(dice.pick([10, 3_000_000]), 'a'),
      ]),
    enter: async (wire, _dice, ground) => {
      await begin(wire, ground)
      await inData(wire, ground, { from: from(ground) })
    },
  },
]
const startTls = (verb: string): State[] => [
  {
    name: 'during STARTTLS',
    raw: true,
    input: wrongHandshake,
    enter: async (wire) => {
      await hello(wire, verb)
      await wire.ask('STARTTLS', said('220'))
    },
  },
  {
    name: 'half a record under STARTTLS',
    raw: true,
    input: wrongRecords,
    enter: async (wire) => {
      await hello(wire, verb)
      await wire.ask('STARTTLS', said('220'))
      await wire.secure()
    },
  },
  {
    name: 'behind STARTTLS in the clear',
    enter: async (wire, dice) => {
      await hello(wire, verb)
      wire.send(`STARTTLS\r\n${dice.pick(['EHLO injected', 'NOOP', 'RSET'])}\r\n`)
      await wire.until(said('220'))
      await wire.secure()
      const heard = await wire.ask('NOSUCH', /^[\s\S]*?\n/)
      if (!/^5/.test(heard)) throw new Error(`answered under TLS what was sent in the clear: ${heard}`)
    },
  },
]
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')

const submissionStates: readonly State[] = [
  { name: 'before EHLO', enter: async () => undefined },
  { name: 'before login', enter: (wire) => hello(wire) },
  {
    name: 'inside AUTH',
    input: (dice) =>
      Buffer.from(
        dice
          .some(1, 5, () => `${near(dice, dice.pick(['', '=', '*', base64(spoil(dice, 'n,,n=x,r=y'))]))}\r\n`)
          .join(''),
        'latin1',
      ),
    enter: async (wire, dice) => {
      await hello(wire)
      await wire.ask(
        `AUTH ${dice.pick(['PLAIN', 'LOGIN', 'SCRAM-SHA-256', 'XOAUTH2', 'OAUTHBEARER'])}`,
        /^\d{3} [^\n]*\n/m,
      )
    },
  },
  { name: 'signed in', known: true, enter: (wire, _dice, ground) => signIn(wire, ground) },
  {
    name: 'in DATA',
    known: true,
    input: intoData,
    enter: async (wire, _dice, ground) => {
      await signIn(wire, ground)
      await inData(wire, ground, { from: ground.victim })
    },
  },
  ...underWay(({ victim }) => victim, signIn).map((state): State => ({ ...state, known: true })),
]

const recorded = [
  `EHLO pc\r\nAUTH PLAIN AGEAYg==\r\nMAIL FROM:<an.nguyen@${domain}> SIZE=300 BODY=8BITMIME\r\nRCPT TO:<an.nguyen@${domain}>\r\nDATA\r\nFrom: An <an.nguyen@${domain}>\r\nTo: x\r\nSubject: thu\r\n\r\nxin chao\r\n..\r\n.\r\nQUIT\r\n`,
  `LHLO pc\r\nMAIL FROM:<>\r\nRCPT TO:<an.nguyen@${domain}>\r\nRCPT TO:<lan.pham@${domain}>\r\nDATA\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n\r\n--a--\r\n.\r\nRSET\r\nNOOP\r\n`,
  `HELO pc\r\nMAIL FROM:<a@ngoai.vn>\r\nRCPT TO:<an.nguyen@${domain}>\r\nDATA\r\nFrom: =?utf-8?Q?Nguy=E1=BB=85n?= <a@ngoai.vn>\r\n\r\nx\r\n.\r\nMAIL FROM:<b@ngoai.vn>\r\nRSET\r\n`,
]
const common = { command: smtpCommand, sessions: recorded }

const serveSubmission: Target['serve'] = async ({ bystander, password }, open) => {
  const wire = await open()
  await signIn(wire, { victim: bystander, password } as Ground)
  wire.destroy()
}
const takesMail =
  (verb: string): Target['serve'] =>
  async ({ bystander }, open) => {
    const wire = await open()
    await hello(wire, verb)
    await wire.ask('MAIL FROM:<a@ngoai.vn>', said('250'))
    await wire.ask(`RCPT TO:<${bystander}>`, said('250'))
    await wire.ask('DATA', said('354'))
    await wire.ask('Subject: served\r\n\r\nx\r\n.', said('250'))
    wire.destroy()
  }

export const submission: Target = {
  name: 'submission',
  at: ({ ports }) => ({ port: ports['submission']! }),
  states: [...submissionStates, ...startTls('EHLO')],
  ...common,
  serve: serveSubmission,
}
export const submissions: Target = {
  name: 'submission under TLS',
  at: ({ ports }) => ({ port: ports['submissions']! }),
  secured: true,
  states: [...submissionStates, ...belowTls],
  ...common,
  serve: serveSubmission,
}

const strangers = (verb: string): State[] => [
  { name: 'before hello', enter: async () => undefined },
  { name: 'after hello', enter: (wire) => hello(wire, verb) },
  {
    name: 'in DATA',
    input: intoData,
    enter: async (wire, _dice, ground) => {
      await hello(wire, verb)
      await inData(wire, ground, { from: 'a@ngoai.vn' })
    },
  },
  ...underWay(
    () => 'a@ngoai.vn',
    (wire) => hello(wire, verb),
  ),
]
export const lmtp: Target = {
  name: 'LMTP',
  at: ({ ports }) => ({ port: ports['lmtp']! }),
  states: strangers('LHLO'),
  ...common,
  serve: takesMail('LHLO'),
}
export const edge: Target = {
  name: 'edge',
  at: ({ ports }) => ({ port: ports['smtp']! }),
  states: [...strangers('EHLO'), ...startTls('EHLO')],
  ...common,
  serve: takesMail('EHLO'),
}
export const sinkSmtp: Target = {
  name: 'sink (SMTP)',
  at: ({ ports }) => ({ port: ports['sinkSmtp']! }),
  states: strangers('EHLO'),
  ...common,
  serve: takesMail('EHLO'),
}
