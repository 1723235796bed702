import type { Event } from '#kit/act/act.ts'
import type { Envelope } from '#kit/message/write.ts'
import { writeCommand } from '#kit/message/write.ts'

export const register = 'so.stttt@haiduong.gov.vn'
export const at = '2026-11-23T02:00:00Z'

export const envelope: Envelope = {
  from: { name: 'Phòng BC-XB', address: 'phongbcxb.stttt@haiduong.gov.vn' },
  sender: { name: 'Trần Thị Hà', address: 'ha.tran@haiduong.gov.vn' },
  to: [{ name: 'Sở Thông tin và Truyền thông', address: register }],
  subject: '[000.00.15.H23-261122-0007] Chuyển xử lý: Cấp giấy phép xuất bản bản tin',
  messageId: 'c-0001@haiduong.gov.vn',
  inReplyTo: 'e-0007@haiduong.gov.vn',
  references: ['e-0001@haiduong.gov.vn', 'e-0007@haiduong.gov.vn'],
  date: new Date('2026-11-23T01:00:00Z'),
}
export const bodies = { text: 'Chuyển Phòng BC-XB xử lý.\n', html: '<p>Chuyển Phòng BC-XB xử lý.</p>' }
export const command = {
  kind: 'dossier.forward',
  v: 1,
  case: 'K7M2-Q9PX-4',
  saw: 7,
  data: { to: 'phongbcxb.stttt@haiduong.gov.vn', note: 'Đề nghị xử lý trước 25/11' },
}
export const pdf = { name: 'Đơn đề nghị.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.4\n%âãÏÓ\n') }

export const sample = (files = [pdf], change: Partial<Envelope> = {}) =>
  writeCommand({ ...envelope, ...change }, bodies, command, files)

export const event: Event = {
  ledger: register,
  seq: 8,
  prev: 'a'.repeat(64),
  at,
  command: 'c-0001@haiduong.gov.vn',
  kind: 'dossier.forward',
  v: 1,
  case: 'K7M2-Q9PX-4',
  actor: {
    person: 'ha.tran@haiduong.gov.vn',
    office: 'phongbcxb.stttt@haiduong.gov.vn',
    grant: 'g1',
    name: 'Trần Thị Hà',
    officeName: 'Phòng BC-XB',
  },
  receivedAt: at,
  data: { due: '2026-11-25' },
  files: [],
}

/** Replaces the first occurrence; fails when there is none, so that an attack of a test is really carried out. */
export function altered(raw: Buffer, from: string | RegExp, to: string): Buffer {
  const text = raw.toString('latin1')
  const changed = text.replace(from, () => to)
  if (changed === text) throw new Error(`nothing to replace: ${from}`)
  return Buffer.from(changed, 'latin1')
}
