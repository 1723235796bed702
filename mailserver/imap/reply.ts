/** The tagged answer of a command, as commands return it; the session writes it after what changed. */
export type Reply = { status: 'OK' | 'NO' | 'BAD'; code?: string; text: string }

export const ok = (text: string, code?: string): Reply => ({ status: 'OK', text, ...(code ? { code } : {}) })
export const no = (code: string | undefined, text: string): Reply => ({ status: 'NO', text, ...(code ? { code } : {}) })
export const bad = (text: string, code?: string): Reply => ({ status: 'BAD', text, ...(code ? { code } : {}) })

/** Thrown by commands and their helpers where a `NO` ends the work. */
export class No extends Error {
  override name = 'No'
  readonly reply: Reply
  constructor(code: string | undefined, text: string) {
    super(text)
    this.reply = no(code, text)
  }
}

/** CR and LF would start another line of the protocol. */
export const writeReply = ({ status, code, text }: Reply): string =>
  `${status} ${code ? `[${code}] ` : ''}${text.replaceAll(/[\r\n]+/g, ' ')}`

/** Sentences that people see in their mail programs, Vietnamese first (docs/decisions/imap.md says why UTF-8 here). */
export const sentences = {
  appendOnly: 'Sổ và hồ sơ đã xử lý chỉ được ghi thêm bởi hệ thống, không thể thay đổi. / The register is append-only.',
  overQuota: 'Hộp thư đã đầy. Hãy xóa bớt thư rồi thử lại. / The mailbox is full.',
  readOnly: 'Bạn chỉ được xem hộp thư dùng chung này. / You may only read this shared mailbox.',
  noRight: 'Bạn không có quyền làm việc này ở đây. / You do not have the right to do this here.',
  tooBig: 'Thư quá lớn. / The message is too large.',
  missing: 'Không có thư mục này. / There is no such mailbox.',
  exists: 'Thư mục đã có. / The mailbox exists already.',
  wrongPassword: 'Sai địa chỉ hoặc mật khẩu. / Wrong address or password.',
  slowed: 'Sai mật khẩu quá nhiều lần. Hãy đợi rồi thử lại. / Too many wrong passwords; wait and try again.',
  notAllowed: 'Tài khoản không được dùng ở đây. / This account may not be used here.',
  full: 'Máy chủ đang quá tải, vui lòng thử lại sau. / Too many connections, try again later.',
  diskFull:
    'Máy chủ hết chỗ chứa, chưa lưu được. Hãy thử lại sau. / The disk is full, nothing was kept; try again later.',
  withdrawn: 'Quyền truy cập đã kết thúc. / Access has ended.',
} as const

/** What the store says when it takes no message, as `NO`. */
export function refused(why: 'over-quota' | 'append-only' | 'gone'): No {
  if (why === 'over-quota') return new No('OVERQUOTA', sentences.overQuota)
  return why === 'gone' ? new No('TRYCREATE', sentences.missing) : new No('CANNOT', sentences.appendOnly)
}
