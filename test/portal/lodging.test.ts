import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { readMessage } from '#kit/message/read.ts'
import { oneLine, pagesOf } from '#test/kit/pdf/support/extract.ts'
import { until } from '#test/until.ts'
import { mistakes, PlainBrowser, reference, secret } from './support/browser.ts'
import { rightAnswers, testPortal } from './support/portal.ts'

const lodgings = (portal: { taken: { to: string[]; raw: Buffer }[] }) =>
  portal.taken.filter((t) => t.to.includes('so.stttt@haiduong.gov.vn'))

describe('portal: a citizen lodges', () => {
  it('from the catalogue to the done page, with one command and one acknowledgement', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    expect((await browser.open('/?q=ban tin')).text).to.include('Cấp giấy phép xuất bản bản tin')
    const draft = await browser.begin()
    const review = await browser.fill(draft)
    expect(review.url).to.equal(`${draft}/xem-lai`)
    expect(review.text).to.include('Nguyễn Hoàng Thị Bích Ngọc')
    const done = await browser.lodge(draft)
    expect(done.url).to.equal(`${draft}/xong`)
    expect(done.text).to.include('Đã nộp hồ sơ').and.include('<svg')

    const [lodging] = lodgings(portal)
    const read = readMessage(lodging!.raw)!
    if (read.is !== 'command') throw new Error(read.is)
    expect(read.head.from.address).to.equal('portal@haiduong.gov.vn')
    expect(read.command.kind).to.equal('dossier.lodge')
    expect(read.command.case).to.equal(reference(done))
    const data = read.command.data as {
      secretHash: string
      applicant: object
      values: { name: string; value: string }[]
      documents: { id: string; files: string[] }[]
    }
    expect(data.secretHash).to.equal(createHash('sha256').update(secret(done).replaceAll('-', '')).digest('hex'))
    expect(lodging!.raw.toString('utf8')).to.not.include(secret(done))
    expect(data.applicant).to.deep.equal({
      kind: 'organisation',
      name: 'Hiệp hội Doanh nghiệp nhỏ và vừa Thanh Bình',
      idNumber: '0801234567',
      email: 'hop.thu@thanhbinh.example',
      phone: '0912345678',
      address: 'Số 12 phố Bắc Sơn, phường Quang Trung, thành phố Hải Dương',
    })
    expect(data.values.find((v) => v.name === 'ngayQuyetDinh')?.value).to.equal('04/06/2019')
    expect(data.documents.map((d) => d.id)).to.deep.equal(['toKhai', 'quyetDinh', 'soYeuLyLich', 'mauTrinhBay'])
    expect(read.files.map((f) => f.ref.name)).to.include('so-yeu-ly-lich.docx')

    const ack = await until('the acknowledgement', () =>
      portal.taken.find((t) => t.to.includes('hop.thu@thanhbinh.example')),
    )
    const words = ack.raw.toString('utf8')
    expect(words).to.include(reference(done))
    expect(words).to.include(secret(done))
    expect(
      readdirSync(`${portal.data}/portal/uploads`).flatMap((f) => readdirSync(`${portal.data}/portal/uploads/${f}`)),
    ).to.deep.equal([])
  })

  it('pressed twice at once, and again later, is one lodging', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const draft = await browser.begin()
    await browser.fill(draft)
    const pages = await Promise.all([browser.lodge(draft), browser.lodge(draft), browser.lodge(draft)])
    pages.push(await browser.lodge(draft), await browser.open(draft))
    expect(new Set(pages.map(reference)).size).to.equal(1)
    expect(lodgings(portal)).to.have.length(1)
    await until('the acknowledgement', () => portal.taken.length > 1)
    expect(portal.taken).to.have.length(2)
  })

  it('says nothing before the 250; a lost answer is sent again with the same octets', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const draft = await browser.begin()
    await browser.fill(draft)
    portal.beforeAnswer = () => {
      portal.beforeAnswer = undefined
      throw new Error('lost')
    }
    const waiting = await browser.lodge(draft)
    expect(waiting.text).to.include('Đang gửi hồ sơ').and.not.include('data-reference')
    const done = await until('the lodging', async () => {
      const page = await browser.open(`${draft}/xong`)
      return page.text.includes('data-reference') ? page : undefined
    })
    const sent = lodgings(portal)
    expect(sent).to.have.length(2)
    expect(sent[0]!.raw.equals(sent[1]!.raw)).to.equal(true)
    expect(readMessage(sent[0]!.raw)!.head.case).to.equal(reference(done))
  })

  it('goes on after the portal was stopped half-way, as the same lodging', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const draft = await browser.begin()
    await browser.fill(draft)
    portal.answer = { code: 451, text: 'busy' }
    expect((await browser.lodge(draft)).text).to.include('Đang gửi hồ sơ')
    await portal.restart()
    expect((await browser.open(draft)).text).to.include('Đang gửi hồ sơ')
    portal.answer = undefined
    const done = await until('the lodging', async () => {
      const page = await browser.open(draft)
      return page.text.includes('data-reference') ? page : undefined
    })
    await until('the acknowledgement', () => portal.taken.length > 1)
    await portal.restart()
    expect(reference(await browser.open(draft))).to.equal(reference(done))
    expect(portal.taken).to.have.length(2)
  })

  it('is open for changes again, and says why, when the mail server refuses for good', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const draft = await browser.begin()
    await browser.fill(draft)
    portal.answer = { code: 552, text: 'too large' }
    const page = await browser.lodge(draft)
    expect(page.text).to.include('Chưa nộp được hồ sơ').and.include('vẫn được giữ')
    portal.answer = undefined
    expect((await browser.lodge(draft)).text).to.include('data-reference')
    expect(lodgings(portal)).to.have.length(1)
  })

  it('shows every mistake next to its field, keeps what was typed, and lists them before lodging', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const draft = await browser.begin()
    const wrong = await browser.post(`${draft}/ban-tin`, {
      ...rightAnswers['ban-tin'],
      soTrang: '72',
      rong: '21',
      tenBanTin: '"><script>alert(1)</script>',
    })
    expect(wrong.status).to.equal(422)
    expect(mistakes(wrong)).to.deep.equal({
      rong: 'Khuôn khổ: chiều rộng phải từ 5 đến 19 cm. Ông/Bà đang ghi 21.',
      soTrang: 'Số trang mỗi số phải từ 1 đến 64 trang. Ông/Bà đang ghi 72.',
    })
    expect(wrong.text).to.include('value="72"').and.include('href="#f-soTrang"').and.not.include('<script>alert')
    const review = await browser.lodge(draft)
    expect(review.url).to.equal(`${draft}/xem-lai?thieu=1`)
    expect(review.text).to.include('mục cần sửa trước khi nộp').and.include('Chưa ghi tên cơ quan, tổ chức.')
    expect(portal.taken).to.deep.equal([])
  })

  it('keeps an unfinished step by itself, and opens the draft where it was left', async () => {
    await using portal = await testPortal()
    const draft = await new PlainBrowser(portal).begin()
    const browser = new PlainBrowser(portal) // another computer, with the link only
    await browser.post(`${draft}/co-quan`, rightAnswers['co-quan']!)
    const saved = await browser.post(`${draft}/nguoi-chiu-trach-nhiem/tu-luu`, { hoTen: 'Nguyễn Văn' })
    expect(JSON.parse(saved.text)).to.have.keys('at')
    const resumed = await browser.open(draft)
    expect(resumed.url).to.equal(`${draft}/nguoi-chiu-trach-nhiem`)
    expect(resumed.text).to.include('value="Nguyễn Văn"')
    const later = await browser.post(`${draft}/nguoi-chiu-trach-nhiem`, {
      ...rightAnswers['nguoi-chiu-trach-nhiem'],
      di: 'de-sau',
    })
    expect(later.text).to.include(`http://dichvucong.test${draft}`)
    for (const path of ['/soan/AAAAAAAAAAAAAAAAAAAAAAAAAA', '/soan/x', '/soan/%00', "/soan/' or 1=1"])
      expect((await browser.open(path)).status, path).to.equal(404)
  })

  it('is closed for changes once lodged', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const draft = await browser.begin()
    await browser.fill(draft)
    await browser.lodge(draft)
    expect((await browser.post(`${draft}/co-quan/tu-luu`, { tenCoQuan: 'Khác' })).status).to.equal(409)
    expect((await browser.post(`${draft}/co-quan`, rightAnswers['co-quan']!)).status).to.equal(409)
    expect((await browser.open(`${draft}/co-quan`)).url).to.equal(`${draft}/xong`)
  })

  it('prints the declaration from the answers, to be signed', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const draft = await browser.begin()
    expect((await browser.open(`${draft}/to-khai.pdf`)).url).to.equal(`${draft}/co-quan`)
    for (const [step, answers] of Object.entries(rightAnswers)) await browser.post(`${draft}/${step}`, answers)
    expect((await browser.open(`${draft}/giay-to`)).text).to.include(`${draft}/to-khai.pdf`)
    const pdf = await fetch(`${portal.url}${draft}/to-khai.pdf`)
    const text = oneLine(pagesOf(Buffer.from(await pdf.arrayBuffer())).join(' '))
    for (const words of [
      'TỜ KHAI',
      'cấp giấy phép xuất bản bản tin',
      'Nguyễn Hoàng Thị Bích Ngọc',
      '1.500 bản',
      'cam kết',
    ])
      expect(text).to.include(words)
  })

  it('never lodges what the law does not let be lodged', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const page = await browser.open('/thu-tuc/HD.TOCAO')
    expect(page.text)
      .to.include('không gửi qua mạng')
      .and.not.match(/<button[^>]*>\s*Nộp/)
    expect((await browser.post('/thu-tuc/HD.TOCAO/soan', {})).status).to.equal(409)
    const draft = await browser.begin('HD.KHIEUNAI')
    expect((await browser.post(`${draft}/nop`, {})).status).to.equal(409)
    await browser.post(`${draft}/nguoi-khieu-nai`, {
      hoTen: 'Lê Thị Ánh',
      diaChi: 'Hải Dương',
      cccd: '030179004417',
      ngayCap: '1/2/2021',
      noiCap: 'Cục Cảnh sát',
      dienThoai: '0912345678',
      thuDienTu: '',
    })
    await browser.post(`${draft}/noi-dung`, {
      nguoiBiKhieuNai: 'Ông X',
      diaChiBiKhieuNai: 'Hải Dương',
      veViec: 'Việc A',
      noiDung: 'Một\nHai',
      yeuCau: 'Xem lại',
      taiLieuKem: '',
    })
    const pdf = await browser.open(`${draft}/don.pdf`)
    expect(pdf.headers.get('content-type')).to.equal('application/pdf')
    expect(pdf.text.startsWith('%PDF-')).to.equal(true)
    expect(portal.taken).to.deep.equal([])
  })

  it('refuses a form that another site sends', async () => {
    await using portal = await testPortal()
    const browser = new PlainBrowser(portal)
    const page = await browser.post('/thu-tuc/1.009374/soan', {}, { 'sec-fetch-site': 'cross-site' })
    expect(page.status).to.equal(403)
  })
})
