/** Who looked at or changed what is not his own, and what the service removed by itself. */
import { Router } from 'express'
import type { Directory } from '#kit/directory/calls.ts'
import { pages } from '#kit/web/page.ts'
import { detailWords } from './recordwords.ts'

const { show } = pages(import.meta.dirname, 'desk')
const path = '/quan-tri/nhat-ky'
const pageRows = 100

/** what was done, in words; what is not here is shown by its name */
const deeds: Record<string, string> = {
  backup: 'Sao lưu',
  expire: 'Xóa thư quá hạn',
  'expiry.set': 'Đặt số ngày giữ',
  'mail.find': 'Tìm trong thư',
  'mail.read': 'Đọc thư',
  'mail.expunge': 'Xóa thư',
  'mail.move': 'Chuyển thư',
  'mail.copy': 'Sao chép thư',
  'mail.flag': 'Đánh dấu thư',
  'mail.import': 'Nhập thư',
  'mail.export': 'Xuất thư',
  'deleted.list': 'Tìm trong thư đã xóa',
  'deleted.restore': 'Khôi phục thư đã xóa',
  'deleted.purge': 'Xóa hẳn thư đã xóa',
  'alias.remove': 'Gỡ bí danh hoặc nhóm',
  'mailbox.create': 'Tạo thư mục',
  'mailbox.rename': 'Đổi tên thư mục',
  'mailbox.remove': 'Xóa thư mục',
  'sessions.end': 'Kết thúc phiên',
  'filter.put': 'Sửa bộ lọc',
  'filter.activate': 'Bật hoặc tắt bộ lọc',
  'script read': 'Đọc bộ lọc',
  'script kept': 'Sửa bộ lọc',
  'script made active': 'Bật hoặc tắt bộ lọc',
  'script removed': 'Xóa bộ lọc',
  'script renamed': 'Đổi tên bộ lọc',
  'metadata.set': 'Đặt ghi chú của máy chủ',
}

export function recordRouter(directory: Directory): Router {
  const router = Router()
  router.get(path, async (req, res) => {
    const text = (name: string) =>
      String(req.query[name] ?? '')
        .trim()
        .slice(0, 400)
    const q = text('q')
    const before = /^\d{1,15}$/.test(text('truoc')) ? Number(text('truoc')) : 0
    const { lines } = await directory['record.list']({
      limit: pageRows,
      ...(q && { address: q }),
      ...(before > 0 && { before }),
    })
    show(res, 'record', {
      title: 'Nhật ký quản trị',
      active: 'admin',
      path,
      q,
      before,
      lines: lines.map((l) => ({
        ...l,
        deed: deeds[l.what] ?? l.what,
        words: detailWords(l.what, l.detail),
        who: whoseWords(l.by),
      })),
      next: lines.length === pageRows ? lines.at(-1)!.n : undefined,
    })
  })
  return router
}

/** A part of the service, the user of the machine who gave a command, or somebody who was signed in. */
function whoseWords(by: string): string {
  if (!by.includes('@')) return 'tự động'
  return by.endsWith('@cli') ? `${by.slice(0, -4)} (dòng lệnh)` : by
}
