import { expect } from 'chai'
import { loadProvince, provinceFolder } from '#config/load.ts'
import type { FormField } from '#config/province.ts'
import { checkField, checkStep, tidy, typedOf } from '#portal/form/answers.ts'

const today = '2026-11-24'
const { procedures } = loadProvince(provinceFolder('haiduong'))
const form = procedures.find((p) => p.code === '1.009374')!.versions[0]!.form
const field = (name: string): FormField => form.flatMap((s) => s.fields).find((f) => f.name === name)!

describe('portal/form/answers', () => {
  // field of the real form, typed, and the value for people, or what the mistake says
  const cases: [name: string, typed: string, want: string | RegExp][] = [
    ['tenCoQuan', '  Hội   Nhà báo  ', 'Hội   Nhà báo'],
    ['tenCoQuan', '', /^Chưa ghi tên cơ quan, tổ chức\.$/],
    ['tenCoQuan', ' \u00a0\t ', /^Chưa ghi/],
    ['tenCoQuan', 'Hội\r\nBcc: x@y.vn', 'Hội Bcc: x@y.vn'],
    ['tenCoQuan', 'a\u0000b\u202egpj.exe', 'abgpj.exe'],
    ['tenCoQuan', 'Sở Y tế'.normalize('NFD'), 'Sở Y tế'],
    ['tenCoQuan', 'x'.repeat(251), /nhiều nhất 250 chữ cái\. Ông\/Bà đang ghi 251\./],
    ['tenCoQuan', '<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['mucDich', 'một\r\nhai\rba', 'một\nhai\nba'],
    ['mucDich', 'x'.repeat(1001), /nhiều nhất 1\.000/],
    ['dienThoai', '0912 345 678', '0912345678'],
    ['dienThoai', '+84 912.345.678', '0912345678'],
    ['dienThoai', '0220-3897686', '02203897686'],
    ['dienThoai', '0220-389768', /11 chữ số bắt đầu bằng 02/],
    ['dienThoai', '912345678', /10 chữ số.*đang ghi 912345678/],
    ['dienThoai', '0012345678', /10 chữ số/],
    ['dienThoai', '０９１２３４５６７８', /10 chữ số/],
    ['thuDienTu', 'hop.thu@thanhbinh.example', 'hop.thu@thanhbinh.example'],
    ['thuDienTu', 'a@b', /dạng ten@noicap\.vn/],
    ['thuDienTu', 'a@b.vn, c@d.vn', /dạng/],
    ['thuDienTu', 'a b@c.vn', /dạng/],
    ['thuDienTu', 'đông@haiduong.vn', /dạng/],
    ['thuDienTu', `a@${'b'.repeat(250)}.vn`, /dạng/],
    ['thuDienTu', `${'a'.repeat(65)}@b.vn`, /dạng/],
    ['thuDienTu', 'a@b.vn\r\nBcc: c@d.vn', /dạng/],
    ['thuDienTu', '"a b"@c.vn', /dạng/],
    ['thuDienTu', '<a@b.vn>', /dạng/],
    ['maSoThue', '0801234567', '0801234567'],
    ['maSoThue', '0801234567-001', '0801234567-001'],
    ['maSoThue', '0801234567001', '0801234567-001'],
    ['maSoThue', '080123456', /10 chữ số/],
    ['maSoThue', '08012345678', /10 chữ số/],
    ['maSoThue', "0801234567' OR 1=1", /10 chữ số/],
    ['cccd', '030 179 004 417', '030179004417'],
    ['cccd', '03017900441', /12 chữ số/],
    ['cccd', '0301790044170', /12 chữ số/],
    ['cccd', '130179004417', /bắt đầu bằng 0/],
    ['soTrang', '64', '64 trang'],
    ['soTrang', '64 trang', '64 trang'],
    ['soTrang', '72', /^Số trang mỗi số phải từ 1 đến 64 trang\. Ông\/Bà đang ghi 72\.$/],
    ['soTrang', '0', /từ 1 đến 64/],
    ['soTrang', '-1', /từ 1 đến 64/],
    ['soTrang', '12,5', /số nguyên/],
    ['soTrang', '1e1', /chữ số/],
    ['soTrang', 'NaN', /chữ số/],
    ['soTrang', '99999999999999999999', /chữ số/],
    ['rong', '19', '19 cm'],
    ['rong', '14,8', '14,8 cm'],
    ['rong', '14.8 cm', '14,8 cm'],
    ['rong', '19,1', /từ 5 đến 19 cm/],
    ['rong', '14,85', /nhiều nhất 1 chữ số sau dấu phẩy/],
    ['cao', '27', '27 cm'],
    ['cao', '27,1', /từ 5 đến 27 cm/],
    ['soLuong', '1.500', '1.500 bản'],
    ['ngayQuyetDinh', '4/6/2019', '04/06/2019'],
    ['ngayQuyetDinh', '2019-06-04', '04/06/2019'],
    ['ngayQuyetDinh', '24/11/2026', '24/11/2026'],
    ['ngayQuyetDinh', '25/11/2026', /không thể sau hôm nay/],
    ['ngayQuyetDinh', '31/6/2019', /ngày\/tháng\/năm/],
    ['ngaySinh', '1/1/1900', /không sớm hơn 01\/01\/1926/],
    ['kyHan', 'thang', 'Mỗi tháng một số'],
    ['kyHan', '', /^Chưa chọn kỳ hạn xuất bản\.$/],
    ['kyHan', '__proto__', /trong danh sách/],
    ['camKet', 'yes', 'Đồng ý'],
    ['camKet', '', /Đánh dấu/],
    ['camKet', 'on', /Đánh dấu/],
  ]
  for (const [name, typed, want] of cases)
    it(`${name}: ${JSON.stringify(typed.slice(0, 30))}`, () => {
      const answer = checkField(field(name), typed, today)
      if (typeof want === 'string') expect(answer).to.deep.equal({ value: want })
      else expect('error' in answer ? answer.error : `value ${answer.value}`).to.match(want)
    })

  it('shows what was typed only as far as a line holds it', () => {
    const answer = checkField(field('soTrang'), '9'.repeat(5000), today)
    expect('error' in answer && answer.error.length).to.be.lessThan(200)
  })
  it('asks for a dependent field only when its choice is made, and leaves its value out otherwise', () => {
    const step = form.find((s) => s.id === 'nguoi-chiu-trach-nhiem')!
    const right = {
      hoTen: 'Lê Văn A',
      ngaySinh: '1/1/1980',
      quocTich: 'Việt Nam',
      cccd: '030179004417',
      chucDanh: 'X',
      diaChiNguoi: 'Y',
      dienThoaiNguoi: '0912345678',
    }
    expect(checkStep(step, { ...right, trinhDo: 'khac', trinhDoKhac: '' }, today).errors).to.have.keys('trinhDoKhac')
    const other = checkStep(step, { ...right, trinhDo: 'dai-hoc', trinhDoKhac: 'thạc sĩ' }, today)
    expect(other.errors).to.deep.equal({})
    expect(other.values.has('trinhDoKhac')).to.equal(false)
  })
  it('takes only the step’s fields from a post, as text, bounded', () => {
    const step = form[0]!
    const body = Object.assign(Object.create(null), {
      tenCoQuan: ['a', 'b'],
      diaChi: { x: 1 },
      isAdmin: 'yes',
      dienThoai: 'x'.repeat(1e6),
    })
    const typed = typedOf(step, body)
    expect(typed['tenCoQuan']).to.equal('b')
    expect(typed['diaChi']).to.equal('')
    expect(typed).to.not.have.property('isAdmin')
    expect(typed['dienThoai']!.length).to.equal(20_000)
    expect(typedOf(step, undefined)['tenCoQuan']).to.equal('')
  })
  it('makes text fit for mail and paper', () => expect(tidy('a\u2028b\u200b\u0007c')).to.equal('a\u2028bc'))
})
