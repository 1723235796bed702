/** What the owner of a script that fails is told, once a day: the letter is in INBOX, and here is the line. */

import { createHash } from 'node:crypto'
import { mailDate } from '#kit/mail/date.ts'
import { encodedText } from '../run/field.ts'
import type { Written } from './reply.ts'

export function faultNotice(given: {
  hostname: string
  domain: string
  owner: string
  script: string
  fault: { line: number; vi: string; en: string }
  at: number
}): Written {
  const { fault, owner, domain, at } = given
  const where = fault.line > 0 ? `dòng ${fault.line}: ` : ''
  const text = [
    `Bộ lọc thư "${given.script}" của quý vị gặp lỗi khi xử lý một thư vừa đến:`,
    '',
    `    ${where}${fault.vi}`,
    '',
    'Thư đó, và các thư khác gặp cùng lỗi, được giữ trong Hộp thư đến; không thư nào bị mất.',
    'Vui lòng sửa bộ lọc ở trang "Bộ lọc thư". Thông báo này được gửi nhiều nhất một lần mỗi ngày.',
    '',
    '-- English --',
    `Your mail filter "${given.script}" failed on a message${fault.line > 0 ? ` in line ${fault.line}` : ''}: ${fault.en}`,
    'The message was kept in INBOX. This notice is sent at most once a day.',
  ].join('\r\n')
  const id = createHash('sha256')
    .update(JSON.stringify([owner, given.script, fault, at]))
    .digest('hex')
    .slice(0, 32)
  const head = [
    `From: ${encodedText('Hệ thống thư')} <postmaster@${domain}>`,
    `To: <${owner}>`,
    `Subject: ${encodedText('Bộ lọc thư gặp lỗi / Mail filter failed')}`,
    `Date: ${mailDate(at)}`,
    `Message-ID: <${id}@${given.hostname}>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...(Buffer.from(text)
      .toString('base64')
      .match(/.{1,76}/g) ?? []),
    '',
  ]
  return { raw: Buffer.from(head.join('\r\n')) }
}
