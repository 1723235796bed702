/** Answers (RFC 5804 §1.3): OK, NO or BYE, a code in parentheses, a text for people in both languages. */
export type Reply = { kind: 'OK' | 'NO' | 'BYE'; code?: string; text?: string }

export const ok = (text?: string, code?: string): Reply => ({
  kind: 'OK',
  ...(text ? { text } : {}),
  ...(code ? { code } : {}),
})
export const no = (text: string, code?: string): Reply => ({ kind: 'NO', text, ...(code ? { code } : {}) })
export const bye = (text: string, code?: string): Reply => ({ kind: 'BYE', text, ...(code ? { code } : {}) })

/** The command is not what its grammar says; the session goes on. */
export class BadSyntax extends Error {
  override name = 'BadSyntax'
}

/** Quoted when it can be (§4: at most 1024 octets, no line ends), else a literal. */
export function writeString(text: string): string {
  const octets = Buffer.byteLength(text)
  if (octets <= 1024 && !/[\r\n\0]/.test(text)) return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  return `{${octets}}\r\n${text}`
}

export function writeReply({ kind, code, text }: Reply): string {
  return `${kind}${code ? ` (${code})` : ''}${text ? ` ${writeString(text)}` : ''}`
}

export const sentences = {
  full: 'Máy chủ đang bận, vui lòng thử lại sau ít phút. / Too many connections, try again in a few minutes.',
  slowed: 'Đăng nhập sai nhiều lần, vui lòng chờ ít phút. / Too many failed attempts, wait a few minutes.',
  wrongPassword: 'Địa chỉ hoặc mật khẩu không đúng. / Wrong address or password.',
  notAllowed: 'Tài khoản này không có bộ lọc thư. / There are no filters for this kind of account.',
  needsTls: 'Cần kết nối bảo mật (STARTTLS) trước. / STARTTLS first.',
  missing: 'Không có bộ lọc này. / There is no script of that name.',
  exists: 'Đã có bộ lọc tên này. / A script of that name exists.',
  active: 'Bộ lọc đang dùng, hãy tắt trước khi xoá. / The script is active.',
  badName: 'Tên bộ lọc không hợp lệ. / Not a name for a script.',
  tooMany: 'Đã đủ số bộ lọc cho phép. / There are too many scripts already.',
  tooMuch: 'Các bộ lọc cộng lại quá lớn. / Your scripts together would be too large.',
  tooLarge: 'Bộ lọc quá lớn. / The script is too large.',
} as const
