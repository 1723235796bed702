/** HTTP: portal, desk, the sink's pages, and the control API on its socket. */

import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { paths } from '#config/settings.ts'
import type { CallName } from '#kit/directory/calls.ts'
import { table } from '#mailserver/control/table.ts'
import type { Dice } from '../dice.ts'
import { spoil } from '../mutate.ts'
import type { Ground, State, Target } from '../target.ts'

const near = (dice: Dice, text: string): string => (dice.oneIn(6) ? spoil(dice, text) : text)
const value = (dice: Dice) =>
  near(
    dice,
    dice.pick(['1', 'x', '%00', '%E0%A4%A', '..%2f..', 'an.nguyen@haiduong.gov.vn', '%C6%B0', 'a'.repeat(3_000), '']),
  )
const ulid = '01JDZZZZZZZZZZZZZZZZZZZZZZ'
const filled = (dice: Dice, path: string) =>
  near(
    dice,
    path.replaceAll(/:\w+/g, () => dice.pick([value(dice), '1', ulid, '1.009374', '__proto__'])),
  )

const pages = {
  portal: [
    '/',
    '/thu-tuc',
    '/thu-tuc/:code',
    '/thu-tuc/:code/soan',
    '/soan/:token',
    '/soan/:token/:step',
    '/soan/:token/:step/tu-luu',
    '/soan/:token/nop',
    '/soan/:token/tep/:upload',
    '/tra-cuu',
    '/tra-cuu/:reference',
    '/tra-cuu/thoat',
    '/huong-dan',
    '/healthz',
    '/assets/:x',
    '/favicon.ico',
  ],
  desk: [
    '/',
    '/dang-nhap',
    '/dang-nhap/ma',
    '/dang-xuat',
    '/toi',
    '/giao-dien',
    '/thu',
    '/thu/:uid',
    '/thu/:uid/nguon',
    '/thu/:uid/noi-dung',
    '/thu/:uid/tep/:part',
    '/thu/soan',
    '/thu/tim?q=:q',
    '/thu/lam',
    '/thu/danh-ba?q=:q',
    '/thu?muc=:x&trang=:y',
    '/ho-so',
    '/ho-so?tim=:q',
    '/ho-so/:id',
    '/ho-so/:id/:kind',
    '/van-ban',
    '/quan-tri',
    '/quan-tri/:x',
    '/truc-tiep',
    '/healthz',
  ],
  sink: [
    '/',
    '/api/messages',
    '/api/messages/:id',
    '/thu/:id',
    '/thu/:id/html',
    '/thu/:id/nguon',
    '/thu/:id/phan/:part',
    '/gui',
  ],
} as const

const fields = [
  'address',
  'password',
  'q',
  'ma',
  'bimat',
  'back',
  'uid',
  'muc',
  'to',
  'subject',
  'text',
  '__proto__',
  'tenCoQuan',
  'lam',
  'a[b]',
  '',
]
function form(dice: Dice): [type: string, body: string] {
  return dice.pick<() => [string, string]>([
    () => [
      'application/x-www-form-urlencoded',
      dice.some(0, dice.oneIn(20) ? 3_000 : 5, () => `${dice.pick(fields)}=${value(dice)}`).join('&'),
    ],
    () => [
      'multipart/form-data; boundary=b',
      near(
        dice,
        `${dice.some(0, 4, () => near(dice, `--b\r\nContent-Disposition: form-data; name="${dice.pick(fields)}"; filename="${value(dice)}"\r\nContent-Type: application/pdf\r\n\r\n%PDF-${value(dice)}\r\n`)).join('')}--b--\r\n`,
      ),
    ],
    () => ['application/json', near(dice, '{"a":[1,{"__proto__":2}]}')],
    () => [spoil(dice, 'text/plain'), value(dice)],
  ])()
}

const web =
  (routes: readonly string[], headers: () => readonly string[] = () => []) =>
  (dice: Dice): string => {
    const posts = dice.oneIn(2)
    const method = near(
      dice,
      posts ? 'POST' : dice.pick(['GET', 'GET', 'GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'CONNECT', 'BREW']),
    )
    const [type, body] = posts ? form(dice) : ['', '']
    const chunked = dice.oneIn(6)
    const lines = [
      `${method} ${filled(dice, dice.pick(routes))} ${near(dice, 'HTTP/1.1')}`,
      'Host: 127.0.0.1',
      ...headers(),
      ...(posts ? ['Sec-Fetch-Site: same-origin', `Content-Type: ${type}`] : []),
      ...(chunked ? ['Transfer-Encoding: chunked'] : []),
      ...(posts && (!chunked || dice.oneIn(5))
        ? [`Content-Length: ${dice.oneIn(10) ? body.length + dice.below(50) - 20 : body.length}`]
        : []),
      ...dice.some(0, 2, () =>
        near(
          dice,
          dice.pick([
            'Cookie: congso=x; a=b',
            'If-None-Match: *',
            'Range: bytes=0-1,2-,-5',
            'Accept-Encoding: gzip',
            'Expect: 100-continue',
            'Upgrade: websocket',
            'Connection: upgrade',
            'Accept-Language: vi;q=9',
            'X-Forwarded-For: 1.2.3.4, x',
          ]),
        ),
      ),
    ]
    const sent = chunked ? near(dice, `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`) : body
    return `${lines.map((line) => (dice.oneIn(40) ? spoil(dice, line) : line)).join('\r\n')}\r\n\r\n${sent}`
  }

const fresh: State = { name: 'at the start', enter: async () => undefined }
const inBody: State = {
  name: 'inside a body',
  enter: async (wire, dice) =>
    wire.send(
      `POST ${dice.pick(['/dang-nhap', '/tra-cuu', '/gui', '/thu/soan'])} HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: ${dice.pick(['multipart/form-data; boundary=b', 'application/x-www-form-urlencoded'])}\r\nContent-Length: ${dice.pick([10, 100_000])}\r\n\r\n`,
    ),
}
const opens =
  (path: string): Target['serve'] =>
  async (_ground, open) => {
    const wire = await open()
    await wire.ask(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n`, /^HTTP\/1\.1 200/m)
    wire.destroy()
  }
const sessions = [
  'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/5.0\r\nAccept: text/html\r\n\r\nGET /assets/x.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'POST /dang-nhap HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 46\r\n\r\naddress=khong.ai%40haiduong.gov.vn&password=xx',
  'POST /tra-cuu HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nma=AAAA-AAAA-A&b\r\n0\r\n\r\n',
]

export const portal: Target = {
  name: 'portal',
  at: ({ ports }) => ({ port: ports['portal']! }),
  command: web(pages.portal),
  states: [fresh, inBody],
  sessions,
  serve: opens('/'),
}
export const sink: Target = {
  name: 'sink (pages)',
  at: ({ ports }) => ({ port: ports['sinkPage']! }),
  command: web(pages.sink),
  states: [fresh, inBody],
  sessions,
  serve: opens('/'),
}

let cookie = ''
/** Signs in at the desk once for the run: each request then gets as far as its page. */
async function deskCookie({ ports, victim, password }: Ground): Promise<void> {
  if (cookie !== '') return
  const answer = await fetch(`http://127.0.0.1:${ports['desk']}/dang-nhap`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ address: victim, password }),
  })
  const given = answer.headers.getSetCookie().map((c) => c.split(';')[0])
  if (given.length === 0) throw new Error(`the desk let nobody in: ${answer.status}`)
  cookie = given.join('; ')
}
export const desk: Target = {
  name: 'desk',
  at: ({ ports }) => ({ port: ports['desk']! }),
  command: web(pages.desk, () => (cookie === '' ? [] : [`Cookie: ${cookie}`])),
  states: [fresh, inBody, { name: 'signed in', enter: (_wire, _dice, ground) => deskCookie(ground) }],
  sessions,
  serve: opens('/dang-nhap'),
}

/** those that take what tests and people need away, or read everything that is kept */
const spared = new Set([
  'store.verify',
  'provision',
  'account.disable',
  'tls.import',
  'tls.renew',
  'account.signOut',
  'account.set',
])
const calls = (Object.keys(table) as CallName[]).filter((name) => !spared.has(name))
const json = (dice: Dice, depth = 0): unknown =>
  dice.pick<() => unknown>([
    () => value(dice),
    () => dice.pick([0, -1, 1e308, 2 ** 53, 0.5, null, true]),
    () => dice.pick(['an.nguyen@haiduong.gov.vn', 'so.stttt@haiduong.gov.vn', '2026-11-24T00:00:00Z', '__proto__']),
    ...(depth < 4
      ? [
          () => dice.some(0, 4, () => json(dice, depth + 1)),
          () =>
            Object.fromEntries(
              dice.some(0, 5, () => [
                dice.pick([
                  'address',
                  'account',
                  'ledger',
                  'from',
                  'to',
                  'raw',
                  'octets',
                  'person',
                  'office',
                  'rights',
                  'id',
                  'query',
                  'entry',
                  'command',
                  'name',
                ]),
                json(dice, depth + 1),
              ]),
            ),
        ]
      : []),
  ])()
const secrets = new Map<string, string>()
const controlCommand = (dice: Dice): string => {
  const body = near(
    dice,
    JSON.stringify(
      Object.fromEntries(
        dice.some(0, 6, () => [
          dice.pick([
            'address',
            'ledger',
            'person',
            'office',
            'from',
            'to',
            'raw',
            'query',
            'head',
            'id',
            'mailbox',
            'secret',
            'password',
            'ip',
            'scope',
            'domain',
            'after',
            'limit',
          ]),
          json(dice),
        ]),
      ),
    ),
  )
  const octets = dice.oneIn(5) ? [`X-Octets: ${near(dice, dice.pick(['5', '1,2', '0', '999999999999']))}`] : []
  const call = dice.pick(calls)
  const caller = dice.pick(table[call].may)
  return `${[
    `POST /v1/${near(dice, call)} HTTP/1.1`,
    'Host: x',
    ...(dice.oneIn(10)
      ? []
      : [`Authorization: Bearer ${dice.oneIn(20) ? 'x' : secrets.get(caller)}`, `X-Process: ${near(dice, caller)}`]),
    'Content-Type: application/json',
    ...octets,
    `Content-Length: ${Buffer.byteLength(body, 'latin1')}`,
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
  states: [{ name: 'with the secrets', enter: async (_wire, _dice, { data }) => readSecrets(data) }],
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
