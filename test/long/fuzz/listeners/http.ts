/** HTTP: portal, desk, the sink's pages, and the figures for monitoring. */
import { people } from '#test/journey/staff.ts'
import type { Dice } from '../dice.ts'
import { spoil } from '../mutate.ts'
import { type Ground, knownNetwork, type State, type Target } from '../target.ts'
import { Gone } from '../wire.ts'
import { type Form, multipart } from './multipart.ts'
import { type Route, routesOf, type Site } from './routes.ts'

const near = (dice: Dice, text: string): string => (dice.oneIn(6) ? spoil(dice, text) : text)
const value = (dice: Dice) =>
  near(
    dice,
    dice.pick(['1', 'x', '%00', '%E0%A4%A', '..%2f..', 'an.nguyen@haiduong.gov.vn', '%C6%B0', 'a'.repeat(3_000), '']),
  )
const ulid = '01JDZZZZZZZZZZZZZZZZZZZZZZ'

/** What requests carry once somebody has signed in or begun a form: a cookie, and values for parameters of paths. */
type Known = { cookie?: string; parameters?: Readonly<Record<string, readonly string[]>> }
const filled = (dice: Dice, path: string, { parameters = {} }: Known) =>
  near(
    dice,
    path.replaceAll(/:(\w+)/g, (_all, name: string) => {
      const sound = parameters[name]
      return sound && !dice.oneIn(8)
        ? dice.pick(sound)
        : dice.pick([value(dice), '1', '2', ulid, '1.009374', '__proto__'])
    }),
  )
const query = (dice: Dice): string =>
  dice.oneIn(3)
    ? `?${dice.some(1, 3, () => `${dice.pick(['q', 'tim', 'f', 'muc', 'trang', 'tra-loi', 'chuyen', 'nhap', 'tu', 'den', 've', 'xong', '__proto__', 'sap'])}=${value(dice)}`).join('&')}`
    : ''

const forms: Record<Site, Form> = {
  portal: {
    fields: ['tenCoQuan', 'diaChi', 'hoTen', 'ngaySinh', 'tenBanTin', 'soTrang', 'camKet', 'di', 'ma', 'bimat'],
    files: ['tep-toKhai', 'tep-quyetDinh', 'tep-soYeuLyLich', 'tep-mauTrinhBay', 'tep-x'],
  },
  desk: {
    fields: [
      'address',
      'password',
      'back',
      'uid',
      'muc',
      'to',
      'cc',
      'subject',
      'text',
      'lam',
      'viec',
      'tu',
      'den',
      'carried',
    ],
    files: ['files', 'tep', 'du-thao'],
  },
  sink: { fields: ['from', 'to', 'subject', 'text', 'a[b]'], files: ['file'] },
}

function form(dice: Dice, site: Site): [type: string, body: string] {
  return dice.pick<() => [string, string]>([
    () => [
      'application/x-www-form-urlencoded',
      dice.some(0, dice.oneIn(20) ? 3_000 : 6, () => `${dice.pick(forms[site].fields)}=${value(dice)}`).join('&'),
    ],
    () => multipart(dice, forms[site]),
    () => multipart(dice, forms[site]),
    () => ['application/json', near(dice, '{"a":[1,{"__proto__":2}]}')],
    () => [spoil(dice, 'text/plain'), value(dice)],
  ])()
}

/** One request: to a route of the site, with a body where it posts. */
function http(dice: Dice, site: Site, routes: readonly Route[], known: Known): string {
  const route = dice.pick(routes)
  const posts = dice.oneIn(8) ? dice.oneIn(2) : route.method === 'post'
  const method = near(
    dice,
    posts ? 'POST' : dice.oneIn(5) ? dice.pick(['HEAD', 'OPTIONS', 'PUT', 'TRACE', 'CONNECT', 'BREW']) : 'GET',
  )
  const [type, body] = posts ? form(dice, site) : ['', '']
  const chunked = dice.oneIn(6)
  const lines = [
    `${method} ${filled(dice, route.path, known)}${query(dice)} ${near(dice, 'HTTP/1.1')}`,
    'Host: 127.0.0.1',
    ...(known.cookie === undefined ? [] : [`Cookie: ${known.cookie}`]),
    ...(posts ? ['Sec-Fetch-Site: same-origin', `Content-Type: ${type}`] : []),
    ...(chunked ? ['Transfer-Encoding: chunked'] : []),
    ...(posts && (!chunked || dice.oneIn(5))
      ? [`Content-Length: ${dice.oneIn(10) ? body.length + dice.below(50) - 20 : body.length}`]
      : []),
    ...dice.some(0, 2, () =>
      near(
        dice,
        dice.pick([
          ...['Cookie: congso=x; a=b', 'If-None-Match: *', 'Range: bytes=0-1,2-,-5', 'Accept-Encoding: gzip'],
          ...['Expect: 100-continue', 'Upgrade: websocket', 'Connection: upgrade', 'Accept-Language: vi;q=9'],
          ...['X-Forwarded-For: 1.2.3.4, x', 'Accept: application/json', 'HX-Request: true', 'Sec-Fetch-Dest: iframe'],
        ]),
      ),
    ),
  ]
  const sent = chunked ? near(dice, `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`) : body
  return `${lines.map((line) => (dice.oneIn(40) ? spoil(dice, line) : line)).join('\r\n')}\r\n\r\n${sent}`
}

const fresh: State = { name: 'at the start', enter: async () => undefined }
/** A form whose first part has begun; the rest is whatever comes. */
const inForm = (
  site: Site,
  { name, path, begin }: { name: string; path: string; begin: (ground: Ground) => Promise<Known> },
): State => ({
  name,
  input: (dice) =>
    Buffer.from(
      dice.oneIn(3) ? spoil(dice, multipart(dice, forms[site])[1]) : multipart(dice, forms[site])[1],
      'latin1',
    ),
  enter: async (wire, dice, ground) => {
    const known = await begin(ground)
    const length = dice.pick(['Content-Length: 10', 'Content-Length: 100000', 'Transfer-Encoding: chunked'])
    wire.send(
      `POST ${filled(dice, path, known)} HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n${known.cookie === undefined ? '' : `Cookie: ${known.cookie}\r\n`}Content-Type: multipart/form-data; boundary=b\r\n${length}\r\n\r\n`,
    )
    const part = `--b\r\nContent-Disposition: form-data; name="${dice.pick(forms[site].files)}"; filename="a.pdf"\r\n\r\n%PDF-1.7\n`
    wire.send(length.startsWith('T') ? `${part.length.toString(16)}\r\n${part}\r\n` : part)
  },
})
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

const routes = { portal: routesOf('portal'), desk: routesOf('desk'), sink: routesOf('sink') }
const none: Known = {}
const site = (which: Site, given: Pick<Target, 'name' | 'at' | 'serve'> & { more?: readonly State[] }): Target => ({
  ...given,
  command: (dice) => http(dice, which, routes[which], none),
  states: [fresh, inBody, ...(given.more ?? [])],
  sessions,
})
/** Some requests of somebody whom the site knows. */
const requests =
  (which: Site, some: readonly Route[], known: () => Known): NonNullable<State['input']> =>
  (dice) =>
    Buffer.from(dice.some(1, 6, () => http(dice, which, some, known())).join(''), 'latin1')

/** The form that a citizen fills in: one draft for the run, which counts for its network's hour. */
let draft: Known | undefined
const steps = ['co-quan', 'nguoi-chiu-trach-nhiem', 'ban-tin', 'giay-to', 'xem-lai']
async function withDraft({ ports }: Ground): Promise<Known> {
  if (draft) return draft
  const answer = await fetch(`http://127.0.0.1:${ports['portal']}/thu-tuc/1.009374/soan`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin' },
  })
  const token = /\/soan\/([0-9A-Z]{26})\//.exec(answer.headers.get('location') ?? '')?.[1]
  if (token === undefined) throw new Error(`no draft was begun: ${answer.status}`)
  draft = { parameters: { token: [token], step: steps } }
  return draft
}
export const portal: Target = site('portal', {
  name: 'portal',
  at: ({ ports }) => ({ port: ports['portal']! }),
  serve: opens('/'),
  more: [
    {
      name: 'with a form begun',
      input: requests(
        'portal',
        routes.portal.filter(({ path }) => path.startsWith('/soan/:token')),
        () => draft ?? none,
      ),
      enter: async (_wire, _dice, ground) => void (await withDraft(ground)),
    },
    inForm('portal', { name: 'inside files of a form', path: '/soan/:token/giay-to', begin: withDraft }),
  ],
})
export const sink: Target = site('sink', {
  name: 'sink (pages)',
  at: ({ ports }) => ({ port: ports['sinkPage']! }),
  serve: opens('/'),
})

const cookies = new Map<string, string>()
/** Signs in at the desk, again when a request has signed out: each request then gets as far as its page. @throws Error */
async function signedIn({ ports, password }: Ground, address: string): Promise<Known> {
  const desk = `http://127.0.0.1:${ports['desk']}`
  const cookie = cookies.get(address)
  if (cookie !== undefined) {
    const { status } = await fetch(`${desk}/toi`, { redirect: 'manual', headers: { cookie } })
    if (status === 200) return { cookie, parameters }
  }
  const answer = await fetch(`${desk}/dang-nhap`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin', 'x-forwarded-for': knownNetwork },
    body: new URLSearchParams({ address, password }),
  })
  if (answer.status === 429 || answer.status === 503) throw new Gone('the desk asks to come later')
  const given = answer.headers.getSetCookie().map((c) => c.split(';')[0])
  if (given.length === 0) throw new Error(`the desk let ${address} not in: ${answer.status}`)
  cookies.set(address, given.join('; '))
  return { cookie: cookies.get(address)!, parameters }
}
const parameters = { uid: ['1', '2', '3'], part: ['1', '2', '1.1'], address: [people.officer], act: ['x'] }
const administrator = 'tam.mac@haiduong.gov.vn'
const read = routes.desk.filter(({ method }) => method === 'get')
export const desk: Target = site('desk', {
  name: 'desk',
  at: ({ ports }) => ({ port: ports['desk']! }),
  serve: opens('/dang-nhap'),
  more: [
    {
      name: 'signed in',
      input: requests('desk', routes.desk, () => ({ cookie: cookies.get(people.officer) ?? '', parameters })),
      enter: async (_wire, _dice, ground) => void (await signedIn(ground, people.officer)),
    },
    {
      // who may end what the run needs only looks
      name: 'signed in as administrator, looking',
      input: requests('desk', read, () => ({ cookie: cookies.get(administrator) ?? '', parameters })),
      enter: async (_wire, _dice, ground) => void (await signedIn(ground, administrator)),
    },
    inForm('desk', {
      name: 'inside files of a letter',
      path: '/thu/soan',
      begin: (ground) => signedIn(ground, people.officer),
    }),
  ],
})

export const metrics: Target = {
  name: 'metrics',
  at: ({ ports }) => ({ port: ports['metrics']! }),
  command: (dice) =>
    http(
      dice,
      'sink',
      [
        { method: 'get', path: '/metrics' },
        { method: 'post', path: '/:x' },
      ],
      none,
    ),
  states: [fresh, inBody],
  sessions,
  serve: opens('/metrics'),
}
