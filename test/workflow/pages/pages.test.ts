import { createHash } from 'node:crypto'
import { expect } from 'chai'
import type { MailAccount } from '#kit/mail/imap.ts'
import { fileRef, lodging, people, portal, signed, TestLedger } from '../ledger.ts'
import { startPages } from './desk.ts'

const id = 'K7M2-Q9PX-4'
const pdf = Buffer.from('%PDF-1.7\nxin chào')
const sha = createHash('sha256').update(pdf).digest('hex')

/** A mailbox with one letter of the case in one folder, whose third part is `content`. */
function mailboxWith(content: Buffer, name: string): MailAccount {
  const folder = 'Chung/motcua.stttt/INBOX'
  return {
    folders: async () => [{ path: 'INBOX' }, { path: folder }],
    search: async (q: { folder: string }) => (q.folder === folder ? [7] : []),
    summaries: async (q: { uids: number[] }) =>
      q.uids.map((uid) => ({
        uid,
        structure: { number: '', children: [{ number: '3', filename: name, children: [] }] },
      })),
    part: async () => content,
  } as unknown as MailAccount
}

describe('desk pages', () => {
  let ledger: TestLedger
  beforeEach(async () => {
    ledger = await TestLedger.open()
    const file = { ...fileRef('tờ khai (1).pdf', pdf.toString()), sha256: sha }
    await ledger.act({ kind: 'dossier.lodge', case: id, saw: 0, signer: portal, data: lodging([file]), files: [file] })
  })
  afterEach(() => ledger[Symbol.dispose]())

  type Desk = Awaited<ReturnType<typeof startPages>>
  const get = (desk: Desk, person: string, path: string) =>
    fetch(desk.origin + path, {
      redirect: 'manual',
      headers: { cookie: `congso=${desk.cookieOf(person)}`, accept: 'text/html' },
    })
  const form = (nonce: string, fields: Record<string, string> = {}) => {
    const body = new FormData()
    for (const [k, v] of Object.entries({ nonce, saw: '1', ...fields })) body.set(k, v)
    return body
  }
  const post = (desk: Desk, person: string, path: string, body: FormData) =>
    fetch(desk.origin + path, {
      method: 'POST',
      redirect: 'manual',
      body,
      headers: { cookie: `congso=${desk.cookieOf(person)}`, accept: 'text/html' },
    })
  const nonce = '11111111-2222-3333-4444-555555555555'

  const seen: [who: string, path: string, status: number][] = [
    [people.clerk, `/ho-so/${id}`, 200],
    [people.leader, `/ho-so/${id}`, 200],
    [people.head, `/ho-so/${id}`, 404],
    [people.officer, `/ho-so/${id}`, 404],
    ['giang.bui@haiduong.gov.vn', `/ho-so/${id}/tep/${sha}`, 404],
    [people.officer, '/van-ban/den', 403],
    [people.officer, '/van-ban/den/in', 403],
    [people.clerk, '/ho-so/khong-co', 404],
    [people.clerk, `/ho-so/${'x'.repeat(3000)}`, 404],
    [people.clerk, '/ho-so?q=%00%27%22%3Cscript%3E&trang-thai=99&sau=zzz', 200],
    [people.clerk, '/van-ban/den?nam=99999&tu=32/13/2026&den=x&sau=-1&xem=constructor', 200],
  ]
  for (const [who, path, status] of seen)
    it(`${path.slice(0, 60)} for ${who.split('@')[0]}: ${status}`, async () => {
      await using desk = await startPages(ledger)
      expect((await get(desk, who, path)).status).to.equal(status)
    })

  it('are for people who signed in', async () => {
    await using desk = await startPages(ledger)
    const away = await fetch(`${desk.origin}/ho-so/${id}`, { redirect: 'manual', headers: { accept: 'text/html' } })
    expect(away.headers.get('location')).to.include('/dang-nhap?ve=')
  })

  it('list for officers the cases that they took part in, and no others', async () => {
    await ledger.story('AAAA-AAAA-A', 'issue')
    const bait = lodging([])
    bait.values = [{ name: 'a', label: 'Thư điện tử', value: people.officer }]
    await ledger.act({ kind: 'dossier.lodge', case: 'BBBB-BBBB-B', saw: 0, signer: portal, data: bait })
    await using desk = await startPages(ledger)
    const rows = async (who: string, path: string) =>
      [...(await (await get(desk, who, path)).text()).matchAll(/href="\/ho-so\/([^"]+)" data-open/g)].map((m) => m[1])
    expect(await rows(people.officer, '/ho-so')).to.deep.equal([])
    expect(await rows(people.officer, '/ho-so?xem=all')).to.deep.equal(['AAAA-AAAA-A'])
    expect(await rows('tam.mac@haiduong.gov.vn', '/ho-so?xem=all')).to.deep.equal([])
    expect(await rows(people.leader, '/ho-so?xem=all')).to.have.length(3)
    expect(await rows(people.officer, '/ho-so?xem=xong')).to.deep.equal(['AAAA-AAAA-A'])
    expect(await rows(people.leader, '/ho-so?xem=xong&q=thanh')).to.deep.equal(['AAAA-AAAA-A'])
    expect(await rows(people.head, '/ho-so?q=thanh+dong')).to.deep.equal(['AAAA-AAAA-A'])
  })

  it('escape what people wrote', async () => {
    const bad = lodging([])
    bad.applicant.name = '<script>alert(1)</script>'
    bad.values = [{ name: 'a', label: '"><img src=x onerror=alert(1)>', value: '</dd><script>x</script>' }]
    await ledger.act({ kind: 'dossier.lodge', case: 'EEEE-EEEE-E', saw: 0, signer: portal, data: bad })
    await using desk = await startPages(ledger)
    for (const path of ['/ho-so', '/ho-so/EEEE-EEEE-E', '/ho-so?q=<script>'])
      expect(await (await get(desk, people.clerk, path)).text(), path).to.not.match(/<script>|<img src=x/)
  })

  it('send a form once, however often it comes', async () => {
    await using desk = await startPages(ledger)
    const first = await post(desk, people.clerk, `/ho-so/${id}/dossier.receive`, form(nonce))
    expect(first.headers.get('location')).to.equal(`/ho-so/${id}?xong=2`)
    const again = await post(desk, people.clerk, `/ho-so/${id}/dossier.receive`, form(nonce))
    expect(again.headers.get('location')).to.equal(`/ho-so/${id}?xong=2`)
    expect(desk.sent).to.have.length(1)
    expect(desk.sent[0]!.raw).to.include(`Message-ID: <${nonce}@haiduong.gov.vn>`)
  })

  it('refuse an act that is another’s, over, or without its number', async () => {
    await using desk = await startPages(ledger)
    expect((await post(desk, people.leader, `/ho-so/${id}/dossier.receive`, form(nonce))).status).to.equal(409)
    expect((await post(desk, people.clerk, `/ho-so/${id}/dossier.issue`, form(nonce))).status).to.equal(409)
    expect((await post(desk, people.clerk, `/ho-so/${id}/__proto__`, form(nonce))).status).to.equal(409)
    expect((await post(desk, people.clerk, `/ho-so/${id}/dossier.receive`, form('x@evil.example> <'))).status).to.equal(
      400,
    )
    expect(desk.sent).to.have.length(0)
  })

  it('say what changed since the page was opened, and send nothing', async () => {
    await ledger.act({ kind: 'dossier.receive', case: id, signer: signed(people.clerk) })
    await using desk = await startPages(ledger)
    const fields = { to: 'phongbcxb.stttt@haiduong.gov.vn', due: '4/12/2026', saw: '1' }
    const answer = await post(desk, people.clerk, `/ho-so/${id}/dossier.forward`, form(nonce, fields))
    expect(answer.status).to.equal(422)
    expect(await answer.text())
      .to.include('đã thay đổi từ lúc mở trang: Tiếp nhận')
      .and.include('name="saw" value="2"')
    expect(desk.sent).to.have.length(0)
  })

  it('take a file only as what it is', async () => {
    await ledger.story('AAAA-AAAA-A', 'assign')
    await using desk = await startPages(ledger)
    const body = form(nonce, { opinion: 'Đủ.', saw: '5' })
    body.append('documents', new Blob(['<html>not a pdf'], { type: 'application/pdf' }), 'giả.pdf')
    const answer = await post(desk, people.officer, '/ho-so/AAAA-AAAA-A/dossier.propose', body)
    expect(answer.status).to.equal(422)
    expect(await answer.text()).to.include('chỉ nhận PDF')
    expect(desk.sent).to.have.length(0)
  })

  it('say that a command is kept when its event takes longer than the page waits', async function () {
    this.timeout(10_000)
    await using desk = await startPages(ledger, { decides: false })
    const answer = await post(desk, people.clerk, `/ho-so/${id}/dossier.receive`, form(nonce))
    const page = await get(desk, people.clerk, answer.headers.get('location')!)
    expect(await page.text()).to.include('Đã gửi và lưu.')
  })

  it('show a file inline by its octets, from a letter that the person may read', async () => {
    const use = <T>(_s: unknown, work: (a: MailAccount) => Promise<T>) => work(mailboxWith(pdf, 'tờ khai (1).pdf'))
    await using desk = await startPages(ledger, { mailboxes: { use, [Symbol.asyncDispose]: async () => {} } })
    const answer = await get(desk, people.clerk, `/ho-so/${id}/tep/${sha}`)
    expect(answer.headers.get('content-type')).to.equal('application/pdf')
    expect(answer.headers.get('content-security-policy')).to.include("default-src 'none'")
    expect(answer.headers.get('content-disposition')).to.match(/^inline; .*%281%29\.pdf$/)
    expect(Buffer.from(await answer.arrayBuffer()).equals(pdf)).to.equal(true)
    const saved = await get(desk, people.clerk, `/ho-so/${id}/tep/${sha}?tai`)
    expect(saved.headers.get('content-disposition')).to.match(/^attachment/)
  })

  it('list the letters of a case, with the mailbox that each lies in', async () => {
    const letter = {
      uid: 7,
      messageId: 'a@b',
      subject: 'Hồ sơ <mới>',
      received: new Date(ledger.now),
      from: [{ name: 'Sổ', address: 'so@x' }],
      headers: [{ name: 'congso-kind', value: 'dossier.lodge' }],
    }
    const account = {
      ...mailboxWith(pdf, 'x'),
      summaries: async (q: { uids: number[] }) => q.uids.map(() => letter),
    } as unknown as MailAccount
    const use = <T>(_s: unknown, work: (a: MailAccount) => Promise<T>) => work(account)
    await using desk = await startPages(ledger, { mailboxes: { use, [Symbol.asyncDispose]: async () => {} } })
    const text = await (await get(desk, people.clerk, `/ho-so/${id}/thu`)).text()
    expect(text).to.include('href="/thu/7?f=Chung%2Fmotcua.stttt%2FINBOX"').and.include('Hồ sơ &lt;mới&gt;')
    expect(text).to.include('Văn thư, Bộ phận Một cửa Sở Thông tin và Truyền thông')
    expect((await get(desk, people.officer, `/ho-so/${id}/thu`)).status).to.equal(404)
  })

  it('never show other octets under a file’s name', async () => {
    const use = <T>(_s: unknown, work: (a: MailAccount) => Promise<T>) =>
      work(mailboxWith(Buffer.from('%PDF-1.7 changed'), 'tờ khai (1).pdf'))
    await using desk = await startPages(ledger, { mailboxes: { use, [Symbol.asyncDispose]: async () => {} } })
    expect((await get(desk, people.clerk, `/ho-so/${id}/tep/${sha}`)).status).to.equal(404)
  })

  it('print the register as a book', async () => {
    await ledger.act({ kind: 'dossier.receive', case: id, signer: signed(people.clerk) })
    await using desk = await startPages(ledger)
    for (const path of ['/van-ban/den/in', '/van-ban/di/in', '/van-ban/den/in?tu=26/11/2026&den=26/11/2026']) {
      const answer = await get(desk, people.clerk, path)
      expect(answer.headers.get('content-type')).to.equal('application/pdf')
      expect(
        Buffer.from(await answer.arrayBuffer())
          .subarray(0, 5)
          .toString(),
      ).to.equal('%PDF-')
    }
  })

  const found: [query: string, n: number][] = [
    ['q=thanh+dong', 1],
    ['q=khong+co', 0],
    ['tu=26/11/2026&den=26/11/2026', 1],
    ['den=25/11/2026', 0],
    ['xem=unforwarded', 1],
    ['xem=late', 0],
  ]
  for (const [query, n] of found)
    it(`find ${n} lines of the register by ${query}`, async () => {
      await ledger.act({ kind: 'dossier.receive', case: id, signer: signed(people.clerk) })
      await using desk = await startPages(ledger)
      const text = await (await get(desk, people.clerk, `/van-ban/den?${query}`)).text()
      expect([...text.matchAll(/<tr [^>]*data-row/g)]).to.have.length(n)
    })
})
