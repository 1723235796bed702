/** Administration in the browser: mailboxes with their rights, and the queue of mail to the outside. */
import { Router } from 'express'
import type { Directory } from '#kit/directory/calls.ts'
import type { DeskApp } from '#kit/web/desk.ts'
import { requireSession } from '#kit/web/session.ts'
import { mailboxRouter } from './pages/mailboxes.ts'
import { queueRouter } from './pages/queue.ts'
import { recordRouter } from './pages/record.ts'
import { sessionRouter } from './pages/sessions.ts'
import { Administrators } from './right.ts'

/** @param domain of the province; its quantri@ says who administers */
export function adminPages({ directory, domain }: { directory: Directory; domain: string }): {
  app: DeskApp
  router: Router
} {
  const administrators = new Administrators(directory, `quantri@${domain}`)
  const router = Router()
  router.use('/quan-tri', requireSession, administrators.required)
  router.get('/quan-tri', (_req, res) => res.redirect(302, '/quan-tri/hop-thu'))
  router.use(mailboxRouter(directory, domain))
  router.use(queueRouter(directory))
  router.use(sessionRouter(directory))
  router.use(recordRouter(directory))
  return {
    router,
    app: {
      id: 'admin',
      label: 'Quản trị',
      icon: 'settings',
      href: '/quan-tri/hop-thu',
      wide: true,
      foot: true,
      shown: (session) => administrators.shown(session),
    },
  }
}
