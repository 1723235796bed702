/** The official's mailbox in the browser: an IMAP and submission client with nothing of its own to lose. */
import { Router } from 'express'
import type { DeskApp } from '#kit/web/desk.ts'
import { composeRouter } from '#webmail/compose/router.ts'
import type { Webmail } from '#webmail/context.ts'
import { deletedRouter } from '#webmail/deleted/router.ts'
import { filtersRouter } from '#webmail/filters/router.ts'
import { actRouter } from '#webmail/list/act.ts'
import { listRouter } from '#webmail/list/router.ts'
import { letterRouter } from '#webmail/read/router.ts'
import { searchRouter } from '#webmail/search/router.ts'
import { shareRouter } from '#webmail/share/router.ts'
import { usageRouter } from '#webmail/usage/router.ts'

export const mailApp: DeskApp = { id: 'mail', label: 'Thư', icon: 'mail', href: '/thu' }
/** served name → file, for the desk's assets */
export const mailAssets = {
  'webmail.css': `${import.meta.dirname}/webmail.css`,
  'webmail.js': `${import.meta.dirname}/webmail.js`,
}

export function webmailRouter(webmail: Webmail): Router {
  const router = Router()
  router.use(composeRouter(webmail)) // before /thu/:uid
  router.use(shareRouter(webmail)) // before /thu/:uid too
  router.use(filtersRouter(webmail)) // and this
  router.use(usageRouter(webmail)) // and this
  router.use(deletedRouter(webmail)) // and this
  router.use(actRouter(webmail))
  router.use(searchRouter(webmail)) // before /thu/:uid, too
  router.use(letterRouter(webmail))
  router.use(listRouter(webmail))
  return router
}
