import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import type { Log } from '#kit/log.ts'
import { Refusal } from '#kit/refusal.ts'
import { inLayout, type Layout, pages } from '#kit/web/page.ts'

const { part } = pages(`${import.meta.dirname}/views`, 'plain')

export const notFound: RequestHandler = (req, _res, next) => {
  next(
    new Refusal(
      404,
      'Đường dẫn có thể đã đổi hoặc gõ thiếu. Hồ sơ và thư không mất vì việc này.',
      `no page at ${req.method} ${req.path}`,
    ),
  )
}

/** What the page says first; the refusal's own advice follows. */
const titles: Record<number, string> = {
  400: 'Chưa đọc được yêu cầu',
  401: 'Cần đăng nhập',
  403: 'Chưa được phép làm việc này',
  404: 'Không có trang này',
  409: 'Có thay đổi trong lúc làm',
  410: 'Trang này đã hết hạn',
  413: 'Nội dung gửi lên quá lớn',
  422: 'Có chỗ cần sửa',
  429: 'Thử lại sau ít phút',
  503: 'Máy chủ đang bận',
}

/**
 * The one place where errors become pages. A Refusal is said to the person in its own words; anything else is ours:
 * logged loudly under `ref`, and the page says what is safe, what to do, and the ref to read out.
 *
 * @param signIn called for 401 instead of showing a page, where the site has a sign-in
 */
export function errorPages(log: Log, layout: Layout, signIn?: (res: Response) => void): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const { ref } = res.locals
    if (wentAway(error, res)) {
      log.info({ ref, path: req.path }, 'the browser went away before its answer')
      return void res.destroy()
    }
    const refusal = asRefusal(error)
    if (refusal) log.info({ ref, status: refusal.status, path: req.path, why: refusal.message }, 'refused')
    else log.error({ ref, path: req.path, err: error }, 'a page failed')
    const status = refusal?.status ?? 500
    if (status === 401) {
      // the token ended elsewhere: without this the sign-in page would lead straight back here
      const end = res.locals['endSession'] as (() => void) | undefined
      end?.()
      res.locals['session'] = undefined
      res.locals['desk'] = undefined
    }
    if (res.headersSent) return next(error)
    if (status === 401 && signIn && req.method === 'GET' && req.get('hx-request') !== 'true') return signIn(res)
    res.status(status)
    if (!req.accepts('html')) return void res.json({ error: { status, advice: refusal?.advice ?? '', ref } })
    const title = titles[status] ?? (refusal ? 'Chưa làm được việc này' : 'Trang này chưa mở được')
    const data = {
      title,
      advice: refusal?.advice ?? 'Có lỗi ở máy chủ. Những gì đã báo là đã nhận, đã gửi hay đã lưu vẫn còn nguyên.',
      again: (refusal === undefined || status === 503) && req.method === 'GET' ? req.originalUrl : undefined,
      ours: refusal === undefined,
      status,
      signInPath: signIn && '/dang-nhap',
    }
    const body = part(res, 'error', data)
    res
      .type('html')
      .send(req.get('hx-request') === 'true' ? body : inLayout(res, framed(req) ? 'plain' : layout, { ...data, body }))
  }
}

/** A preview inside a page: the page around it has its own rail. */
const framed = (req: Request) => req.get('sec-fetch-dest') === 'iframe'

/** Nobody is there any more to be answered, and nothing is wrong with us. */
const wentAway = (error: unknown, res: Response): boolean =>
  res.destroyed &&
  ['ERR_STREAM_UNABLE_TO_PIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(
    String((error as NodeJS.ErrnoException | undefined)?.code),
  )

/** Errors of Express and its parsers, which carry a status, in our words. */
function asRefusal(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  if (error instanceof Error && 'later' in error && error.later === true)
    return new Refusal(
      503,
      'Máy chủ thư đang khởi động lại. Những gì đã báo là đã nhận, đã gửi hay đã lưu vẫn còn nguyên. Thử lại sau ít phút.',
      error.message,
      { cause: error },
    )
  if (error instanceof URIError) return new Refusal(400, 'Đường dẫn viết sai. Kiểm tra lại đường dẫn.', error.message)
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined
  if (error.status < 400 || error.status > 499) return undefined
  const advice =
    error.status === 413
      ? 'Phần chữ nhập vào dài quá mức nhận được. Rút ngắn hoặc đưa vào tệp kèm theo.'
      : 'Nội dung gửi lên không đọc được nên chưa làm gì. Tải lại trang rồi gửi lại.'
  return new Refusal(error.status, advice, error.message, { cause: error })
}
