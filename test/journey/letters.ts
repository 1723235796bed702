/** Letters of a clerk's week, for pages that must hold what people really write. */
import { readFileSync } from 'node:fs'
import { compose, type Mail } from '#kit/mail/compose.ts'
import { draftLicence, people } from './staff.ts'

export type Kept = { name: string; raw: Buffer; flags: string[]; into?: string }
type Written = Partial<Mail> & Pick<Mail, 'subject' | 'text'> & { name: string; flags?: string[]; into?: string }

const longName = 'Ban Quản lý dự án đầu tư xây dựng các công trình giao thông và nông nghiệp tỉnh Hải Dương'
const longWord = `https://vi-du.example/van-ban/${'duong-dan-rat-dai-'.repeat(12)}`
const html = `<table width="900" style="background:#eef"><tr><td><h1 style="color:#b0271a">Bản tin tuần</h1>
<p style="font-family:serif">Kính gửi quý cơ quan, xin gửi bản tin tuần 48.</p><img src="https://vi-du.example/anh.png" width="600" height="80" alt=""></td></tr></table>`

const clerk: Written[] = [
  {
    name: 'long',
    from: { name: longName, address: 'ban.quan.ly.du.an.dau.tu.xay.dung.giao.thong.nong.nghiep@vi-du.example' },
    to: [{ address: people.clerk }, { address: people.officer }, { address: people.leader }],
    cc: [{ name: 'Ủy ban nhân dân thành phố Hải Dương, bộ phận Văn phòng', address: 'vanphong@vi-du.example' }],
    subject: `V/v cấp giấy phép xuất bản bản tin và ${'báo cáo kết quả thẩm định hồ sơ '.repeat(8)}năm 2026`,
    text: `Kính gửi Sở.\n\n${'Căn cứ Nghị định của Chính phủ về cấp giấy phép, Ban đề nghị Sở xem xét. '.repeat(12)}\n\n${longWord}\n\nTrân trọng.\n\nVào 23/11/2026, Sở đã viết:\n> Đề nghị bổ sung.\n> Trước ngày 30.`,
  },
  {
    name: 'html',
    subject: 'Bản tin tuần 48',
    text: 'Bản tin tuần 48.',
    html,
    from: { name: 'Báo Hải Dương', address: 'toasoan@vi-du.example' },
  },
  {
    name: 'files',
    subject: 'Hồ sơ cấp giấy phép kèm theo',
    text: 'Gửi kèm các tệp.',
    flags: ['\\Seen', '\\Flagged', '\\Answered'],
    files: [
      {
        name: `${'Tờ khai đề nghị cấp giấy phép xuất bản bản tin '.repeat(4)}.pdf`,
        type: 'application/pdf',
        content: readFileSync(draftLicence),
      },
      { name: 'Danh sách ban biên tập.xlsx', type: 'application/octet-stream', content: Buffer.alloc(2_400_000, 7) },
      { name: 'anh.png', type: 'image/png', content: Buffer.alloc(900, 1) },
    ],
  },
  { name: 'none', subject: '', text: '', flags: ['\\Seen'] },
  { name: 'junk', subject: 'Trúng thưởng', text: 'Bấm vào đây.', into: 'Junk' },
  { name: 'draft', subject: 'Dự thảo công văn', text: 'Kính gửi', flags: ['\\Draft', '\\Seen'], into: 'Drafts' },
  ...Array.from({ length: 56 }, (_, i) => ({
    name: `n${i}`,
    subject: `Báo cáo ngày ${(i % 28) + 1} tháng ${(i % 12) + 1}`,
    text: 'Báo cáo.',
    flags: i % 3 ? ['\\Seen'] : [],
    into: 'Archive',
    date: new Date(Date.UTC(2026, 9, 1 + (i % 28))),
  })),
]

const head: Written[] = [{ name: 'week', subject: 'Lịch công tác tuần 48', text: 'Thứ Hai: họp giao ban.' }]

/** As octets to be appended. */
export async function letters(of: 'clerk' | 'head'): Promise<Kept[]> {
  const list = of === 'clerk' ? clerk : head
  return Promise.all(
    list.map(async ({ name, flags = [], into, ...mail }) => ({
      name,
      flags,
      ...(into ? { into } : {}),
      raw: await compose({
        from: { name: 'Lê Minh', address: people.leader },
        to: [{ address: people.clerk }],
        messageId: `${of}-${name}@vi-du.example`,
        date: new Date(),
        ...mail,
      }),
    })),
  )
}
