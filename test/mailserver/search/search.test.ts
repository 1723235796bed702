/** Vietnamese search as people meet it: through IMAP SEARCH and through the control call that the webmail uses, over the same mail. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadSettings } from '#config/settings.ts'
import type { Directory } from '#kit/directory/calls.ts'
import { createDirectory } from '#kit/directory/client.ts'
import { startControl } from '#mailserver/control/start.ts'
import { type FileReader, startFileTexts } from '#mailserver/filetext/start.ts'
import { Filters } from '#mailserver/sieve/deliver/filters.ts'
import { Keeper } from '#mailserver/tls/keeper.ts'
import { until } from '#test/until.ts'
import { letterWith } from '../filetext/letters.ts'
import { an, type Client, type Fixture, ha, office, password, startFixture } from '../imap/fixture.ts'

const fixtures = new URL('../../fixtures/search/', import.meta.url)
const { found, absent } = JSON.parse(readFileSync(new URL('vietnamese-pairs.json', fixtures), 'utf8')) as {
  found: { reason: string; pairs: [query: string, text: string][] }[]
  absent: [query: string, text: string][]
}
const plain = (body: string, subject = 'x') =>
  Buffer.from(
    `From: a@ngoai.vn\r\nSubject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body}\r\n`,
  )

describe('search: IMAP and the webmail’s call', function () {
  this.timeout(120_000)
  let f: Fixture
  let client: Client
  let desk: Directory & Disposable
  let files: FileReader
  const parts = new AsyncDisposableStack()
  let token = ''
  before(async () => {
    f = parts.use(await startFixture())
    files = parts.use(startFileTexts({ store: f.store }))
    const secret = (process: string) => join(f.dir, `secret-${process}`)
    parts.use(
      await startControl({
        socket: join(f.dir, 'control'),
        secret,
        accounts: f.accounts,
        store: f.store,
        filters: parts.use(new Filters({ accounts: f.accounts, store: f.store, hostname: 'mail.test' })),
        seal: async (raw) => raw,
        connections: () => 0,
        passkeySite: () => undefined,
        certificates: () => new Keeper({ settings: loadSettings({}, {}).settings, folder: join(f.dir, 'tls') }),
        maxMessage: 1_000_000,
        deletedDays: 14,
        now: Date.now,
      }),
    )
    desk = createDirectory({
      socket: join(f.dir, 'control'),
      process: 'desk',
      secret: readFileSync(secret('desk'), 'utf8').trim(),
    })
    const signed = await desk['auth.signIn']({ address: an, password, ip: '127.0.0.1', client: 'test' })
    token = 'token' in signed ? signed.token : ''
    client = await f.as(an)
    await client.ok('SELECT INBOX')
  })
  after(async () => {
    desk[Symbol.dispose]()
    await parts.disposeAsync()
  })

  const literal = (s: string) => {
    const octets = Buffer.from(s)
    return Buffer.concat([Buffer.from(`{${octets.length}+}\r\n`), octets])
  }
  /** UIDs that the server finds; keys and literals in turn */
  const imap = async (...pieces: (string | Buffer)[]): Promise<number[]> => {
    const answer = await client.ok(
      Buffer.concat(['UID SEARCH CHARSET UTF-8 ', ...pieces].map((p) => (typeof p === 'string' ? Buffer.from(p) : p))),
    )
    return [...(/^\* SEARCH(.*)$/m.exec(answer)?.[1] ?? '').matchAll(/\d+/g)].map((m) => Number(m[0]))
  }
  const call = (words: string[], more: Partial<Parameters<Directory['mail.search']>[0]> = {}) =>
    desk['mail.search']({ token, words, offset: 0, limit: 100, ...more })
  const allUids = async (words: string[]) => {
    const uids: number[] = []
    for (let offset = 0; ; offset += 100) {
      const { hits, total } = await call(words, { offset, folder: 'INBOX' })
      uids.push(...hits.map((h) => h.uid))
      if (offset + 100 >= total) return uids
    }
  }
  const deliver = async (raw: string | Buffer, to = an) => {
    const uid = await f.deliver(to, raw)
    if (to === an) await client.ok('NOOP')
    return uid
  }

  const indexed = () => until('the index', () => f.store.read.indexBacklog() === 0)

  it('knows two hundred pairs', () => {
    expect(found.flatMap((g) => g.pairs)).to.have.length(200)
    expect(absent.length).to.be.at.least(20)
  })

  for (const { reason, pairs } of found)
    it(`${reason}: ${pairs.length} pairs, each in bodies and in subjects`, async () => {
      const missed: string[] = []
      const uids: number[] = []
      for (const [, text] of pairs) uids.push(await deliver(plain(text, text.replaceAll(/[\n\t]/g, ' '))))
      await indexed()
      for (const [i, [query, text]] of pairs.entries()) {
        const uid = uids[i]!
        for (const key of ['BODY', 'TEXT', 'SUBJECT', 'HEADER SUBJECT'])
          if (!(await imap(`${key} `, literal(query))).includes(uid)) missed.push(`${key}: ${query} → ${text}`)
        if (!(await allUids([query])).includes(uid)) missed.push(`webmail: ${query} → ${text}`)
      }
      expect(missed).to.deep.equal([])
    })

  it('what a query with marks does not say is not found', async () => {
    const wrong: string[] = []
    const uids: number[] = []
    for (const [, text] of absent) uids.push(await deliver(plain(text, text)))
    await indexed()
    for (const [i, [query, text]] of absent.entries()) {
      const uid = uids[i]!
      for (const key of ['BODY', 'SUBJECT'])
        if ((await imap(`${key} `, literal(query))).includes(uid)) wrong.push(`${key}: ${query} → ${text}`)
    }
    expect(wrong).to.deep.equal([])
  })

  it('as typed comes first, then the newest', async () => {
    const uids = []
    for (const text of ['zung hoả', 'zung hòa', 'zung hoà', 'zung hoa', 'zung hỏa'])
      uids.push(await deliver(plain(`việc ${text}`, 'thứ tự')))
    const [hoi, first, second, bare, last] = uids
    const order = async (q: string) => (await call([q], { folder: 'INBOX' })).hits.map((h) => h.uid)
    expect(await order('zung hòa')).to.deep.equal([second, first, last, bare, hoi])
    expect(await order('zung hoa')).to.deep.equal([bare, last, second, first, hoi])
  })

  it('subjects in windows-1258, TCVN3 and raw octets; HTML with entities; words cut by soft line breaks', async () => {
    const cases: [raw: Buffer, key: string, query: string][] = [
      [Buffer.from('Subject: =?windows-1258?Q?Gi=E2=EC_ph=E9p_x=E2y_d=FD=F2ng?=\r\n\r\n'), 'SUBJECT ', 'phép xây dựng'],
      [
        Buffer.from('Subject: =?TCVN-5712?Q?C=ABng_v=A8n_ho=B6_t=E8c_zq1?=\r\n\r\n'),
        'SUBJECT ',
        'Công văn hỏa tốc zq1',
      ],
      [
        Buffer.from('Subject: =?iso-8859-1?Q?C=ABng_v=A8n_ho=B6_t=E8c_zq2?=\r\n\r\n'),
        'SUBJECT ',
        'cong van hoa toc zq2',
      ],
      [Buffer.from('Subject: C\xabng v\xa8n ho\xb6 t\xe8c zq3\r\n\r\n', 'latin1'), 'SUBJECT ', 'ông văn hoả tố'],
      [
        Buffer.from(
          'Content-Type: text/html; charset=utf-8\r\n\r\n<p>Gi&#7845;y ph&eacute;p <b>x&acirc;</b>y d&#x1ef1;ng zq4</p>',
        ),
        'BODY ',
        'giấy phép xây dựng zq4',
      ],
      [
        Buffer.from(
          'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nQuy=\r\n=E1=BA=\r\n=BFt =C4=91=E1=BB=8Bnh zq5\r\n',
        ),
        'BODY ',
        'quyết định zq5',
      ],
      [
        Buffer.from('Content-Type: text/plain; charset=utf-8\r\n\r\nmột\r\n  hai\r\n\r\nba zq6\r\n'),
        'TEXT ',
        'mot hai ba zq6',
      ],
      [
        Buffer.from('From: =?utf-8?Q?Tr=E1=BA=A7n_=C4=90=E1=BB=A9c?= <duc@zq7.vn>\r\n\r\n'),
        'FROM ',
        'trần đức <duc@zq7',
      ],
    ]
    for (const [raw, key, query] of cases) {
      const uid = await deliver(raw)
      expect(await imap(key, literal(query)), query).to.include(uid)
    }
  })

  it('attachments: in BODY and TEXT, not in SUBJECT; the webmail is told which file', async () => {
    const word = readFileSync(new URL('tcvn3.doc', fixtures))
    const uid = await deliver(letterWith('co tep', [['Đơn xin.doc', 'application/msword', word]]))
    await until('the file to be read', () => f.store.read.filesBacklog() === 0)
    expect(files.pid()).to.be.a('number')
    expect(await imap('BODY ', literal('ựng nhà xưởng tại thử'))).to.deep.equal([uid])
    expect(await imap('TEXT ', literal('nha xuong tai thua'), ' SUBJECT "co tep"')).to.deep.equal([uid])
    expect(await imap('SUBJECT ', literal('nha xuong tai thua'))).to.deep.equal([])
    const sorted = await client.ok(
      Buffer.concat([Buffer.from('UID SORT (DATE) UTF-8 BODY '), literal('nhà xưởng tại thửa')]),
    )
    expect(sorted).to.match(new RegExp(`^\\* SORT ${uid}\r$`, 'm'))
    const { hits, filesWaiting } = await call(['nha', 'xuong', 'tai'], { phrases: ['nha xuong tai'] })
    expect(filesWaiting).to.equal(0)
    expect(hits).to.have.length(1)
    expect(hits[0]!.passages[0]).to.deep.include({ where: 'file', file: 'Đơn xin.doc' })
    expect(hits[0]!.passages[0]!.excerpt).to.deep.include({ found: 'nhà xưởng tại' })
    expect((await call([], { file: 'don xin' })).hits.map((h) => h.uid)).to.deep.equal([uid])
    expect((await call([], { file: '' })).total).to.equal(1)
    expect((await call(['don xin'])).hits[0]!.passages[0]).to.deep.equal({ where: 'file-name', file: 'Đơn xin.doc' })
  })

  it('all that one may see and nothing else: own folders, offices held; dates, people, one folder', async () => {
    await deliver(plain('chung zxv', 'của Hà'), ha)
    await deliver(plain('chung zxv', 'của cơ quan'), office)
    const own = await deliver(plain('chung zxv', 'của An'))
    const folders = async () => (await call(['zxv'])).hits.map((h) => h.folder).sort()
    expect(await folders()).to.deep.equal(['INBOX'])
    f.accounts.addGrant({ person: an, office, rights: ['read'], from: new Date(Date.now() - 1000).toISOString() })
    expect(await folders()).to.deep.equal(['Chung/motcua.stttt/INBOX', 'INBOX'])
    expect((await call(['zxv'], { folder: 'INBOX' })).hits.map((h) => h.uid)).to.deep.equal([own])
    expect((await call(['zxv'], { from: 'NGOÀI' })).total).to.equal(2)
    expect((await call(['zxv'], { subject: 'co quan' })).total).to.equal(1)
    expect((await call(['zxv'], { before: '2020-01-01T00:00:00Z' })).total).to.equal(0)
    expect((await call(['zxv'], { since: '2020-01-01T00:00:00Z' })).total).to.equal(2)
    expect((await call(['zxv'], { limit: 1, offset: 1 })).hits).to.have.length(1)
  })

  it('refuses a token that ended, a folder that is not there, and what is no date', async () => {
    const status = (p: Promise<unknown>) =>
      p.then(
        () => 200,
        (e: { status: number }) => e.status,
      )
    expect(await status(desk['mail.search']({ token: 'x', words: ['a'], offset: 0, limit: 1 }))).to.equal(401)
    expect(await status(call(['a'], { folder: 'Chung/khac/INBOX' }))).to.equal(404)
    expect(await status(call(['a'], { since: 'hôm qua' }))).to.equal(400)
    expect(await status(call(Array.from({ length: 21 }, () => 'a')))).to.equal(400)
  })

  it('TEXT does not look into signatures, HEADER does', async () => {
    const uid = await deliver('DKIM-Signature: v=1; b=AbCdZq9kQ\r\nSubject: chữ ký\r\n\r\nx\r\n')
    expect(await imap('TEXT ', literal('bcdzq9k'))).to.deep.equal([])
    expect(await imap('HEADER DKIM-Signature ', literal('bcdzq9k'))).to.deep.equal([uid])
  })
})
