/** ManageSieve (RFC 5804), and scripts (RFC 5228) that are right, nearly right, or no scripts. */
import type { Dice } from '../dice.ts'
import { spoil } from '../mutate.ts'
import type { Ground, Target } from '../target.ts'
import { words } from '../target.ts'
import { wrongHandshake, wrongRecords } from '../tlsrecords.ts'
import type { Wire } from '../wire.ts'

const near = (dice: Dice, text: string): string => (dice.oneIn(7) ? spoil(dice, text) : text)

function test(dice: Dice, depth = 0): string {
  const deeper = () => test(dice, depth + 1)
  return near(
    dice,
    dice.pick([
      () => 'true',
      () =>
        `header ${dice.pick([':is', ':contains', ':matches', ':regex', ':count "ge"', ':comparator "i;octet"', ''])} ["Subject", "From"] ${near(dice, dice.pick(['"*a*?*"', '"(a+)+$"', '"[a-"', '["x","y"]']))}`,
      () => `size :over ${dice.pick(['1K', '100M', '99999999999G', '-1'])}`,
      () => `address :domain "From" "x.vn"`,
      () => `date :value "ge" "date" "hour" "09"`,
      () => `body :contains "x"`,
      () => `exists ["X"]`,
      ...(depth < 30
        ? [() => `not ${deeper()}`, () => `anyof (${deeper()}, ${deeper()})`, () => `allof (${deeper()})`]
        : []),
    ])(),
  )
}
const action = (dice: Dice): string =>
  near(
    dice,
    dice.pick([
      ...[
        'keep;',
        'discard;',
        'stop;',
        'fileinto :create "a/b";',
        'redirect :copy "x@y.vn";',
        'vacation :days 7 "Vắng";',
        'reject "no";',
      ],
      ...[
        `set :quotewildcard "a" "\${b}\${0}";`,
        'addflag "\\\\Seen";',
        'include :personal "a";',
        'notify "mailto:a@b";',
        'addheader "X" "y";',
      ],
      '/* comment */ # x\r\n',
      'text: \r\nabc\r\n.\r\n;',
    ]),
  )
export function script(dice: Dice): string {
  const require = `require [${['fileinto', 'variables', 'regex', 'body', 'date', 'relational', 'vacation', 'include', 'copy', 'x'].map((e) => `"${e}"`).join(',')}];\r\n`
  const body = dice.some(0, 6, () =>
    dice.oneIn(2)
      ? action(dice)
      : `if ${test(dice)} { ${action(dice)} } elsif ${test(dice)} { ${action(dice)} } else { ${action(dice)} }`,
  )
  return near(dice, (dice.oneIn(5) ? '' : require) + body.join('\r\n') + (dice.oneIn(30) ? '{'.repeat(2_000) : ''))
}

const literal = (dice: Dice, text: string): string =>
  `{${dice.oneIn(12) ? text.length + dice.below(9) - 4 : text.length}${dice.oneIn(10) ? '' : '+'}}\r\n${text}`
const name = (dice: Dice) => near(dice, dice.pick(['"a"', '"vắng"', '""', '{1+}\r\na', `"${'x'.repeat(600)}"`, 'a']))

const lines: readonly ((dice: Dice) => string[])[] = [
  ...['CAPABILITY', 'LISTSCRIPTS', 'NOOP', 'XYZ', '', 'UNAUTHENTICATE'].map((verb) => () => [verb]),
  (d) => ['LOGOUT', d.pick(['x', 'x', ''])],
  (d) => ['NOOP', name(d)],
  (d) => [
    'AUTHENTICATE',
    near(d, d.pick(['"PLAIN"', '"SCRAM-SHA-256"', '"XOAUTH2"', 'PLAIN'])),
    d.pick(['', '"AGEAYg=="', '{8+}\r\nAGEAYg==']),
  ],
  (d) => ['HAVESPACE', name(d), near(d, d.pick(['10', '0', '99999999999', '-1']))],
  (d) => ['PUTSCRIPT', name(d), literal(d, script(d))],
  (d) => ['CHECKSCRIPT', literal(d, script(d))],
  (d) => ['CHECKSCRIPT', near(d, `"${script(d).replaceAll(/["\\\r\n]/g, '')}"`)],
  (d) => ['SETACTIVE', name(d)],
  (d) => ['GETSCRIPT', name(d)],
  (d) => ['DELETESCRIPT', name(d)],
  (d) => ['RENAMESCRIPT', name(d), name(d)],
]
export const sieveCommand = (dice: Dice): string =>
  `${near(dice, words(dice, dice.pick(lines)(dice)))}${dice.oneIn(30) ? dice.pick(['\n', '\r', '']) : '\r\n'}`

const ok = /^OK[^\n]*\n/m
const signIn = async (wire: Wire, { victim, password }: Ground): Promise<void> => {
  await wire.until(ok)
  await wire.ask(`AUTHENTICATE "PLAIN" "${Buffer.from(`\0${victim}\0${password}`).toString('base64')}"`, ok)
}

export const sieve: Target = {
  name: 'ManageSieve',
  at: ({ ports }) => ({ port: ports['sieve']! }),
  command: sieveCommand,
  states: [
    { name: 'before login', enter: async (wire) => void (await wire.until(ok)) },
    { name: 'signed in', known: true, enter: (wire, _dice, ground) => signIn(wire, ground) },
    {
      name: 'inside a literal',
      known: true,
      enter: async (wire, dice, ground) => {
        await signIn(wire, ground)
        wire.send(`${dice.pick(['PUTSCRIPT "a"', 'CHECKSCRIPT'])} {${dice.pick([3, 200, 9_000])}+}\r\n`)
      },
    },
    {
      name: 'inside AUTHENTICATE',
      enter: async (wire, dice) => {
        await wire.until(ok)
        wire.send(`AUTHENTICATE "${dice.pick(['PLAIN', 'SCRAM-SHA-256', 'XOAUTH2'])}"\r\n`)
      },
    },
    {
      name: 'during STARTTLS',
      raw: true,
      input: wrongHandshake,
      enter: async (wire) => {
        await wire.until(ok)
        await wire.ask('STARTTLS', ok)
      },
    },
    {
      name: 'half a record under STARTTLS',
      raw: true,
      input: wrongRecords,
      enter: async (wire) => {
        await wire.until(ok)
        await wire.ask('STARTTLS', ok)
        await wire.secure()
      },
    },
    {
      name: 'inside a script',
      known: true,
      input: (dice) =>
        Buffer.from(
          `${script(dice)}${dice.pick(['\r\n', '', ' "x"\r\n', ' {5+}\r\nkeep;\r\n'])}${sieveCommand(dice)}`,
          'latin1',
        ),
      enter: async (wire, dice, ground) => {
        await signIn(wire, ground)
        const length = dice.pick([1, 40, 400, 60_000])
        wire.send(`${dice.pick(['PUTSCRIPT "b"', 'PUTSCRIPT {1+}\r\nb', 'CHECKSCRIPT'])} {${length}+}\r\n`)
      },
    },
    {
      name: 'inside a name',
      known: true,
      enter: async (wire, dice, ground) => {
        await signIn(wire, ground)
        const verb = dice.pick(['PUTSCRIPT', 'RENAMESCRIPT "a"', 'GETSCRIPT', 'HAVESPACE', 'NOOP'])
        wire.send(`${verb} {${dice.pick([0, 1, 5, 600])}+}\r\n`)
      },
    },
    {
      name: 'behind STARTTLS in the clear',
      enter: async (wire) => {
        await wire.until(ok)
        wire.send('STARTTLS\r\nNOOP "injected"\r\n')
        await wire.until(ok)
        await wire.secure()
        const heard = await wire.ask('NOOP "mine"', /^[\s\S]*OK \(TAG "mine"\)/)
        if (heard.includes('injected')) throw new Error(`answered under TLS what was sent in the clear: ${heard}`)
      },
    },
  ],
  sessions: [
    'CAPABILITY\r\nAUTHENTICATE "PLAIN" "AGEAYg=="\r\nLOGOUT\r\n',
    'LISTSCRIPTS\r\nPUTSCRIPT "loc" {59+}\r\nrequire "fileinto";\r\nif header :is "a" "b" { fileinto "x";}\r\nSETACTIVE "loc"\r\nGETSCRIPT "loc"\r\nSETACTIVE ""\r\nDELETESCRIPT "loc"\r\n',
    'HAVESPACE "a" 1000\r\nCHECKSCRIPT {5+}\r\nkeep;\r\nNOOP "x"\r\nRENAMESCRIPT "a" "b"\r\n',
  ],
  serve: async ({ bystander, password }, open) => {
    const wire = await open()
    await signIn(wire, { victim: bystander, password } as Ground)
    await wire.ask('LISTSCRIPTS', ok)
    wire.destroy()
  },
}
