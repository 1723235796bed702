import type { Province } from '#config/province.ts'
import { compose } from '#kit/mail/compose.ts'
import { moment } from '#kit/vi/dates.ts'
import { deadlineWords, type Listed } from '../catalogue/procedures.ts'
import type { Draft } from '../store/drafts.ts'
import { markup } from './markup.ts'

/** Its Message-ID is fixed by the draft, so that however often it is sent it is one mail. */
export const acknowledgementId = (draft: Pick<Draft, 'id'>, domain: string): string =>
  `bao-nhan-${draft.id.toLowerCase()}@${domain}`

/** Tells the citizen that the application is lodged, with what is needed to look it up. Ordinary mail, not a command. */
export async function acknowledgement(
  province: Province,
  { procedure, version }: Listed,
  draft: Draft,
  given: { name: string; email: string; origin: string },
): Promise<{ messageId: string; recipient: string; raw: Buffer }> {
  const [reference, secret, lodgedAt] = [draft.reference!, draft.secret!, draft.lodgedAt!]
  const messageId = acknowledgementId(draft, province.domain)
  const agency = province.agencies.find((a) => a.id === procedure.agency)!
  const lookup = `${given.origin}/tra-cuu?ma=${reference}`
  const facts: [string, string][] = [
    ['Thủ tục', procedure.name],
    ['Người nộp', given.name],
    ['Nộp lúc', moment(lodgedAt)],
    ['Nơi nhận', agency.name],
    ['Thời hạn giải quyết', `${deadlineWords(version.deadline)} kể từ khi tiếp nhận hồ sơ đủ`],
    ['Số nộp hồ sơ', reference],
    ['Mã tra cứu', secret],
  ]
  const opening = 'Hồ sơ của Ông/Bà đã nộp. Bộ phận Một cửa sẽ kiểm tra và gửi Giấy tiếp nhận hồ sơ và hẹn trả kết quả.'
  const advice =
    'Xem hồ sơ đang ở bước nào: mở trang tra cứu, ghi số nộp hồ sơ và mã tra cứu. Giữ kín mã tra cứu, ai có mã này đều xem được hồ sơ.'
  const raw = await compose({
    from: { address: province.portal, name: `Cổng dịch vụ công ${province.name}` },
    to: [{ address: given.email, name: given.name }],
    subject: `[${reference}] Đã nộp hồ sơ: ${procedure.name}`,
    messageId,
    date: new Date(lodgedAt),
    headers: [{ name: 'Auto-Submitted', value: 'auto-generated' }],
    text: [opening, '', ...facts.map(([label, value]) => `${label}: ${value}`), '', advice, lookup, ''].join('\n'),
    html: `<p>${opening}</p><table cellpadding="4">${facts
      .map(([label, value]) => `<tr><td>${label}</td><td><strong>${markup(value)}</strong></td></tr>`)
      .join('')}</table><p>${advice}</p><p><a href="${markup(lookup)}">Tra cứu hồ sơ</a></p>`,
  })
  return { messageId, recipient: given.email, raw }
}
