/** What every staff page has around it: who is signed in, the rail of apps with their counts, the theme. */
import type { RequestHandler } from 'express'
import { subsystem } from '#kit/log.ts'
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
  /** asked for every page, so keep it to a row of SQLite or a remembered value; live changes are sent as event `count` */
  count?: (session: Session) => Count | undefined | Promise<Count | undefined>
}

const log = subsystem('desk')
/** A figure that takes longer is left out: the page does not wait for it, the event stream brings it. */
const countMs = 150

/** The apps that there are, in the order of the rail; each part exports its own. */
export function deskFrame(given: { sessions: Sessions; apps: readonly DeskApp[]; secure: boolean }): RequestHandler {
  const name = cookieName(given.secure)
  return async (req, res, next) => {
    const cookie = readCookie(req, name)
    const session = cookie === undefined ? undefined : given.sessions.find(cookie)
    if (session) {
      res.locals['session'] = session
      // for whoever finds that the token has ended, and for streams that stay open
      res.locals['endSession'] = () => given.sessions.end(session.id)
      res.locals['signedIn'] = () => given.sessions.find(cookie!) !== undefined
      const apps = given.apps.filter((a) => a.shown?.(session) ?? true)
      res.locals['desk'] = {
        person: session.person,
        theme: given.sessions.theme(session.person.address),
        apps: await Promise.all(apps.map(async (a) => ({ ...a, count: await countOf(a, session) }))),
      }
    }
    next()
  }
}

async function countOf(app: DeskApp, session: Session): Promise<Count | undefined> {
  if (!app.count) return undefined
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, countMs, undefined)
  })
  try {
    return await Promise.race([app.count(session), patience])
  } catch (err) {
    log.warn({ err, app: app.id }, 'a count of the rail failed')
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
