/** What people call sets of rights of RFC 4314. */
export const levels = [
  { id: 'xem', label: 'Xem', hint: 'Đọc thư. Không đổi được gì.', rights: 'lr' },
  { id: 'danh-dau', label: 'Xem và đánh dấu', hint: 'Thêm: đánh dấu đã đọc, cần làm.', rights: 'lrsw' },
  { id: 'them-xoa', label: 'Thêm và xóa', hint: 'Thêm: đưa thư vào, chuyển đi, xóa.', rights: 'lrswipte' },
  {
    id: 'quan-ly',
    label: 'Quản lý',
    hint: 'Thêm: tạo, đổi tên, xóa thư mục con và chia sẻ tiếp.',
    rights: 'lrswipkxtea',
  },
] as const

/** Rights set in another program may be between two levels: then their letters are shown. */
export function levelOf(rights: string): string {
  const has = (wanted: string) => wanted.length === rights.length && [...wanted].every((r) => rights.includes(r))
  return levels.find((level) => has(level.rights))?.label ?? `Quyền riêng (${rights})`
}

/** Rights on a whole office, as the administration gives them. */
export const rightWords = { read: 'đọc', act: 'xử lý việc', send: 'gửi thay', manage: 'quản lý' } as const
