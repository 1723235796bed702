/** The control API on its socket: every call, with input that its own reader takes, nearly takes, or does not. */
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { paths } from '#config/settings.ts'
import type { CallName } from '#kit/directory/calls.ts'
import { octetsHeader, writeBody } from '#kit/directory/wire.ts'
import type { Context } from '#mailserver/control/call.ts'
import { table } from '#mailserver/control/table.ts'
import type { Dice } from '../dice.ts'
import { spoil } from '../mutate.ts'
import type { Target } from '../target.ts'

const near = (dice: Dice, text: string): string => (dice.oneIn(6) ? spoil(dice, text) : text)
/** those that take what tests and people need away, or read everything that is kept */
const spared = new Set([
  'store.verify',
  'provision',
  'account.disable',
  'tls.import',
  'tls.renew',
  'account.signOut',
  'account.set',
  'sessions.end',
])
const calls = (Object.keys(table) as CallName[]).filter((name) => !spared.has(name))

/** Texts that mean something somewhere, and some that do not. */
const texts = (dice: Dice): string =>
  dice.pick([
    'an.nguyen@haiduong.gov.vn',
    'so.stttt@haiduong.gov.vn',
    'khong.ai@haiduong.gov.vn',
    'haiduong.gov.vn',
    'INBOX',
    'a/b',
    '2026-11-24T00:00:00Z',
    'ALL',
    'SUBJECT thu',
    '/private/comment',
    '__proto__',
    '%_*',
    '\0',
    'Nguyễn Văn An',
    'x'.repeat(300),
    '1',
    '',
  ])
const anything = (dice: Dice, depth = 0): unknown =>
  dice.pick<() => unknown>([
    () => texts(dice),
    () => dice.pick([0, -1, 1e308, 2 ** 53, 0.5, null, true]),
    ...(depth < 4
      ? [
          () => dice.some(0, 4, () => anything(dice, depth + 1)),
          () => Object.fromEntries(dice.some(0, 4, () => [texts(dice).slice(0, 20), anything(dice, depth + 1)])),
        ]
      : []),
  ])()

/** What a reader that says `wanted` would take. */
function asWanted(dice: Dice, wanted: string): unknown {
  const [, least, most] = /whole number from (-?\d+) to (\d+)/.exec(wanted) ?? []
  if (least !== undefined) return dice.pick([Number(least), Number(most), Math.min(Number(most), Number(least) + 1)])
  const choices = /^one of (.*)/s.exec(wanted)?.[1]
  if (choices !== undefined) return dice.pick(choices.split(', '))
  if (wanted.startsWith('true')) return dice.oneIn(2)
  if (wanted.startsWith('a list')) return dice.some(0, 3, () => dice.pick([texts(dice), {}]))
  if (wanted.startsWith('an object')) return {}
  if (wanted === 'octets') return Buffer.from(`Subject: ${texts(dice)}\r\n\r\nx`)
  return texts(dice)
}

/** Steps from nothing to an input that a reader takes; the largest has some twenty fields. */
const mostSteps = 60

/** Asks the call's own reader what it wants until it wants nothing more. */
function taken(dice: Dice, call: CallName): Record<string, unknown> {
  const read = table[call].input({ maxMessage: 50 * 1024 * 1024 } as Context)
  const input: Record<string, unknown> = {}
  for (let step = 0; step < mostSteps; step++) {
    try {
      read(input, '')
      break
    } catch (err) {
      const [, field, wanted] = /^(\S+) must be (.*)/s.exec((err as Error).message) ?? []
      if (field === undefined || wanted === undefined) break
      put(input, field, asWanted(dice, wanted))
    }
  }
  // fields that may be left out are not asked for: some that other calls have
  for (const [name, value] of dice.some(0, 4, () => [dice.pick(fields), anything(dice)] as const)) input[name] ??= value
  return input
}

/** @param path "a", "a.b" or "a[3].b" */
function put(into: Record<string, unknown>, path: string, value: unknown): void {
  const steps = path.split(/[.[\]]+/).filter(Boolean)
  let at = into
  for (const step of steps.slice(0, -1)) {
    at[step] ??= {}
    at = at[step] as Record<string, unknown>
  }
  at[steps.at(-1)!] = value
}

const fields = [
  ...['address', 'ledger', 'person', 'office', 'from', 'to', 'raw', 'query', 'head', 'id', 'mailbox', 'secret'],
  ...['password', 'ip', 'scope', 'domain', 'after', 'limit', 'name', 'words', 'since', 'dryRun', 'quota', 'entry'],
]

const secrets = new Map<string, string>()
const controlCommand = (dice: Dice): string => {
  const call = dice.pick(calls)
  const input = dice.oneIn(8) ? anything(dice) : taken(dice, call)
  const { pieces, octets } = writeBody(input)
  const body = near(dice, Buffer.concat(pieces).toString('latin1'))
  const lengths = octets ?? (dice.oneIn(8) ? '5' : undefined)
  const caller = dice.pick(table[call].may)
  return `${[
    `POST /v1/${near(dice, call)} HTTP/1.1`,
    'Host: x',
    ...(dice.oneIn(10)
      ? []
      : [`Authorization: Bearer ${dice.oneIn(20) ? 'x' : secrets.get(caller)}`, `X-Process: ${near(dice, caller)}`]),
    'Content-Type: application/json',
    ...(lengths === undefined ? [] : [`${octetsHeader}: ${near(dice, lengths)}`]),
    `Content-Length: ${dice.oneIn(20) ? dice.pick(['0', '99999999999', '-1', 'x', String(body.length + 9)]) : body.length}`,
  ].join('\r\n')}\r\n\r\n${body}`
}
function readSecrets(data: string): void {
  for (const name of new Set(calls.flatMap((call) => table[call].may)))
    secrets.set(name, readFileSync(paths(data).secret(name), 'utf8').trim())
}
export const control: Target = {
  name: 'control socket',
  at: ({ data }) => ({ path: paths(data).control }),
  command: controlCommand,
  states: [
    { name: 'with the secrets', enter: async (_wire, _dice, { data }) => readSecrets(data) },
    {
      name: 'inside a body',
      enter: async (wire, dice, { data }) => {
        readSecrets(data)
        const call = dice.pick(calls)
        const caller = dice.pick(table[call].may)
        wire.send(
          `POST /v1/${call} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${secrets.get(caller)}\r\nX-Process: ${caller}\r\n${dice.pick(['', `${octetsHeader}: 4,4\r\n`])}Content-Length: ${dice.pick([2, 500, 200_000])}\r\n\r\n${dice.pick(['', '{', '{"a":{"octets":0}}'])}`,
        )
      },
    },
  ],
  sessions: [
    'POST /v1/usage HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nX-Process: cli\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
  ],
  serve: ({ data }) =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${readFileSync(paths(data).secret('cli'), 'utf8').trim()}`,
        'x-process': 'cli',
        'content-type': 'application/json',
      }
      const asked = request(
        { socketPath: paths(data).control, path: '/v1/usage', method: 'POST', headers },
        (answer) => {
          answer.resume()
          answer.statusCode === 200 ? resolve() : reject(new Error(`usage: ${answer.statusCode}`))
        },
      )
      asked.on('error', reject)
      asked.end('{}')
    }),
}
