/** Answers of an IMAP server that are the caller's doing, as Refusals. */
import { Refusal } from '#kit/refusal.ts'

/** The server answered NO: the caller's doing. The connection's own failures are no answers and pass through. */
export function refused(advice: string, why: string, cause?: unknown): Refusal {
  return new Refusal(409, advice, why, { cause })
}

/** What the server refused a command for (RFC 5530 response codes). */
export function serverSaid(err: unknown, folder: string): unknown {
  const { serverResponseCode, responseStatus, code } = err as Record<string, string | undefined>
  if (serverResponseCode === 'NONEXISTENT' || code === 'NotFound') return gone(folder, err)
  if (serverResponseCode === 'ALREADYEXISTS')
    return refused('Đã có thư mục tên này.', `folder ${folder} is there already`, err)
  if (serverResponseCode === 'TRYCREATE') return gone(folder, err) // RFC 9051 §6.3.12
  if (serverResponseCode === 'OVERQUOTA')
    return new Refusal(413, 'Hộp thư đã đầy. Xóa bớt thư cũ rồi làm lại.', `${folder}: over quota`, { cause: err })
  if (responseStatus === 'NO')
    return refused('Không làm được việc này với thư mục.', `${folder}: ${(err as Error).message}`, err)
  return err
}

export function gone(folder: string, cause?: unknown): Refusal {
  return new Refusal(404, 'Thư mục này không còn, hoặc bạn không có quyền xem.', `folder ${folder} is missing`, {
    cause,
  })
}

export function missing(given: { folder: string; uid: number }): Refusal {
  return new Refusal(404, 'Thư này không còn trong thư mục.', `UID ${given.uid} in ${given.folder} is gone`)
}
