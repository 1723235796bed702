import { Router } from 'express'
import { requireSession, sessionOf } from '#kit/web/session.ts'
import type { Hub } from '#kit/web/sse.ts'

/** `GET /truc-tiep`: the event stream of the signed-in person. Events: `count` {app, n, words, hot}, `changed` {topic}. */
export function liveRouter(hub: Hub): Router {
  const router = Router()
  router.get('/truc-tiep', requireSession, (req, res) =>
    hub.join(req, res, sessionOf(res).person.address, res.locals['signedIn'] as () => boolean),
  )
  return router
}
