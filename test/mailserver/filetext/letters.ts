/** A letter with files, each named and encoded as mail programs do. */
export function letterWith(subject: string, files: readonly [name: string, type: string, octets: Buffer][]): Buffer {
  const parts = files.map(
    ([name, type, octets]) =>
      `--b\r\nContent-Type: ${type}\r\nContent-Disposition: attachment; filename*=UTF-8''${encodeURIComponent(name)}\r\n` +
      `Content-Transfer-Encoding: base64\r\n\r\n${octets.toString('base64').replaceAll(/.{76}/g, '$&\r\n')}\r\n`,
  )
  return Buffer.from(
    `From: an@haiduong.gov.vn\r\nTo: ha@haiduong.gov.vn\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\n` +
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nXem kèm theo.\r\n${parts.join('')}--b--\r\n`,
  )
}
