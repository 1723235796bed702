/** What every staff page has around it: who is signed in, the rail of apps with their counts, the theme. */
import type { RequestHandler } from 'express'
import { cookieName, readCookie, type Session, type Sessions } from '#kit/web/session.ts'

export type Count = {
  n: number
  /** what is counted, read aloud: "chưa đọc", "quá hạn" */
  words: string
  /** late work: red */
  hot?: boolean
}
export type DeskApp = {
  /** in `active` of a page's data: which app the page belongs to */
  id: string
  label: string
  /** Tabler outline icon */
  icon: string
  href: string
  /** on phones only under "Thêm": the bar there holds five */
  wide?: boolean
  /** at the foot of the rail: administration */
  foot?: boolean
  /** who sees it; everybody when absent */
  shown?: (session: Session) => boolean
  /** a figure that costs no more than a row of SQLite; live changes are sent as event `count` */
  count?: (session: Session) => Count | undefined
}

/** The apps that there are, in the order of the rail; each part exports its own. */
export function deskFrame(given: { sessions: Sessions; apps: readonly DeskApp[]; secure: boolean }): RequestHandler {
  const name = cookieName(given.secure)
  return (req, res, next) => {
    const cookie = readCookie(req, name)
    const session = cookie === undefined ? undefined : given.sessions.find(cookie)
    if (session) {
      res.locals['session'] = session
      res.locals['desk'] = {
        person: session.person,
        theme: given.sessions.theme(session.person.address),
        // counted when a page is drawn, not for every request
        get apps() {
          return given.apps.filter((a) => a.shown?.(session) ?? true).map((a) => ({ ...a, count: a.count?.(session) }))
        },
      }
    }
    next()
  }
}
