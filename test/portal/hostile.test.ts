import { connect } from 'node:net'
import { expect } from 'chai'
import { PlainBrowser } from './support/browser.ts'
import { type TestPortal, testPortal } from './support/portal.ts'

/** Sends octets as they are; @returns the first line of the answer, '' when the connection was closed without one */
function raw(portal: TestPortal, octets: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(portal.url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(octets))
    let answer = ''
    socket.on('data', (d) => {
      answer += d.toString('latin1')
      if (answer.includes('\r\n')) socket.end()
    })
    socket.on('close', () => resolve(answer.split('\r\n')[0]!))
    socket.on('error', (err) => ((err as NodeJS.ErrnoException).code === 'ECONNRESET' ? resolve('') : reject(err)))
  })
}

describe('portal: odd and hostile requests', () => {
  let portal: TestPortal
  let browser: PlainBrowser
  let draft: string
  before(async () => {
    portal = await testPortal()
    browser = new PlainBrowser(portal)
    draft = await browser.begin()
  })
  after(() => portal[Symbol.asyncDispose]())

  const long = 'x'.repeat(5000)
  const gets = [
    '/?q=%00',
    `/?q=${long}`,
    '/?q[]=a&q[]=b',
    '/?q=%F0%9F%92%A9%E2%80%AE',
    '/?q=%3Cscript%3Ealert(1)%3C/script%3E',
    '/?q=(((((((((((((((((((((.*)*)*)*)*',
    '/thu-tuc/..%2f..%2fpackage.json',
    '/thu-tuc/__proto__',
    `/thu-tuc/${long}`,
    '/soan/',
    '/soan/%E0%A4%A',
    '/tra-cuu?ma[x]=1',
    `/tra-cuu?ma=${long}`,
    '/tra-cuu/constructor',
    '/assets/../../etc/passwd',
    '/assets/x/%2e%2e/%2e%2e/package.json',
    '/healthz?x=1',
  ]
  for (const path of gets)
    it(`GET ${path.slice(0, 60)} is answered calmly`, async () => {
      const page = await browser.open(path)
      expect(page.status).to.be.lessThan(500)
      expect(page.text)
        .to.not.include('<script>alert')
        .and.not.include('node_modules')
        .and.not.include('"dependencies"')
    })

  const posts: [what: string, path: () => string, init: RequestInit][] = [
    ['no body at all', () => `${draft}/co-quan`, {}],
    [
      'JSON in place of a form',
      () => `${draft}/co-quan`,
      { body: '{"a":1}', headers: { 'content-type': 'application/json' } },
    ],
    ['a form of a megabyte', () => `${draft}/co-quan`, { body: new URLSearchParams({ tenCoQuan: 'x'.repeat(1e6) }) }],
    [
      'ten thousand fields',
      () => `${draft}/co-quan`,
      {
        body: Array.from({ length: 10_000 }, (_, n) => `a${n}=1`).join('&'),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
    ],
    [
      'names of prototypes',
      () => `${draft}/co-quan`,
      {
        body: '__proto__=1&constructor=2&tenCoQuan[x]=1',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
    ],
    [
      'broken percent signs',
      () => `${draft}/co-quan`,
      { body: 'tenCoQuan=%E0%A4%A', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
    [
      'octets that are no UTF-8',
      () => `${draft}/co-quan`,
      {
        body: Buffer.from('tenCoQuan=\xff\xfe', 'latin1'),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
    ],
    [
      'a charset that is none',
      () => `${draft}/co-quan`,
      { body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded; charset=klingon' } },
    ],
    [
      'multipart without boundary',
      () => `${draft}/giay-to`,
      { body: 'x', headers: { 'content-type': 'multipart/form-data' } },
    ],
    [
      'multipart with 3,000 parts',
      () => `${draft}/giay-to`,
      {
        body: `${'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'.repeat(3000)}--x--\r\n`,
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      },
    ],
    [
      'multipart with a header of a megabyte',
      () => `${draft}/giay-to`,
      {
        body: `--x\r\nContent-Disposition: form-data; name="${'a'.repeat(1e6)}"\r\n\r\n1\r\n--x--\r\n`,
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      },
    ],
    ['a step that is none', () => `${draft}/khong-co`, {}],
    ['the review as a step', () => `${draft}/xem-lai`, {}],
    ['autosave of nothing', () => `${draft}/khong-co/tu-luu`, {}],
    ['a procedure that is none', () => '/thu-tuc/x/soan', {}],
    ['an upload that is none', () => `${draft}/bo-tep/x`, {}],
    [
      'a lookup of arrays',
      () => '/tra-cuu',
      { body: 'ma=a&ma=b&bimat=c&bimat=d', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    ],
  ]
  for (const [what, path, init] of posts)
    it(`POST with ${what} is answered calmly`, async () => {
      const page = await browser.open(path(), { method: 'POST', ...init })
      expect(page.status).to.be.lessThan(500)
    })

  const octets: [what: string, bytes: string | Buffer][] = [
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['a header of 100 KB', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`],
    ['a line break in a header', 'GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n'],
    ['a method that is none', 'BREW / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['noise', Buffer.from(Array.from({ length: 4000 }, (_, n) => (n * 7919) % 256))],
  ]
  for (const [what, bytes] of octets)
    it(`${what} ends that connection only`, async () => {
      expect(await raw(portal, bytes)).to.match(/^(HTTP\/1\.1 4\d\d .*|)$/)
      expect((await browser.open('/')).status).to.equal(200)
    })

  it('says on every answer what a browser may do', async () => {
    for (const path of ['/', draft, '/tra-cuu', '/khong-co']) {
      const { headers } = await browser.open(path)
      expect(headers.get('content-security-policy'), path).to.include("default-src 'none'").and.not.include('unsafe')
      expect(headers.get('x-frame-options')).to.equal('DENY')
      expect(headers.get('x-content-type-options')).to.equal('nosniff')
      expect(headers.get('cache-control')).to.equal('no-store')
    }
  })
})
