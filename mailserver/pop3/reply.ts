/** The first line of every answer (RFC 1939 §3), with response codes (RFC 2449 §8, RFC 3206). */

/** What people may read in their mail program is in both languages; the rest, which only programs see, in English. */
export type Text = string | { vi: string; en: string }
/** RFC 6856 §3: what LANG chose; both until then */
export type Language = 'both' | 'vi' | 'en'
export type Reply = { ok: boolean; code?: Code; text: Text }
/** AUTH: name or secret; IN-USE: another session; SYS: ours, and whether it passes by itself; UTF8: only in that mode */
export type Code = 'AUTH' | 'IN-USE' | 'SYS/TEMP' | 'SYS/PERM' | 'UTF8'

export const ok = (text: Text = ''): Reply => ({ ok: true, text })
export const err = (text: Text, code?: Code): Reply => ({ ok: false, text, ...(code ? { code } : {}) })

/** The client's command is not one, or not one now: answered -ERR and not logged. */
export class Refused extends Error {
  override name = 'Refused'
  readonly reply: Reply
  constructor(text: Text, code?: Code) {
    super(typeof text === 'string' ? text : text.en)
    this.reply = err(text, code)
  }
}

/** Without CRLF. CR and LF within would start another line of the protocol. */
export function writeReply({ ok, code, text }: Reply, language: Language): string {
  const words = [ok ? '+OK' : '-ERR', ...(code ? [`[${code}]`] : []), inLanguage(text, language)]
  return words
    .filter((word) => word !== '')
    .join(' ')
    .replaceAll(/[\r\n]+/g, ' ')
}

function inLanguage(text: Text, language: Language): string {
  if (typeof text === 'string') return text
  return language === 'both' ? `${text.vi} / ${text.en}` : text[language]
}

export const sentences = {
  wrongPassword: { vi: 'Sai địa chỉ hoặc mật khẩu.', en: 'Wrong address or password.' },
  slowed: {
    vi: 'Sai mật khẩu quá nhiều lần. Hãy đợi rồi thử lại.',
    en: 'Too many wrong passwords; wait and try again.',
  },
  notAllowed: { vi: 'Tài khoản không được dùng ở đây.', en: 'This account may not be used here.' },
  withdrawn: { vi: 'Quyền truy cập đã kết thúc.', en: 'Access has ended.' },
  inUse: {
    vi: 'Hộp thư đang được một phiên POP3 khác sử dụng. Hãy thử lại sau ít phút.',
    en: 'Another POP3 session has this mailbox; try again in a few minutes.',
  },
  full: { vi: 'Máy chủ đang quá tải, vui lòng thử lại sau.', en: 'Too many connections, try again later.' },
  gone: { vi: 'Thư này không còn trong hộp thư.', en: 'This message is no longer in the mailbox.' },
  needsUtf8: {
    vi: 'Phần đầu của thư này chỉ đọc được ở chế độ UTF8.',
    en: 'The header of this message can be read in UTF8 mode only.',
  },
  notDeleted: { vi: 'Không xóa được thư.', en: 'The messages were not deleted.' },
  needsTls: { vi: 'Hãy bật mã hóa TLS trước khi đăng nhập.', en: 'Use TLS before signing in.' },
} as const satisfies Record<string, Text>
