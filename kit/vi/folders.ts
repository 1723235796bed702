/** Folders that every mailbox has, as pages and letters call them; others by their own names. */
const names: Record<string, string> = {
  INBOX: 'Hộp thư đến',
  Drafts: 'Thư nháp',
  Sent: 'Đã gửi',
  Archive: 'Lưu trữ',
  Junk: 'Thư rác',
  Trash: 'Thùng rác',
  Ledger: 'Sổ cái',
  Handled: 'Đã xử lý',
  'Dead letters': 'Thư không xử lý được',
}

/** "Junk" → "Thư rác", "Ledger/2026" → "Sổ cái / 2026" */
export function folderName(path: string): string {
  const [first = '', ...rest] = path.split('/')
  return [names[first] ?? first, ...rest].join(' / ')
}
