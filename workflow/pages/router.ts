import { Router } from 'express'
import type { DeskApp } from '#kit/web/desk.ts'
import { requireSession, sessionOf } from '#kit/web/session.ts'
import { actRouter } from './act.ts'
import { attachmentRouter } from './attachment.ts'
import { caseRouter } from './case.ts'
import type { Given, WorkflowOptions } from './given.ts'
import { lettersRouter } from './letters.ts'
import { createMailboxes } from './mailboxes.ts'
import { registerRouter } from './register.ts'
import { openRegisters } from './registers.ts'
import { viewers } from './viewer.ts'
import { waiting, watchRegisters } from './watch.ts'
import { worklistRouter } from './worklist.ts'

export type { WorkflowOptions } from './given.ts'

export type WorkflowPages = AsyncDisposable & {
  router: Router
  /** "Văn bản" and "Hồ sơ" of the rail */
  apps: readonly DeskApp[]
}

/** The desk's pages of dossiers and registers: `/ho-so…`, `/van-ban…`. Mount behind `deskFrame`. */
export function workflowPages(options: WorkflowOptions): WorkflowPages {
  const now = options.now ?? (() => new Date())
  const registers = openRegisters(options.projections)
  const mailboxes = options.mailboxes ?? createMailboxes(options.imap)
  const viewerOf = viewers(options.directory, now)
  const isOff = (date: string) => !options.calendar.isWorkingDay(date)
  const given: Given = { ...options, now, registers, mailboxes, viewerOf, isOff }
  const watch = watchRegisters(given)

  const router = Router()
  const paths = /^\/(ho-so|van-ban)(\/|$)/
  router.use((req, res, next) => (paths.test(req.path) ? requireSession(req, res, next) : next('router')))
  router.use(async (_req, res, next) => {
    const viewer = await viewerOf(sessionOf(res))
    if (viewer) watch.saw(viewer)
    next()
  })
  for (const part of [worklistRouter, registerRouter, attachmentRouter, lettersRouter, caseRouter, actRouter])
    router.use(part(given))

  return {
    router,
    apps: [
      { id: 'documents', label: 'Văn bản', icon: 'file-text', href: '/van-ban/den' },
      {
        id: 'dossiers',
        label: 'Hồ sơ',
        icon: 'folder',
        href: '/ho-so',
        count: async (session) => {
          const viewer = await viewerOf(session)
          return viewer && waiting(given, viewer)
        },
      },
    ],
    [Symbol.asyncDispose]: async () => {
      watch[Symbol.dispose]()
      await mailboxes[Symbol.asyncDispose]()
      registers[Symbol.dispose]()
    },
  }
}
