/**
 * Server-sent events: what pages hear while they are open. Nothing is kept for those who are away; a page that comes
 * back asks for the state anew.
 */
import type { Request, Response } from 'express'
import { Refusal } from '#kit/refusal.ts'

/** All pages of one process together: each holds a socket and a few KB. */
const mostClients = 2000
/** One person's open tabs; the oldest is let go (browsers allow six connections to a host over HTTP/1.1). */
const mostTabs = 4
/** Proxies cut a silent connection after 30 s or more. */
const heartbeatMs = 20_000
/** A page that does not read is let go; it comes back by itself when it can. */
const mostUnread = 64 * 1024

export type Hub = AsyncDisposable & {
  /**
   * Answers `req` with an open stream for `who`, until `alive` says no (asked before anything is sent).
   * Throws Refusal 503 when the process serves too many.
   */
  join: (req: Request, res: Response, who: string, alive?: () => boolean) => void
  /** Who has a page open now. */
  people: () => string[]
  /** To every page of `who`. `data` is sent as JSON. */
  send: (who: string, event: string, data: unknown) => void
  /** To every page. */
  all: (event: string, data: unknown) => void
  /** Calls `fn` when somebody opens a page, so that it can be sent the present state. */
  onJoin: (fn: (who: string) => void) => void
}

export function createHub(): Hub {
  const tabs = new Map<string, Response[]>()
  const greeters: ((who: string) => void)[] = []
  const ended = new WeakMap<Response, () => boolean>()
  let clients = 0

  const leave = (who: string, res: Response) => {
    const left = tabs.get(who)?.filter((r) => r !== res) ?? []
    if (left.length === 0) tabs.delete(who)
    else tabs.set(who, left)
  }
  const write = (res: Response, text: string) => {
    if (ended.get(res)?.()) res.end()
    else if (res.writableLength > mostUnread) res.destroy()
    else res.write(text)
  }
  const heartbeat = setInterval(() => {
    for (const open of tabs.values()) for (const res of open) write(res, ':\n\n')
  }, heartbeatMs)
  heartbeat.unref()

  return {
    join: (_req, res, who, alive = () => true) => {
      if (clients >= mostClients)
        throw new Refusal(503, 'Đang có quá nhiều trang mở. Trang này không tự cập nhật.', 'too many event streams')
      clients++
      ended.set(res, () => !alive())
      res.set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' })
      res.flushHeaders()
      res.write('retry: 3000\n\n')
      const mine = tabs.get(who) ?? []
      if (mine.length >= mostTabs) mine[0]?.end(frame('enough', {}))
      tabs.set(who, [...mine, res])
      res.once('close', () => {
        clients--
        leave(who, res)
      })
      for (const greet of greeters) greet(who)
    },
    people: () => [...tabs.keys()],
    send: (who, event, data) => {
      for (const res of tabs.get(who) ?? []) write(res, frame(event, data))
    },
    all: (event, data) => {
      for (const open of tabs.values()) for (const res of open) write(res, frame(event, data))
    },
    onJoin: (fn) => void greeters.push(fn),
    [Symbol.asyncDispose]: async () => {
      clearInterval(heartbeat)
      for (const open of tabs.values()) for (const res of open) res.end()
    },
  }
}

/** JSON holds no line break, so one `data:` line is enough. */
const frame = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
