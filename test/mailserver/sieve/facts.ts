import { readFields } from '#mailserver/mime/fields.ts'
import type { Facts } from '#mailserver/sieve/run/facts.ts'

/** What a script of Trần Hà's knows of a letter. */
export function factsOf(raw: Buffer, more: Partial<Facts> = {}): Facts {
  const end = raw.indexOf('\r\n\r\n')
  return {
    from: 'an@partner.example',
    to: 'ha.tran@haiduong.gov.vn',
    fields: readFields(raw, 0, end < 0 ? raw.length : end + 2),
    raw,
    size: raw.length,
    now: Date.UTC(2026, 10, 25, 3),
    zone: 420,
    owner: { address: 'ha.tran@haiduong.gov.vn', name: 'Trần Hà', aliases: [] },
    mailboxes: [{ path: 'INBOX' }, { path: 'Work' }, { path: 'Junk', specialUse: '\\Junk' }],
    hostname: 'mail.haiduong.gov.vn',
    domain: 'haiduong.gov.vn',
    seen: [],
    ...more,
  }
}
