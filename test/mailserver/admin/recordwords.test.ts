import { expect } from 'chai'
import { detailWords } from '#mailserver/admin/pages/recordwords.ts'

describe('the record in words', () => {
  const cases: [what: string, detail: string, words: string | undefined][] = [
    [
      'mail.find',
      '1200 messages found in all folders by FROM "Trần Hà"',
      '1.200 thư trong mọi thư mục, tìm bằng “FROM "Trần Hà"”',
    ],
    ['mail.find', '0 messages found in INBOX, Dự án/2026 by ALL', '0 thư trong “Hộp thư đến”, “Dự án / 2026”, mọi thư'],
    ['mail.read', 'Junk UID 7, 2345 octets', 'Thư số 7 trong “Thư rác”, 2 KB'],
    [
      'mail.expunge',
      '3 messages (700 octets) to be removed from Trash by SUBJECT x by y',
      '3 thư (700 byte) trong “Thùng rác”, tìm bằng “SUBJECT x by y”',
    ],
    ['mail.move', '1 messages to be moved from INBOX to Cũ by ALL', '1 thư từ “Hộp thư đến” sang “Cũ”, mọi thư'],
    [
      'mail.copy',
      '2 messages (10 octets) to be copied from INBOX to an@x.vn Sent by ALL',
      '2 thư (10 byte) từ “Hộp thư đến” sang “an@x.vn Sent”, mọi thư',
    ],
    ['mail.flag', '2 messages in Sent: add \\Seen by ALL', '2 thư trong “Đã gửi”: thêm dấu \\Seen, mọi thư'],
    [
      'mail.export',
      '22 messages of Ledger/2026 to be exported to mbox /srv/x',
      '22 thư của “Sổ cái / 2026” ra /srv/x (mbox)',
    ],
    ['mail.import', 'maildir /srv/x', 'Từ maildir /srv/x'],
    ['deleted.list', '4 deleted messages found by UID 1,2', '4 thư đã xóa, thư số 1, 2'],
    [
      'deleted.restore',
      '4 deleted messages (99 octets) to be restored to where they lay by ALL',
      '4 thư (99 byte) về thư mục cũ, mọi thư',
    ],
    [
      'deleted.restore',
      '4 deleted messages (99 octets) to be restored to Archive by ALL',
      '4 thư (99 byte) vào “Lưu trữ”, mọi thư',
    ],
    ['deleted.purge', '4 deleted messages to be purged by ALL', '4 thư, mọi thư'],
    [
      'expire',
      'Junk: 5 messages (600 octets) that came more than 30 days ago',
      '5 thư (600 byte) trong “Thư rác”, vào đó quá 30 ngày',
    ],
    ['expiry.set', 'days kept, of an@x.vn: junk 7, trash 0', 'an@x.vn: Thư rác 7 ngày, Thùng rác giữ mãi'],
    ['expiry.set', 'days kept, of all: junk as the wider scope', 'Mức chung: Thư rác theo mức chung'],
    ['expiry.set', 'days kept, of x.vn: nothing changed', 'x.vn: không đổi'],
    ['mailbox.create', 'Dự án', '“Dự án”'],
    ['mailbox.rename', 'Dự án to Cũ/Dự án', '“Dự án” thành “Cũ / Dự án”'],
    ['mailbox.remove', 'Dự án with 3 messages (10 octets)', '“Dự án” có 3 thư (10 byte)'],
    ['sessions.end', '3 sessions ended, by id abc', '3 phiên'],
    ['filter.put', 'script cong-so, active', '“cong-so”, đang dùng'],
    ['filter.activate', 'script cong-so', '“cong-so”'],
    ['filter.activate', 'none', 'Tắt mọi bộ lọc'],
    ['script kept', '{"script":"a"}', '“a”'],
    ['script kept', 'a, active', '“a”, đang dùng'],
    ['script renamed', '{"script":"a","to":"b"}', '“a” thành “b”'],
    ['script made active', '{"script":""}', 'Tắt mọi bộ lọc'],
    ['metadata.set', '/shared/comment set, /shared/admin removed', 'đặt /shared/comment, gỡ /shared/admin'],
    ['alias.remove', 'a@x.vn removed', 'Đã gỡ a@x.vn'],
    ['backup', '/srv/b: 2026-11-30', '/srv/b: 2026-11-30'],
    ['something new', 'that nobody has put into words', undefined],
  ]
  for (const [what, detail, words] of cases)
    it(`${what}: ${detail.slice(0, 60)}`, () => expect(detailWords(what, detail)).to.equal(words))
})
