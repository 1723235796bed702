/** Messages for tests of the store: real MIME, small, and different for each number. */
export const text = (subject: string, body: string, more = ''): Buffer =>
  Buffer.from(
    `From: An <an.nguyen@haiduong.gov.vn>\r\nTo: ha.tran@haiduong.gov.vn\r\nSubject: ${word(subject)}\r\n` +
      `Date: Mon, 23 Nov 2026 08:00:00 +0700\r\nMessage-ID: <${subject.length}-${body.length}-${Buffer.from(subject).toString('hex').slice(0, 40)}@haiduong.gov.vn>\r\n${more}` +
      `MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${body}\r\n`,
  )

/** The file's base64 is a part of its own; `size` is that of the file. */
export function withFile(subject: string, size: number, seed = 7): Buffer {
  const file = Buffer.alloc(size)
  for (let i = 0; i < size; i++) file[i] = (i * seed + (i >> 8)) & 255
  const encoded = file.toString('base64').replaceAll(/.{76}/g, '$&\r\n')
  return Buffer.from(
    `From: an.nguyen@haiduong.gov.vn\r\nSubject: ${word(subject)}\r\nMIME-Version: 1.0\r\n` +
      `Content-Type: multipart/mixed; boundary="=_${subject.length}"\r\n\r\n--=_${subject.length}\r\n` +
      `Content-Type: text/plain; charset=utf-8\r\n\r\nKính gửi, xem tệp kèm theo.\r\n--=_${subject.length}\r\n` +
      `Content-Type: application/pdf; name="scan.pdf"\r\nContent-Disposition: attachment; filename="scan.pdf"\r\n` +
      `Content-Transfer-Encoding: base64\r\n\r\n${encoded}\r\n--=_${subject.length}--\r\n`,
  )
}

const word = (s: string): string => `=?utf-8?B?${Buffer.from(s).toString('base64')}?=`
